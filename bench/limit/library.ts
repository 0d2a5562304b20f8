/**
 * Decisions in memory, in one thread, beside rate-limiter-flexible's memory store: one key, and 100,000 of them drawn at
 * random. Each is asked as its interface is: ours answers at once and by checkNow(), the peer by a promise, which is
 * awaited; its rejection (limited) counts as a decision too.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { type AlgorithmName, defineLimit } from '../../src/blocks/limit/limit.js';
import { MemoryLimiter } from '../../src/blocks/limit/memory.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import { compare, formatRate, formatRatio, type Spread, spreadOf, wantsJson } from '../support/compare.js';

const ROUNDS = 3;
/** Milliseconds of each measurement. */
const ROUND_MS = 1000;
/** Decisions between two looks at the clock. */
const STRIDE = 1000;
const MANY = 100_000;
/** Never reached, so that every decision counts something. */
const COUNT = 60_000_000;
const PERIOD_S = 60;

const keysOf = (count: number) => Array.from({ length: count }, (_, i) => `user:${String(i).padStart(8, '0')}`);

/** Numbers below `count`, as random as a benchmark needs (a linear congruential generator). */
function draws(count: number): () => number {
  let seed = 12_345;
  return () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return seed % count;
  };
}

function ours(algorithm: AlgorithmName, keys: readonly string[]): () => number {
  const limiter = new MemoryLimiter({ clock: systemClock, random: systemRandom });
  const count = algorithm === 'sliding-log' ? 100 : COUNT;
  const limit = defineLimit({ algorithm, count, periodUs: PERIOD_S * 1e6 });
  const next = draws(keys.length);
  return () => {
    const started = performance.now();
    let decided = 0;
    for (; performance.now() - started < ROUND_MS; decided += STRIDE) {
      for (let i = 0; i < STRIDE; i++) {
        const { decisions } = limiter.checkNow([{ scope: '', key: keys[next()] ?? '', limit, cost: 1 }]);
        if (decisions.length !== 1) throw new Error('no decision');
      }
    }
    return (decided * 1000) / (performance.now() - started);
  };
}

function peers(keys: readonly string[]): () => Promise<number> {
  const limiter = new RateLimiterMemory({ points: COUNT, duration: PERIOD_S });
  const next = draws(keys.length);
  return async () => {
    const started = performance.now();
    let decided = 0;
    for (; performance.now() - started < ROUND_MS; decided += STRIDE) {
      for (let i = 0; i < STRIDE; i++) await limiter.consume(keys[next()] ?? '');
    }
    return (decided * 1000) / (performance.now() - started);
  };
}

function versionOf(name: string): string {
  const manifest: unknown = JSON.parse(
    readFileSync(createRequire(import.meta.url).resolve(`${name}/package.json`), 'utf8'),
  );
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
}

function alone(algorithm: AlgorithmName): Spread {
  const measure = ours(algorithm, keysOf(1));
  measure();
  return spreadOf(Array.from({ length: ROUNDS }, measure));
}

const comparisons: Record<string, Awaited<ReturnType<typeof compare>>> = {};
for (const [name, count] of [
  ['one key', 1],
  [`${MANY} keys`, MANY],
] as const) {
  comparisons[name] = await compare(
    [
      { name: 'ds', measure: ours('gcra', keysOf(count)) },
      { name: 'rate-limiter-flexible', measure: peers(keysOf(count)) },
    ],
    ROUNDS,
  );
}
const algorithms = (['token-bucket', 'leaky-bucket', 'fixed-window', 'sliding-window', 'sliding-log'] as const).map(
  (algorithm) => ({ algorithm, rate: alone(algorithm) }),
);

if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'limit library', comparisons, algorithms })}\n`);
else {
  process.stdout.write(`\ndecisions in memory beside rate-limiter-flexible ${versionOf('rate-limiter-flexible')}\n`);
  for (const [name, { spreads, ratio }] of Object.entries(comparisons)) {
    process.stdout.write(`  ${name}\n`);
    for (const [subject, spread] of Object.entries(spreads)) {
      process.stdout.write(`    ${subject.padEnd(22)} ${formatRate(spread, 'decisions/s')}\n`);
    }
    process.stdout.write(`    ratio                  ${formatRatio(ratio)}\n`);
  }
  process.stdout.write('  the other algorithms, one key\n');
  for (const { algorithm, rate } of algorithms) {
    process.stdout.write(`    ${algorithm.padEnd(22)} ${formatRate(rate, 'decisions/s')}\n`);
  }
}
