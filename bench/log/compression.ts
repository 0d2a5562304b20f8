/**
 * What loghub's eight systems (shared/data) take in the store, all in: blocks, filters, indexes; beside gzip of each file. The pages that an
 * empty store has already, of each table one, are subtracted: beside 2 MB they would be a third.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { wantsJson } from '../support/compare.js';
import { dsProgram, temporaryFolder } from '../support/processes.js';

const source = join(globalThis.DS_ROOT, '..', 'shared', 'data', 'loghub');
const [node, program] = dsProgram;

function ds(home: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(node, [program, ...args], {
    encoding: 'utf8',
    env: { ...process.env, DS_HOME: home },
  });
  if (status !== 0) throw new Error(`ds ${args.join(' ')} ended with ${status}: ${stderr}`);
}

/** Bytes of a store in which nothing is. */
function emptyStore(home: string): number {
  const [db, file] = [join(home, 'empty', 'log.db'), join(home, 'nothing.log')];
  writeFileSync(file, '');
  ds(home, 'log', 'ship', file, '--once', '--quiet', '--db', db);
  return statSync(db).size;
}

if (existsSync(source)) {
  const folder = temporaryFolder();
  try {
    const names = readdirSync(source).filter((name) => name.endsWith('.log.gz'));
    let [raw, gzipped] = [0, 0];
    const files = names.map((name) => {
      const text = gunzipSync(readFileSync(join(source, name)));
      const file = join(folder.path, name.replace(/\.gz$/, ''));
      writeFileSync(file, text);
      raw += text.length;
      gzipped += gzipSync(text).length;
      return file;
    });
    const db = join(folder.path, 'store', 'log.db');
    ds(folder.path, 'log', 'ship', ...files, '--once', '--quiet', '--db', db);
    ds(folder.path, 'log', 'compact', '--quiet', '--db', db);
    const stored = statSync(db).size;
    const empty = emptyStore(folder.path);
    const ratios = { store: raw / (stored - empty), file: raw / stored, gzip: raw / gzipped };
    if (wantsJson)
      process.stdout.write(
        `${JSON.stringify({ benchmark: 'log compression', raw, stored, empty, gzipped, ratios })}\n`,
      );
    else
      process.stdout.write(
        `\nloghub, ${names.length} systems, ${raw} bytes: ${stored - empty} in the store (${ratios.store.toFixed(2)} ×; a file of ${stored}, of which ${empty} when empty), ${gzipped} by gzip (${ratios.gzip.toFixed(2)} ×)\n`,
      );
  } finally {
    folder.remove();
  }
} else if (!wantsJson) process.stdout.write('\nloghub is not beside this checkout: compression is not measured\n');
