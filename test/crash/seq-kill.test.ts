/**
 * Two processes and a daemon on one file, killed at random under load. Whatever was printed or acknowledged is kept:
 * no ID and no ticket may ever appear twice, streams must rise, and committed gapless numbers must stay committed.
 *
 *     process A   ds seq next, decimal            ─┐
 *     process B   ds seq next, binary; or tickets  ├── one SQLite file
 *     daemon      SEQ.NEXT, INCR, gapless numbers ─┘
 *
 * DS_TORTURE_ROUNDS=1000 makes it a thousand kills.
 */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openSequencerStore } from '../../src/blocks/seq/store.js';
import { systemClock } from '../../src/platform/clock.js';
import { readMachineFingerprint } from '../../src/platform/machine.js';
import { makeTemporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';
import { GaplessLedger, runDaemonLives } from './seq-daemon-lives.js';
import { binaryIds, decimalLines, Ledger } from './seq-ledger.js';
import { Kills, runProcessLives, type Stream } from './seq-process-lives.js';

const KILLS = Number(process.env['DS_TORTURE_ROUNDS'] ?? 40);
/** Generous: a kill takes about a fifth of a second on two busy cores. */
const TIMEOUT_MS = 60_000 + KILLS * 1000;

const folder = makeTemporaryFolder();
afterAll(() => folder.remove());

test(
  `${KILLS} kills of two processes and a daemon on one file repeat no ID and no ticket`,
  async () => {
    const db = join(folder.path, 'seq.db');
    const [ids, tickets, gapless] = [new Ledger(), new Ledger(), new GaplessLedger()];
    const kills = new Kills(KILLS);
    const decimal: Stream = {
      args: ['seq', 'next', '--db', db],
      open: (life) => decimalLines(ids.openStream(`decimal life ${life}`)),
    };
    const binary: Stream = {
      args: ['seq', 'next', '--db', db, '--format', 'binary'],
      open: (life) => binaryIds(ids.openStream(`binary life ${life}`)),
    };
    const orders: Stream = {
      args: ['seq', 'ticket', 'orders', '--db', db],
      open: (life) => decimalLines(tickets.openStream(`orders life ${life}`)),
    };
    await Promise.all([
      runProcessLives([decimal], folder.path, kills),
      runProcessLives([binary, orders], folder.path, kills),
      runDaemonLives(db, folder.path, kills, { ids, tickets, gapless }),
    ]);

    expect([...ids.violations, ...tickets.violations, ...gapless.violations]).toEqual([]);
    expect(ids.duplicates()).toEqual([]);
    expect(tickets.duplicates()).toEqual([]);
    expect(ids.count).toBeGreaterThan(KILLS * 100);
    expect(tickets.count).toBeGreaterThan(KILLS);
    expect(gapless.committed.size).toBeGreaterThan(0);
    await expectGapless(db, gapless);
  },
  TIMEOUT_MS,
);

/** What the file says against what clients were told; then what is left over is given again until no hole stays. */
async function expectGapless(db: string, ledger: GaplessLedger): Promise<void> {
  const store = openSequencerStore({ path: db, clock: systemClock, machine: readMachineFingerprint() });
  try {
    expect(store.file.quickCheck()).toEqual([]);
    const last = (await store.tickets.current('invoices')) ?? 0n;
    const holes = new Set((await store.tickets.holes('invoices')).map((hole) => hole.number));
    const lost = [...ledger.committed].filter((number) => number > last || holes.has(number));
    expect(lost).toEqual([]);
    const unexplained: bigint[] = [];
    for (let number = 1n; number <= last; number++) {
      if (!holes.has(number) && !ledger.committed.has(number) && !ledger.unanswered.has(number))
        unexplained.push(number);
    }
    expect(unexplained).toEqual([]);

    await waitFor(async () => (await store.tickets.holes('invoices')).every(({ state }) => state === 'abandoned'));
    for (const number of [...holes].sort((a, b) => (a < b ? -1 : 1))) {
      const ticket = await store.tickets.reserve('invoices', { holder: 'crash test', ttlMs: 60_000 });
      expect(ticket.number).toBe(number);
      await store.tickets.commit(ticket);
    }
    expect(await store.tickets.holes('invoices')).toEqual([]);
    expect(await store.tickets.current('invoices')).toBe(last);
  } finally {
    await store.close();
  }
}
