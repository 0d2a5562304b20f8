/**
 * `kill -9` at random moments of a process that writes through the group commit: every acknowledged write is there
 * afterwards, and the file is sound. DS_TORTURE_ROUNDS=200 makes it two hundred kills.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/platform/store/store.js';
import { buildChildScript } from '../helpers/child-script.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';
import { ALL, notes } from '../platform/store/definition.js';

const ROUNDS = Number(process.env['DS_TORTURE_ROUNDS'] ?? 5);

/** Lets a process write until it has acknowledged `enough` lines, kills it, and returns all that it acknowledged. */
async function writeAndKill(script: string, path: string, round: number, enough: number): Promise<string[]> {
  const child = spawn(process.execPath, [script, path, `${round}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const exited = once(child, 'close');
  try {
    await waitFor(() => output.length > enough * 6, { timeoutMs: 20_000, intervalMs: 1, what: 'acknowledged writes' });
  } finally {
    child.kill('SIGKILL');
  }
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
  // The last line may have been cut by the kill.
  return output.slice(0, output.lastIndexOf('\n')).split('\n');
}

test(
  `every acknowledged write survives ${ROUNDS} kills`,
  async () => {
    const script = await buildChildScript(new URL('store-kill-child.ts', import.meta.url));
    onTestFinished(script.remove);
    const path = join(temporaryFolder(), 'notes.db');
    const acknowledged: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      acknowledged.push(...(await writeAndKill(script.path, path, round, Math.floor(Math.random() * 300))));
      const store = openStore(notes, { path });
      const kept = new Set(
        store.read(() =>
          store
            .statement<[], { text: string }>(ALL)
            .all()
            .map(({ text }) => text),
        ),
      );
      expect(store.quickCheck()).toEqual([]);
      store.close();
      expect(acknowledged.filter((text) => !kept.has(text))).toEqual([]);
    }
    expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  },
  30_000 + ROUNDS * 2000,
);
