/**
 * `kill -9` of a process that puts, deletes and collects garbage, in its own thread and beside it. Afterwards every object
 * that was acknowledged is there, whole, and what was deleted is not; no object is there by half; and once all are deleted, nothing
 * is left on disk. DS_TORTURE_ROUNDS=200 makes it two hundred kills.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { buildChildScript } from '../helpers/child-script.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { bodyOf, openKilledStore } from './blob-kill-bytes.js';

const ROUNDS = Number(process.env['DS_TORTURE_ROUNDS'] ?? 4);

interface Ledger {
  readonly kept: Set<string>;
  readonly deleted: Set<string>;
}

/** Acknowledgements after which a life ends: another number in each of eleven rounds. The other writers and gc are amid their work then. */
const acknowledgementsOf = (round: number) => 1 + ((round * 7) % 11);

async function liveAndDie(script: string, path: string, round: number, ledger: Ledger): Promise<void> {
  const thread = round % 2 === 0 ? 'thread' : '';
  const child = spawn(process.execPath, [script, path, `${round}`, thread], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const acknowledged = output.match(/^(?:put|deleted) /gm) ?? [];
    if (acknowledged.length >= acknowledgementsOf(round)) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
  // The last line may have been cut by the kill.
  for (const line of output.slice(0, output.lastIndexOf('\n')).split('\n')) {
    const [word, key = ''] = line.split(' ');
    if (word === 'put') ledger.kept.add(key);
    if (word === 'deleting') ledger.kept.delete(key);
    if (word === 'deleted') ledger.deleted.add(key);
  }
}

/** Reads all that is there, and deletes what is in neither list: its fate was not known. */
async function judge(path: string, ledger: Ledger): Promise<void> {
  const { store, contents, file } = openKilledStore(path, false);
  try {
    expect(file.quickCheck()).toEqual([]);
    // Every third time gc comes first, to whatever the dead have left.
    if (ledger.kept.size % 3 === 0) await contents.gc({ graceMs: 0 });
    const { objects } = await store.listObjects('kept', { limit: 100_000 });
    const there = new Set(objects.map(({ key }) => key));
    expect([...ledger.kept].filter((key) => !there.has(key))).toEqual([]);
    expect([...ledger.deleted].filter((key) => there.has(key))).toEqual([]);
    for (const { key, etag } of objects) {
      const md5 = createHash('md5');
      for await (const piece of (await store.getObject({ bucket: 'kept', key })).body) md5.update(piece);
      expect([key, md5.digest('hex')]).toEqual([key, etag]);
      expect(createHash('md5').update(bodyOf(key)).digest('hex')).toBe(etag);
      if (!ledger.kept.has(key)) await store.deleteObject({ bucket: 'kept', key });
    }
  } finally {
    await store.close();
  }
}

test(
  `${ROUNDS} kills lose no acknowledged object and leave no half one`,
  async () => {
    const script = await buildChildScript(new URL('blob-kill-child.ts', import.meta.url));
    onTestFinished(script.remove);
    const path = join(temporaryFolder(), 'blob.db');
    const first = openKilledStore(path, false);
    await first.store.createBucket('kept');
    await first.store.close();
    const ledger: Ledger = { kept: new Set(), deleted: new Set() };
    for (let round = 0; round < ROUNDS; round++) {
      await liveAndDie(script.path, path, round, ledger);
      await judge(path, ledger);
    }
    expect(ledger.kept.size).toBeGreaterThan(ROUNDS);

    const { store, contents, folder } = openKilledStore(path, false);
    for (const key of ledger.kept) await store.deleteObject({ bucket: 'kept', key });
    await contents.gc({ graceMs: 0 });
    expect((await contents.scrub()).chunks).toBe(0);
    expect(await contents.gc({ graceMs: 0 })).toMatchObject({ contents: 0, packs: 0 });
    await store.close();
    // What a kill left between the making of a file and that of its row stays for a minute, and is empty.
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    expect(sizes.filter((size) => size > 0)).toEqual([]);
  },
  30_000 + ROUNDS * 5000,
);
