/**
 * Two processes take from one file, each until it is killed, one life after another. What was acknowledged must have been
 * kept: in no stretch of time may more have been taken than the limit gives in it.
 *
 *     an acknowledged taking      asked ├──────────┤ answered        happened somewhere in between
 *     a stretch from a to b       counts the takings that lie in it wholly: those surely happened in it
 *
 * DS_TORTURE_ROUNDS=300 makes it three hundred kills.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { defineLimit } from '../../src/blocks/limit/limit.js';
import { openLimiterStore } from '../../src/blocks/limit/store.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import { buildChildScript } from '../helpers/child-script.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { limits } from './limit-kill-limits.js';

const KILLS = Number(process.env['DS_TORTURE_ROUNDS'] ?? 16);
/** Processes on the file at the same time. */
const LIVES_AT_ONCE = 2;
/** Clocks of two processes agree to so many µs: platform/clock.ts passes smaller differences over, on either side. */
const CLOCKS_AGREE_US = 4000;

interface Taking {
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** By key. */
type Ledger = Map<string, Taking[]>;

async function liveAndDie(script: string, path: string, ledger: Ledger): Promise<number> {
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  let timer: NodeJS.Timeout | undefined;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    timer ??= setTimeout(() => child.kill('SIGKILL'), Math.random() * 400);
  });
  const [, signal] = await once(child, 'close');
  clearTimeout(timer);
  expect(signal).toBe('SIGKILL');
  // The last line may have been cut by the kill.
  const lines = output.slice(0, output.lastIndexOf('\n')).split('\n');
  for (const line of lines) {
    const [key = '', askedAt, answeredAt] = line.split(' ');
    ledger.get(key)?.push({ askedAt: Number(askedAt), answeredAt: Number(answeredAt) });
  }
  return lines.length;
}

/**
 * The most that was taken beyond what a bucket of `burst` and `perUs` gives, over all stretches: 0 or less when the limit
 * was kept. A stretch begins where one taking was asked for and ends where another was answered; that all in between lie
 * in it wholly is made sure by counting those answered by its end that were asked for since its beginning.
 */
function mostBeyond(takings: readonly Taking[], burst: number, perUs: number): number {
  const byAnswer = [...takings].sort((a, b) => a.answeredAt - b.answeredAt);
  let worst = Number.NEGATIVE_INFINITY;
  for (let from = 0; from < byAnswer.length; from += Math.ceil(byAnswer.length / 400)) {
    const begin = byAnswer[from]?.askedAt ?? 0;
    let count = 0;
    for (const { askedAt, answeredAt } of byAnswer) {
      if (askedAt < begin) continue;
      count++;
      worst = Math.max(worst, count - burst - Math.floor((answeredAt - begin + CLOCKS_AGREE_US) * perUs));
    }
  }
  return worst;
}

/** The most that lies wholly in any stretch of `periodUs`. */
function mostWithin(takings: readonly Taking[], periodUs: number): number {
  let most = 0;
  for (const { askedAt: begin } of takings) {
    const inside = takings.filter(
      (other) => other.askedAt >= begin && other.answeredAt < begin + periodUs - CLOCKS_AGREE_US,
    );
    most = Math.max(most, inside.length);
  }
  return most;
}

test(
  `${KILLS} kills of processes that share a file give nothing twice`,
  async () => {
    const script = await buildChildScript(new URL('limit-kill-child.ts', import.meta.url));
    onTestFinished(script.remove);
    const path = join(temporaryFolder(), 'limit.db');
    const ledger: Ledger = new Map(limits.map(({ key }) => [key, []]));
    let kills = 0;
    const oneAfterAnother = async () => {
      while (kills < KILLS) {
        kills++;
        await liveAndDie(script.path, path, ledger);
      }
    };
    await Promise.all(Array.from({ length: LIVES_AT_ONCE }, oneAfterAnother));

    const taken = (key: string) => ledger.get(key) ?? [];
    for (const { key, algorithm, count, periodUs, burst = count } of limits) {
      expect([key, taken(key).length > 0]).toEqual([key, true]);
      if (algorithm === 'sliding-log')
        expect([key, mostWithin(taken(key).slice(-3000), periodUs)]).toEqual([
          key,
          expect.toSatisfy((n) => n <= count),
        ]);
      else if (algorithm === 'anchored-window') expect(taken(key).length).toBeLessThanOrEqual(count);
      else
        expect([key, mostBeyond(taken(key), burst, count / periodUs)]).toEqual([key, expect.toSatisfy((n) => n <= 0)]);
    }

    const store = openLimiterStore({ path, clock: systemClock, random: systemRandom });
    try {
      expect(store.file.quickCheck()).toEqual([]);
      const day = limits.find(({ key }) => key === 'day');
      if (day === undefined) throw new Error('unreachable');
      const present = await store.peek([{ scope: 'crash', key: 'day', limit: defineLimit(day), cost: 0 }]);
      expect(day.count - (present.decisions[0]?.remaining ?? 0)).toBeGreaterThanOrEqual(taken('day').length);
    } finally {
      await store.close();
    }
  },
  60_000 + KILLS * 2000,
);
