import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuditOptions, type AuditReport, auditIds } from '../../../src/blocks/seq/audit/index.js';
import { idToString } from '../../../src/blocks/seq/batch.js';
import { resolveLayout } from '../../../src/blocks/seq/index.js';
import { composeId, type IntegerLayout } from '../../../src/blocks/seq/layout/layout.js';
import { type FileSpill, openFileSpill } from '../../../src/blocks/seq/spill.js';

const NOW = Date.UTC(2026, 0, 1);
const twitter = resolveLayout('twitter') as IntegerLayout;
const TICK = NOW - twitter.epoch - 10_000_000;

let parent: string;
let spill: FileSpill;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'ds-audit-test-'));
  spill = openFileSpill(parent);
});

afterEach(async () => {
  await spill.remove();
  expect(await readdir(parent)).toEqual([]);
  await rm(parent, { recursive: true });
});

async function* chunksOf(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function audit(
  lines: readonly (bigint | string)[],
  options: Partial<AuditOptions> = {},
  size = 65_536,
): Promise<AuditReport> {
  return auditIds(chunksOf(`${lines.join('\n')}\n`, size), { storage: spill, now: NOW, ...options });
}

const id = (tick: number, worker = 0, sequence = 0) => composeId(twitter, TICK + tick, worker, sequence);

describe('an audit', () => {
  it('of sound IDs finds nothing', async () => {
    const report = await audit(Array.from({ length: 10_000 }, (_, i) => id(Math.floor(i / 7), 3, i % 7)));
    expect(report).toMatchObject({
      layout: 'twitter',
      format: 'dec',
      layoutGiven: false,
      ids: 10_000,
      badLines: { count: 0 },
      duplicates: { count: 0 },
      inversions: { count: 0, sameWorker: 0 },
      clockJumps: { back: 0, forward: 0 },
      workers: [{ worker: 3, ids: 10_000 }],
      firstMs: twitter.epoch + TICK,
    });
  });

  it('finds duplicates, with both lines and the worker', async () => {
    const report = await audit([id(1, 5), id(2, 5), id(1, 5), id(3), id(1, 5)], { layout: twitter });
    expect(report.duplicates).toEqual({
      count: 2,
      examples: [
        { id: `${id(1, 5)}`, firstLine: 1, line: 3, worker: 5 },
        { id: `${id(1, 5)}`, firstLine: 1, line: 5, worker: 5 },
      ],
    });
  });

  it('tells the worker whose clock went back from those that are merely merged', async () => {
    const report = await audit([id(10, 1), id(5, 2), id(11, 1), id(6, 2), id(4, 1), id(7, 2)], { layout: twitter });
    expect(report.inversions).toMatchObject({ count: 3, sameWorker: 1 });
    expect(report.clockJumps).toMatchObject({ back: 1, forward: 0 });
    expect(report.clockJumps.examples).toEqual([
      { line: 5, worker: 1, fromMs: twitter.epoch + TICK + 11, toMs: twitter.epoch + TICK + 4 },
    ]);
    expect(report.workers.find(({ worker }) => worker === 1)).toMatchObject({
      jumpsBack: 1,
      farthestBackMs: 7,
      inversions: 1,
    });
    expect(report.workers.find(({ worker }) => worker === 2)).toMatchObject({ jumpsBack: 0, inversions: 0 });
  });

  it('notes a jump forward', async () => {
    const report = await audit([id(0), id(999), id(2000)], { layout: twitter, jumpMs: 1000 });
    expect(report.clockJumps).toMatchObject({ forward: 1, examples: [{ line: 3 }] });
  });

  it('counts lines that are no ID, passes over empty ones and goes on', async () => {
    const report = await audit(
      [id(1), 'garbage', '', '  ', `\t${id(2)}\r`, '99999999999999999999', 'x'.repeat(100_000), id(3)],
      {},
      1000,
    );
    expect(report.ids).toBe(3);
    expect(report.badLines.count).toBe(3);
    expect(report.badLines.examples.map(({ line }) => line)).toEqual([2, 6, 7]);
  });

  it('of nothing but garbage is refused', async () => {
    await expect(audit(['hello', 'world'])).rejects.toMatchObject({ code: 'seq.bad_id' });
  });

  it('of nothing finds nothing', async () => {
    expect(await audit([])).toMatchObject({ ids: 0, duplicates: { count: 0 }, workers: [] });
  });

  it.each(['uuid7', 'ulid', 'ksuid', 'xid'])('knows %s by its text', async (name) => {
    const layout = resolveLayout(name);
    const time = BigInt(Math.floor((NOW - layout.epoch) / layout.unitMs) - 100_000);
    const timeBits = layout.unitMs === 1 ? 48n : 32n;
    const constant = name === 'uuid7' ? (7n << 76n) | (2n << 62n) : 0n;
    const make = (n: number) =>
      idToString(layout, ((time + BigInt(n)) << (BigInt(layout.bits) - timeBits)) | constant, 'canonical');
    const report = await audit([make(1), make(2), make(3), make(2)]);
    expect(report).toMatchObject({
      layout: name,
      format: 'canonical',
      ids: 4,
      duplicates: { count: 1 },
      inversions: { count: 1 },
    });
    expect(report.clockJumps.back).toBe(1);
  });

  it('counts malformed UUIDs among good ones as bad lines', async () => {
    const good = '019b76da-a8fa-77c2-98db-78e2414232a7';
    const bad = [
      '019b76daa-8fa-77c2-98db78e2414232a7f',
      '-----da-a8fa-77c2-98db-78e2414232a7',
      good.replace('-77c2', '-47c2'),
    ];
    const report = await audit([good, ...bad, good]);
    expect(report).toMatchObject({ layout: 'uuid7', ids: 2, badLines: { count: 3 }, duplicates: { count: 1 } });
  });

  it.each(['hex', 'base32', 'base62'] as const)('reads %s', async (format) => {
    const report = await audit(
      [1, 2, 2, 3].map((tick) => idToString(twitter, id(tick, 9, 4), format)),
      { layout: twitter },
    );
    expect(report).toMatchObject({ format, ids: 4, duplicates: { count: 1 }, badLines: { count: 0 } });
  });

  it('agrees with a set and a comparison, however the input is cut into chunks', async () => {
    const input = fc.array(fc.record({ tick: fc.nat(30), worker: fc.nat(3), sequence: fc.nat(2) }), {
      minLength: 1,
      maxLength: 300,
    });
    await fc.assert(
      fc.asyncProperty(input, fc.integer({ min: 1, max: 200 }), async (parts, size) => {
        const ids = parts.map(({ tick, worker, sequence }) => id(tick, worker, sequence));
        const report = await audit(ids, { layout: twitter }, size);
        expect(report.ids).toBe(ids.length);
        expect(report.duplicates.count).toBe(ids.length - new Set(ids).size);
        const falls = ids.filter((value, i) => i > 0 && value < (ids[i - 1] as bigint)).length;
        expect(report.inversions.count).toBe(falls);
      }),
    );
  });

  it('beyond its buffers spills to files, stays exact, and removes them', async () => {
    const count = 800_000;
    async function* input() {
      for (let from = 0; from < count; from += 10_000) {
        yield Buffer.from(
          `${Array.from({ length: 10_000 }, (_, i) => id(Math.floor((from + i) / 50), 0, (from + i) % 50)).join('\n')}\n`,
        );
      }
      yield Buffer.from(`${id(0, 0, 7)}\n${id(15_999, 0, 49)}\n`);
    }
    const report = await auditIds(input(), { storage: spill, now: NOW });
    expect(existsSync(parent) && (await readdir(parent)).length).toBe(1);
    expect(report.ids).toBe(count + 2);
    expect(report.duplicates.examples.map(({ firstLine, line }) => [firstLine, line])).toEqual([
      [8, count + 1],
      [count, count + 2],
    ]);
  });
});

it.each([1, 2, 65_536])('a byte order mark is no part of the first ID, in chunks of %i bytes', async (size) => {
  const report = await audit([`\ufeff${id(1)}`, id(1)], { layout: twitter }, size);
  expect(report).toMatchObject({ ids: 2, badLines: { count: 0 } });
});
