import { testExamplesOf } from './examples.js';

await testExamplesOf('kv');
