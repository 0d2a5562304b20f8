/** Adds lines to the file given as argument, without a pause, until it is killed; says so after the first. */
import { writeSync } from 'node:fs';
import { openStore } from '../../../src/platform/store/store.js';
import { ADD, notes } from './definition.js';

const store = openStore(notes, { path: process.argv[2] ?? '', sync: 'normal' });
for (let line = 0; ; line++) {
  store.write(() => store.statement<[string]>(ADD).run(`during ${line}`));
  if (line === 0) writeSync(1, 'writing\n');
}
