import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutNames, resolveLayout } from '../../../src/blocks/seq/index.js';
import { composeId, fieldOf, type IntegerLayout } from '../../../src/blocks/seq/layout/layout.js';
import { DsError } from '../../../src/platform/errors.js';

function integer(text: string): IntegerLayout {
  const layout = resolveLayout(text);
  if (layout.family !== 'integer') throw new Error(`${text} is no integer layout`);
  return layout;
}

function errorOf(action: () => unknown): DsError {
  try {
    action();
  } catch (error) {
    if (error instanceof DsError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const shapeOf = (name: string) => {
  const { fields, epoch, unitMs, bits } = integer(name);
  return { fields: fields.map((field) => `${field.name}:${field.bits}`).join(' '), epoch, unitMs, bits };
};

describe('built-in layouts', () => {
  it.each([
    ['twitter', 'timestamp:41 datacenter:5 worker:5 sequence:12', '2010-11-04T01:42:54.657Z', 1, 63],
    ['discord', 'timestamp:42 worker:5 process:5 increment:12', '2015-01-01T00:00:00.000Z', 1, 64],
    ['instagram', 'timestamp:41 shard:13 sequence:10', '2011-08-24T21:07:01.721Z', 1, 64],
    ['sonyflake', 'timestamp:39 sequence:8 machine:16', '2014-09-01T00:00:00.000Z', 10, 63],
    ['sonyflake2', 'timestamp:39 sequence:8 machine:16', '2025-01-01T00:00:00.000Z', 10, 63],
    ['mastodon', 'timestamp:48 sequence:16', '1970-01-01T00:00:00.000Z', 1, 64],
    ['tsid', 'timestamp:42 node:10 counter:12', '2020-01-01T00:00:00.000Z', 1, 64],
    ['js53', 'timestamp:41 worker:5 sequence:7', '2020-01-01T00:00:00.000Z', 1, 53],
  ])('%s has the bits and the epoch of its system', (name, fields, epoch, unitMs, bits) => {
    expect(shapeOf(name)).toEqual({ fields, epoch: Date.parse(epoch), unitMs, bits });
  });

  it('lists every name it resolves', () => {
    expect(layoutNames).toHaveLength(12);
    for (const name of layoutNames) expect(resolveLayout(name).name).toBe(name);
  });

  it('keeps js53 within what a JavaScript number holds exactly', () => {
    const layout = integer('js53');
    const largest = composeId(layout, layout.ticks - 1, layout.workers - 1, layout.perTick - 1);
    expect(largest).toBe(BigInt(Number.MAX_SAFE_INTEGER));
  });

  it('uses the top bit where the layout has 64', () => {
    const layout = integer('discord');
    const largest = composeId(layout, layout.ticks - 1, layout.workers - 1, layout.perTick - 1);
    expect(largest).toBe(2n ** 64n - 1n);
  });
});

describe('putting an ID together', () => {
  const anyLayout = fc.constantFrom(
    ...layoutNames.filter((name) => resolveLayout(name).family === 'integer'),
    'seq:9,b:3,ts:30@1s,a:20',
  );

  it('gives back every field, whatever the others hold', () => {
    const parts = anyLayout.map(integer).chain((layout) =>
      fc.record({
        layout: fc.constant(layout),
        tick: fc.nat().map((n) => n % layout.ticks),
        worker: fc.nat().map((n) => n % layout.workers),
        sequence: fc.nat().map((n) => n % layout.perTick),
      }),
    );
    fc.assert(
      fc.property(parts, ({ layout, tick, worker, sequence }) => {
        const id = composeId(layout, tick, worker, sequence);
        expect(fieldOf(id, layout.time)).toBe(tick);
        expect(workerOf(layout, id)).toBe(worker);
        if (layout.sequence !== undefined) expect(fieldOf(id, layout.sequence)).toBe(sequence);
        expect(id >> BigInt(layout.bits)).toBe(0n);
      }),
    );
  });

  it('refuses a value that does not fit instead of spilling it into the neighbour', () => {
    const layout = integer('twitter');
    expect(errorOf(() => composeId(layout, 5, 1024, 0)).code).toBe('seq.worker_out_of_range');
    expect(errorOf(() => composeId(layout, 5, -1, 0)).code).toBe('seq.worker_out_of_range');
    expect(errorOf(() => composeId(layout, 5, 0, 4096)).code).toBe('seq.field_out_of_range');
    expect(errorOf(() => composeId(layout, -1, 0, 0)).code).toBe('seq.field_out_of_range');
    expect(errorOf(() => composeId(layout, 2 ** 41, 0, 0)).code).toBe('seq.time_exhausted');
  });
});

describe('a layout of one’s own', () => {
  it('reads bits, unit and epoch', () => {
    const layout = integer('ts:32@1s,dc:4,worker:8,seq:20;epoch=2020-01-01');
    expect(layout).toMatchObject({
      unitMs: 1000,
      epoch: Date.UTC(2020, 0, 1),
      workers: 4096,
      perTick: 2 ** 20,
      bits: 64,
    });
    expect(layout.fields.map((field) => field.shift)).toEqual([32, 28, 20, 0]);
  });

  it('is the same whatever the spelling: its canonical name is its space', () => {
    const spellings = ['ts:40,worker:4,seq:8;epoch=2020-01-01', ' ts:40@1ms, worker:4 ,seq:8; epoch=1577836800000'];
    const [a, b] = spellings.map((text) => resolveLayout(text));
    expect(a?.space).toBe(b?.space);
    expect(resolveLayout(a?.name ?? '').name).toBe(a?.name);
  });

  it('shares worker numbers with the built-in layout that makes the same IDs', () => {
    expect(resolveLayout('ts:41@1ms,worker:10,seq:12;epoch=1288834974657').space).toBe('twitter');
    expect(resolveLayout('ts:41@1ms,worker:10,seq:12;epoch=1288834974658').space).not.toBe('twitter');
  });

  it('knows when IDs of a field order do not rise', () => {
    expect(integer('ts:41,worker:10,seq:12').order).toEqual({ perWorker: true, byTime: true });
    expect(integer('worker:10,ts:41,seq:12').order).toEqual({ perWorker: true, byTime: false });
    expect(integer('seq:12,worker:10,ts:41').order).toEqual({ perWorker: false, byTime: false });
  });

  it.each([
    ['ts:41@5m', 'not of the form'],
    ['ts:41,seq:30', '71 bits'],
    ['ts:41,a:5,a:5', 'twice'],
    ['ts:41,ts:3', 'twice'],
    ['worker:5', 'ts is missing'],
    ['ts:0', '0 bits'],
    ['ts:53', '53 bits'],
    ['ts:20,seq:33', '33 bits'],
    ['ts:20,a:20,b:20', '40 bits'],
    ['ts:41,seq:12@1ms', 'only ts has a unit'],
    ['ts:41@0ms', 'not between'],
    ['ts:41;epoch=2020-02-30', '2020-02-30'],
    ['ts:41;epoch=yesterday', 'yesterday'],
    ['ts:41;epoch=0;epoch=0', 'twice'],
    ['ts:41;zone=utc', 'zone'],
    ['ts:52@60s', '275760'],
    ['ts:40@61s', 'not between'],
    ['ts:41,,seq:12', 'not of the form'],
    [`${'a:1,'.repeat(20)}ts:41`, 'more than 16'],
  ])('refuses %s and says why', (text, why) => {
    const error = errorOf(() => resolveLayout(text));
    expect(error.code).toBe('seq.unknown_layout');
    expect(error.message).toContain(why);
    expect(error.hint).toContain('ts:41@1ms,worker:10,seq:12');
  });
});

describe('an unknown name', () => {
  it('is refused with the nearest one', () => {
    expect(errorOf(() => resolveLayout('twiter')).hint).toContain('did you mean twitter');
    expect(errorOf(() => resolveLayout('uuidv7')).hint).toContain('did you mean uuid7');
  });

  it('far from every name is answered with all of them', () => {
    expect(errorOf(() => resolveLayout('qqqqqqqqqqqq')).hint).toContain('choose one of twitter discord');
  });
});

/** The worker number that {@link placeWorker} put into an ID. */
function workerOf(layout: IntegerLayout, id: bigint): number {
  let worker = 0;
  for (const field of layout.workerFields) worker = worker * 2 ** field.bits + fieldOf(id, field);
  return worker;
}
