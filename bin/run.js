#!/usr/bin/env node
// CommonJS, which starts sooner (build.js has the figures). Node >= 22.1 keeps the compiled code between runs.
require('node:module').enableCompileCache?.();
require('../dist/src/platform/cli/main.js');
