#!/usr/bin/env node
// Node >= 22.1 keeps the compiled code between runs.
if (!process.version.startsWith('v20.')) process.getBuiltinModule('node:module').enableCompileCache?.();
await import('../dist/src/platform/cli/main.js');
