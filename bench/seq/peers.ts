/**
 * npm packages that make IDs, in a tight loop of one process, each as its README uses it: rate, and duplicates counted
 * exactly. Every subject has 0.8 s, or three million IDs. The snowflakes come as BigInts (flake-idgen: Buffers), ulid
 * and uuid as strings.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Snowflake as SapphireSnowflake } from '@sapphire/snowflake';
import FlakeId from 'flake-idgen';
import { Snowflake as NodejsSnowflake } from 'nodejs-snowflake';
import { monotonicFactory, ulid } from 'ulid';
import { v7 } from 'uuid';
import { idsToIntegers } from '../../src/blocks/seq/batch.js';
import { resolveLayout } from '../../src/blocks/seq/layout/index.js';
import { type IdSource, openIdSource } from '../../src/blocks/seq/source.js';
import { openSequencerStore } from '../../src/blocks/seq/store.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import { wantsJson } from '../support/compare.js';

const MOST_IDS = 3_000_000;
const MOST_MS = 800;
const WARM_UP_MS = 100;
/** IDs between two looks at the clock. */
const STRIDE = 1000;

type Id = string | bigint | Buffer;

interface Subject {
  readonly name: string;
  readonly package?: string;
  /** Makes some IDs and appends them. */
  make(into: Id[]): void | Promise<void>;
}

interface Result {
  readonly name: string;
  readonly version: string;
  readonly ids: number;
  readonly idsPerSecond: number;
  readonly duplicates: number;
  readonly inversions: number;
}

function repeated(make: () => Id): Subject['make'] {
  return (into) => {
    for (let i = 0; i < STRIDE; i++) into.push(make());
  };
}

/** With a callback, as its README says, a full millisecond is waited out; without one it throws. */
function flakeIds(): Subject['make'] {
  const generator = new FlakeId();
  return async (into) => {
    for (let i = 0; i < STRIDE; i++) {
      let waiting: ((value: undefined) => void) | undefined;
      let done = false;
      generator.next((error, id) => {
        if (error) throw error;
        into.push(id);
        done = true;
        waiting?.(undefined);
      });
      if (!done) await new Promise((resolve) => (waiting = resolve));
    }
  };
}

async function runFor(subject: Subject, ms: number): Promise<{ ids: Id[]; elapsed: number }> {
  const ids: Id[] = [];
  const started = performance.now();
  while (ids.length < MOST_IDS && performance.now() - started < ms) await subject.make(ids);
  return { ids, elapsed: performance.now() - started };
}

async function measure(subject: Subject): Promise<Result> {
  await runFor(subject, WARM_UP_MS);
  const { ids, elapsed } = await runFor(subject, MOST_MS);
  return {
    name: subject.name,
    version: subject.package === undefined ? '' : versionOf(subject.package),
    ids: ids.length,
    idsPerSecond: Math.round((ids.length * 1000) / elapsed),
    ...faultsOf(ids),
  };
}

/** Duplicates over all IDs; inversions between neighbours. */
function faultsOf(ids: readonly Id[]): Pick<Result, 'duplicates' | 'inversions'> {
  const [sample] = ids;
  const isText = typeof sample === 'string' && !/^\d+$/.test(sample);
  if (isText) {
    const inversions = ids.reduce<number>((sum, id, i) => sum + (i > 0 && id < (ids[i - 1] ?? '') ? 1 : 0), 0);
    return { duplicates: ids.length - new Set(ids).size, inversions };
  }
  const numbers = BigUint64Array.from(ids, toNumber);
  let inversions = 0;
  for (let i = 1; i < numbers.length; i++) if ((numbers[i] ?? 0n) < (numbers[i - 1] ?? 0n)) inversions++;
  numbers.sort();
  let duplicates = 0;
  for (let i = 1; i < numbers.length; i++) if (numbers[i] === numbers[i - 1]) duplicates++;
  return { duplicates, inversions };
}

function toNumber(id: Id): bigint {
  return Buffer.isBuffer(id) ? id.readBigUInt64BE() : BigInt(id as string | bigint);
}

/** The nearest package.json above the package's entry point: `exports` hide it from a direct import. */
function versionOf(name: string): string {
  let folder = dirname(createRequire(import.meta.url).resolve(name));
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const { name: found, version } = manifest as { name?: string; version?: string };
      if (found === name) return version ?? '';
    } catch {
      // No manifest here: look above.
    }
  }
  return '';
}

function subjectsWith(source: IdSource): Subject[] {
  const sapphire = new SapphireSnowflake(new Date('2020-01-01T00:00:00.000Z'));
  const nodejs = new NodejsSnowflake();
  const monotonicUlid = monotonicFactory();
  return [
    {
      name: 'ds twitter, 4096 a call',
      make: async (into) => {
        for (const id of idsToIntegers(await source.next(4096))) into.push(id);
      },
    },
    {
      name: 'ds twitter, one a call',
      make: async (into) => {
        for (let i = 0; i < STRIDE; i++) into.push(...idsToIntegers(await source.next(1)));
      },
    },
    { name: '@sapphire/snowflake', package: '@sapphire/snowflake', make: repeated(() => sapphire.generate()) },
    { name: 'nodejs-snowflake', package: 'nodejs-snowflake', make: repeated(() => nodejs.getUniqueID().valueOf()) },
    { name: 'flake-idgen', package: 'flake-idgen', make: flakeIds() },
    { name: 'ulid', package: 'ulid', make: repeated(() => ulid()) },
    { name: 'ulid, monotonic', package: 'ulid', make: repeated(() => monotonicUlid()) },
    { name: 'uuid v7', package: 'uuid', make: repeated(() => v7()) },
  ];
}

function show(results: readonly Result[]): void {
  const count = new Intl.NumberFormat('en-US');
  process.stdout.write('\npackages, tight loop in one process\n');
  process.stdout.write(
    `    ${'package'.padEnd(32)}${'IDs/s'.padStart(12)}${'duplicates'.padStart(14)}${'not rising'.padStart(14)}${'of IDs'.padStart(12)}\n`,
  );
  for (const { name, version, ids, idsPerSecond, duplicates, inversions } of results) {
    const figures = [idsPerSecond, duplicates, inversions].map((value) => count.format(value));
    const [rate = '', twice = '', falling = ''] = figures;
    const line = `${`${name} ${version}`.padEnd(32)}${rate.padStart(12)}${twice.padStart(14)}${falling.padStart(14)}`;
    process.stdout.write(`    ${line}${count.format(ids).padStart(12)}\n`);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'ds-bench-'));
const store = openSequencerStore({ path: join(folder, 'seq.db'), clock: systemClock, machine: 'bench' });
try {
  const source = await openIdSource({
    layout: resolveLayout('twitter'),
    workers: store.workers,
    clock: systemClock,
    random: systemRandom,
    holder: 'bench',
    onClockBack: 'wait',
    maxWaitMs: 5000,
    spin: true,
  });
  const results: Result[] = [];
  for (const subject of subjectsWith(source)) results.push(await measure(subject));
  await source.close();
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'seq peers', results })}\n`);
  else show(results);
} finally {
  await store.close();
  rmSync(folder, { recursive: true });
}
