/**
 * Schedulers that share a store are started, paused for longer than their lease and killed at random, two at a time, and where the
 * store is a server that too goes away at times. What their jobs have written then says what was started, and is held against the rows.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Delivery } from '../../src/blocks/cron/job.js';
import type { Ledger } from '../../src/blocks/cron/ledger.js';
import type { Run } from '../../src/blocks/cron/run.js';
import { readJobSpec } from '../../src/blocks/cron/spec.js';
import { type RunningDs, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const LEASE_MS = 1_000;
/** Schedulers at the same time. */
const LIVES_AT_ONCE = 2;
/** The longest life, milliseconds: moments of the kill are drawn from it, so that over many rounds each step is hit. */
const LONGEST_LIFE_MS = 2_500;

const deliveries: readonly Delivery[] = ['at-most-once', 'at-least-once'];
const jobs = deliveries.flatMap((delivery) => [`${delivery}-a`, `${delivery}-b`].map((name) => ({ name, delivery })));

interface Line {
  readonly job: string;
  readonly slot: string;
  readonly fence: number;
}

export interface Lives {
  /** What a scheduler needs to find the store: `--db PATH`, or `--database URL`. */
  readonly flags: readonly string[];
  readonly open: () => Promise<Ledger>;
  readonly rounds: number;
  /** Of a store that is a server: ends it as a power failure would, and starts it again. */
  readonly restart?: () => Promise<void>;
}

export async function liveAndDie({ flags, open, rounds, restart }: Lives): Promise<void> {
  const folder = temporaryFolder();
  const log = join(folder, 'started');
  const home = join(folder, 'home');
  const ledger = await open();
  try {
    for (const { name, delivery } of jobs) {
      const command = `echo "$DS_CRON_JOB $DS_CRON_SLOT $DS_CRON_FENCE" >> '${log}'; sleep 0.3`;
      const raw = { name, schedule: '* * * * * *', command, delivery, concurrency: 'allow-all', 'catch-up': 'all' };
      await ledger.put(readJobSpec(raw, 'the test', { timeZone: 'UTC' }));
    }
    const server = new Restarts(restart);
    const start = (...more: string[]) => server.outlast(() => startScheduler(home, [...flags, ...more]));
    let lived = 0;
    const oneAfterAnother = async () => {
      while (lived < rounds) await oneLife(lived++, start, server);
    };
    await Promise.all(Array.from({ length: LIVES_AT_ONCE }, oneAfterAnother));
    await settleEverything(await start('--workers', '64'), ledger);
    const lines = readLines(log);
    for (const { name, delivery } of jobs) await checkJob(ledger, name, delivery, lines);
  } finally {
    await ledger.close();
  }
}

/** The server under the schedulers: one restart at a time, and none is held against a scheduler that was starting meanwhile. */
class Restarts {
  readonly #restart: () => Promise<void>;
  #last: Promise<void> = Promise.resolve();

  constructor(restart: (() => Promise<void>) | undefined) {
    this.#restart = restart ?? (() => Promise.resolve());
  }

  restart(): Promise<void> {
    this.#last = this.#last.then(this.#restart);
    return this.#last;
  }

  /** What fails is done again where a restart may have been the reason. */
  async outlast<Result>(work: () => Promise<Result>): Promise<Result> {
    for (;;) {
      const before = this.#last;
      await before;
      try {
        return await work();
      } catch (error) {
        if (this.#last === before) throw error;
      }
    }
  }
}

function startScheduler(home: string, flags: readonly string[]): Promise<RunningDs> {
  const own = ['--listen', '127.0.0.1:0', '--admin', 'off', '--lease', `${LEASE_MS}ms`];
  return startDs(['cron', 'serve', ...flags, ...own], { home });
}

async function oneLife(round: number, start: () => Promise<RunningDs>, server: Restarts): Promise<void> {
  const { child } = await start();
  const life = Math.random() * LONGEST_LIFE_MS;
  if (round % 3 === 2) {
    // Paused for longer than the lease, in which another takes over, and set free again.
    await after(life);
    child.kill('SIGSTOP');
    await after(LEASE_MS * 2.5);
    child.kill('SIGCONT');
  }
  await after(life);
  // The other one lives on without its store for a moment.
  if (round % 4 === 1) await server.restart();
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
}

/** The moment of a kill; nothing is waited for by it. */
const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** One that is left alone carries out what is left; jobs are paused so that nothing new comes. */
async function settleEverything(last: RunningDs, ledger: Ledger): Promise<void> {
  await waitFor(async () => (await ledger.status()).leader !== undefined, { timeoutMs: 10_000 });
  for (const { name } of jobs) await ledger.pause(name);
  await waitFor(
    async () => {
      const { queued, running } = await ledger.status();
      return queued === 0 && running === 0;
    },
    { timeoutMs: 60_000, intervalMs: 50, what: 'all runs to end' },
  );
  await last.stop();
}

function readLines(path: string): readonly Line[] {
  const text = readFileSync(path, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [job = '', slot = '', fence = ''] = line.split(' ');
      return { job, slot, fence: Number(fence) };
    });
}

async function checkJob(ledger: Ledger, name: string, delivery: Delivery, all: readonly Line[]): Promise<void> {
  const lines = all.filter(({ job }) => job === name);
  const runs = await allRuns(ledger, name);
  expect(lines.length, name).toBeGreaterThan(0);
  expect(new Set(lines.map(({ fence }) => fence)).size, 'each start has a fence of its own').toBe(lines.length);

  const slots = runs.map(({ slot }) => slot).sort((a, b) => a - b);
  const first = slots[0] ?? 0;
  expect(slots, 'each second has one row').toEqual(slots.map((_, index) => first + index * 1000));
  const open = runs.filter(({ state }) => state === 'queued' || state === 'running');
  expect(open, 'every run has ended').toEqual([]);

  const started = groupBySlot(lines);
  if (delivery === 'at-most-once') {
    expect(
      [...started.values()].filter((starts) => starts.length > 1),
      'no slot ran twice',
    ).toEqual([]);
  }
  for (const { slot, state } of runs) {
    const starts = started.get(new Date(slot).toISOString()) ?? [];
    if (state === 'succeeded') expect(starts.length, `${name} ${slot} ${state}`).toBeGreaterThan(0);
    if (['missed', 'skipped', 'overlapped'].includes(state)) expect(starts, `${name} ${slot} ${state}`).toEqual([]);
    if (delivery === 'at-least-once') expect(state, `${name} ${slot}`).not.toBe('fenced');
  }
}

async function allRuns(ledger: Ledger, job: string): Promise<readonly Run[]> {
  const found: Run[] = [];
  for (;;) {
    const before = found.at(-1)?.id;
    const page = await ledger.runs({ job, limit: 500, ...(before === undefined ? {} : { before }) });
    found.push(...page);
    if (page.length < 500) return found;
  }
}

function groupBySlot(lines: readonly Line[]): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (const line of lines) groups.set(line.slot, [...(groups.get(line.slot) ?? []), line]);
  return groups;
}
