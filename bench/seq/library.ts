/**
 * The sequencer as a library, in one thread: making IDs, making and writing them, writing alone, auditing. One worker
 * number, leased in a SQLite file. "Exact" below: every batch was checked to lie above the one before.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditIds } from '../../src/blocks/seq/audit/index.js';
import { type IdBatch, type IdFormat, renderLines } from '../../src/blocks/seq/batch.js';
import { resolveLayout } from '../../src/blocks/seq/layout/index.js';
import { type IdSource, openIdSource } from '../../src/blocks/seq/source.js';
import { openFileSpill } from '../../src/blocks/seq/spill.js';
import { openSequencerStore } from '../../src/blocks/seq/store.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import { formatRate, type Spread, spreadOf, wantsJson } from '../support/compare.js';

const ROUNDS = 3;
/** Milliseconds of making IDs, each round. */
const ROUND_MS = 1000;
/** One tick of the twitter layout. */
const BATCH = 4096;
const AUDITED = 2_000_000;

const folder = mkdtempSync(join(tmpdir(), 'ds-bench-'));
const store = openSequencerStore({ path: join(folder, 'seq.db'), clock: systemClock, machine: 'bench' });

function open(layout: string, spin = true): Promise<IdSource> {
  return openIdSource({
    layout: resolveLayout(layout),
    workers: store.workers,
    clock: systemClock,
    random: systemRandom,
    holder: 'bench',
    onClockBack: 'wait',
    maxWaitMs: 5000,
    spin,
  });
}

/** Throws unless the batch lies above the last ID of the one before; returns its last ID. */
function checkRising(batch: IdBatch, last: bigint): bigint {
  if (batch.family === 'bytes') return last;
  let highest = last;
  for (const { first, count } of batch.runs) {
    if (first <= highest) throw new Error(`${first} follows ${highest}`);
    highest = first + batch.stride * BigInt(count - 1);
  }
  return highest;
}

async function making(layout: string, format: IdFormat | undefined, spin = true): Promise<Spread> {
  const source = await open(layout, spin);
  const rates: number[] = [];
  let last = -1n;
  for (let round = -1; round < ROUNDS; round++) {
    const started = performance.now();
    let made = 0;
    for (; performance.now() - started < ROUND_MS; made += BATCH) {
      const batch = await source.next(BATCH);
      last = checkRising(batch, last);
      if (format !== undefined) renderLines(batch, format);
    }
    if (round >= 0) rates.push((made * 1000) / (performance.now() - started));
  }
  await source.close();
  return spreadOf(rates);
}

/** Writing one batch again and again: what rendering costs without the layout's ceiling. */
async function writing(layout: string, format: IdFormat): Promise<Spread> {
  const source = await open(layout);
  const batch = await source.next(BATCH);
  await source.close();
  const rates: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const started = performance.now();
    let written = 0;
    for (; performance.now() - started < ROUND_MS / 4; written += BATCH) renderLines(batch, format);
    if (round >= 0) rates.push((written * 1000) / (performance.now() - started));
  }
  return spreadOf(rates);
}

async function auditing(layout: string): Promise<Spread> {
  const source = await open(layout);
  const chunks: Buffer[] = [];
  for (let made = 0; made < AUDITED; made += BATCH) chunks.push(renderLines(await source.next(BATCH), 'canonical'));
  await source.close();
  async function* input() {
    yield* chunks;
  }
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const storage = openFileSpill(folder);
    const started = performance.now();
    const report = await auditIds(input(), { storage, now: Date.now() });
    rates.push((report.ids * 1000) / (performance.now() - started));
    await storage.remove();
    if (report.duplicates.count > 0) throw new Error(`${report.duplicates.count} duplicates`);
  }
  return spreadOf(rates);
}

/** What one would write without a library: a BigInt put together for each ID, waiting for the next tick by spinning. */
function plainBigInts(): Spread {
  const rates: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const started = performance.now();
    let made = 0;
    let tick = 0;
    let sequence = 0;
    let id = 0n;
    for (; performance.now() - started < ROUND_MS; made += BATCH) {
      for (let i = 0; i < BATCH; i++) {
        let now = Date.now();
        if (now === tick && sequence === 4096) while (now === tick) now = Date.now();
        if (now !== tick) [tick, sequence] = [now, 0];
        id = (BigInt(now - 1288834974657) << 22n) | (1n << 12n) | BigInt(sequence++);
      }
    }
    if (id === 0n) throw new Error('no ID was made');
    if (round >= 0) rates.push((made * 1000) / (performance.now() - started));
  }
  return spreadOf(rates);
}

const rows: { name: string; rate: Spread }[] = [];

async function row(name: string, measure: Promise<Spread> | Spread): Promise<void> {
  const rate = await measure;
  rows.push({ name, rate });
  if (!wantsJson) process.stdout.write(`    ${name.padEnd(44)} ${formatRate(rate, 'IDs/s')}\n`);
}

try {
  if (!wantsJson) process.stdout.write('\nthe library, one worker (ceiling of twitter: 4,096,000 IDs/s)\n');
  await row('twitter, a plain BigInt loop', plainBigInts());
  await row('twitter, made', making('twitter', undefined));
  await row('twitter, made, decimal lines', making('twitter', 'dec'));
  await row('twitter, made, decimal lines, yielding', making('twitter', 'dec', false));
  for (const format of ['dec', 'hex', 'base32', 'base62', 'binary'] as const) {
    await row(`64-bit IDs, written as ${format}`, writing('twitter', format));
  }
  for (const kind of ['uuid7', 'ulid', 'ksuid', 'xid']) await row(`${kind}, made, lines`, making(kind, 'canonical'));
  for (const layout of ['twitter', 'uuid7']) await row(`${layout}, audited`, auditing(layout));
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'seq library', rows })}\n`);
} finally {
  await store.close();
  rmSync(folder, { recursive: true });
}
