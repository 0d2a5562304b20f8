/**
 * `kill -9` at random moments of processes that store entries in one file at once and merge blocks: each acknowledged entry is there
 * afterwards, each that is there is there once, with the checkpoint that was committed with it. DS_TORTURE_ROUNDS=200 makes it two hundred
 * kills.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lineText } from '../../src/blocks/log/entry-batch.js';
import { compact } from '../../src/blocks/log/store/compactor.js';
import type { EntryStore } from '../../src/blocks/log/store/entry-store.js';
import { readTotals } from '../../src/blocks/log/store/totals.js';
import { openEntryStore } from '../../src/blocks/log/store.js';
import { systemClock } from '../../src/platform/clock.js';
import { buildChildScript } from '../helpers/child-script.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const ROUNDS = Number(process.env['DS_TORTURE_ROUNDS'] ?? 3);
const WRITERS = ['a', 'b'] as const;

/** Returns the number of entries that each has acknowledged. */
async function writeAndKill(script: string, path: string, batches: number): Promise<number[]> {
  const children = WRITERS.map((writer) => {
    const child = spawn(process.execPath, [script, path, writer], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => lines.push(chunk));
    return { child, output: () => lines.join(''), exited: once(child, 'close') };
  });
  try {
    const enough = () => children.every(({ output }) => output().split('\n').length > batches);
    await waitFor(enough, { timeoutMs: 20_000, intervalMs: 1, what: 'acknowledged batches' });
  } finally {
    for (const { child } of children) child.kill('SIGKILL');
  }
  for (const { exited } of children) expect((await exited)[1]).toBe('SIGKILL');
  // The last line may have been cut by the kill.
  return children.map(({ output }) => Number(output().slice(0, output().lastIndexOf('\n')).split('\n').at(-1)));
}

/** Numbers of the entries of each writer, in the order in which they are read. */
async function readAll(store: EntryStore): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>(WRITERS.map((writer) => [writer, []]));
  const whole = { start: 0n, end: 2n ** 62n, matchers: [], direction: 'forward', required: [] } as const;
  for await (const { batch } of store
    .source('fake')
    .scan(whole, { blocks: 0, skippedBlocks: 0, damagedBlocks: 0, bytes: 0, entries: 0 }))
    for (let i = 0; i < batch.count; i++) {
      const [, writer = '', number] = /^(\w)\/(\d+) /.exec(lineText(batch, i)) ?? [];
      found.get(writer)?.push(Number(number));
    }
  return found;
}

test(
  `what two processes stored is there, once, after ${ROUNDS} kills of both`,
  async () => {
    const script = await buildChildScript(new URL('log-store-child.ts', import.meta.url));
    onTestFinished(script.remove);
    const path = join(temporaryFolder(), 'log.db');
    for (let round = 0; round < ROUNDS; round++) {
      const acknowledged = await writeAndKill(script.path, path, 2 + Math.floor(Math.random() * 30));
      const store = openEntryStore({ path, clock: systemClock });
      expect(store.sql.quickCheck()).toEqual([]);
      if (round % 2 === 1) await compact(store, { all: true });
      const found = await readAll(store);
      for (const [index, writer] of WRITERS.entries()) {
        const checkpoint = store.sql
          .statement<[string], { value: number }>('SELECT value FROM setting WHERE name = ?')
          .get(`writer ${writer}`)?.value;
        const numbers = (found.get(writer) ?? []).sort((a, b) => a - b);
        expect(numbers).toEqual(Array.from({ length: checkpoint ?? -1 }, (_, number) => number));
        expect(checkpoint).toBeGreaterThanOrEqual(acknowledged[index] ?? Number.POSITIVE_INFINITY);
      }
      expect(readTotals(store.sql).entries).toBe([...found.values()].flat().length);
      await store.close();
    }
  },
  30_000 + ROUNDS * 4000,
);
