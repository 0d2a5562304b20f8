/** Opens and closes stores at the path given, then lets the collector have whatever nobody holds. */
import { setImmediate } from 'node:timers/promises';
import { openStore } from '../../../src/platform/store/store.js';
import { ADD, notes } from './definition.js';

declare const gc: () => void;

for (let round = 0; round < 20; round++) {
  const store = openStore(notes, { path: process.argv[2] ?? '' });
  store.write(() => store.statement<[string]>(ADD).run(`round ${round}`));
  store.quickCheck();
  store.close();
}
for (let round = 0; round < 5; round++) {
  await setImmediate();
  gc();
}
process.stdout.write('alive');
