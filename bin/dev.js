#!/usr/bin/env node
// Builds what is in the work tree, manifest and reference included, and runs that.
import('../build.js')
  .then(({ build, writeReference }) => build().then(() => writeReference()))
  .then(() => require('./run.js'));
