/**
 * Opens the file given as argument, writes a line, and prints the error that this ends with as JSON: as a user to whom
 * permissions apply, since root may write everywhere.
 */
import { writeSync } from 'node:fs';
import { DsError } from '../../../src/platform/errors.js';
import { openStore } from '../../../src/platform/store/store.js';
import { ADD, notes } from './definition.js';

const path = process.argv[2] ?? '';
const NOBODY = 65534;

if (process.getuid?.() === 0) {
  // Loads the addon while that can still be read.
  openStore(notes, { path }).close();
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}
try {
  const store = openStore(notes, { path });
  store.write(() => store.statement<[string]>(ADD).run('written'));
  store.close();
  writeSync(1, '{}');
} catch (error) {
  if (!(error instanceof DsError)) throw error;
  const { code, kind, details, message, hint } = error;
  writeSync(1, JSON.stringify({ code, kind, details, message, hint }));
}
