#!/usr/bin/env node
// Builds what is in the work tree, manifest included, and runs that.
import { build, writeReference } from '../build.js';

await build();
await writeReference();
await import('./run.js');
