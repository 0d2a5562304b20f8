import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeId, layoutNames, planLayout, resolveLayout, timeRange } from '../../../src/blocks/seq/index.js';

const NOW = Date.UTC(2026, 0, 1);
const discord = resolveLayout('discord');

describe('decoding', () => {
  it('takes Discord’s own examples apart', () => {
    expect(decodeId('105484726235607040', discord, NOW)[0]?.time).toBe(Date.parse('2015-10-19T01:58:38.546Z'));
    expect(decodeId('90339695967350784', discord, NOW)).toEqual([
      {
        id: '90339695967350784',
        layout: 'discord',
        format: 'dec',
        time: 1441609061949,
        fields: { timestamp: 1441609061949 - 1420070400000, worker: 0, process: 3, increment: 0 },
        score: 1,
        why: 'layout given',
      },
    ]);
  });

  it('without a layout ranks what the ID could be, the plausible first', () => {
    const found = decodeId('105484726235607040', undefined, NOW);
    expect(found.map((candidate) => candidate.layout)).toEqual(
      expect.arrayContaining(['discord', 'twitter', 'mastodon']),
    );
    expect(found[0]?.layout).toBe('discord');
    const scores = found.map((candidate) => candidate.score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  it('puts a layout last under which the ID would come from the future', () => {
    const id = '2124893311889047552'; // twitter, November 2026
    const found = decodeId(id, undefined, Date.UTC(2026, 11, 1));
    expect(found[0]?.layout).toBe('twitter');
    expect(found.find((candidate) => candidate.layout === 'discord')?.why).toContain('future');
  });

  it('reads every encoding of one ID', () => {
    for (const text of ['90339695967350784', '0x0140f3798f403000', '0140f3798f403000', '02G7KF67M0C00']) {
      expect(decodeId(text, discord, NOW)[0]?.id).toBe('90339695967350784');
    }
  });

  it.each([
    ['-5', 'negative'],
    ['18446744073709551616', 'beyond 64 bits'],
    ['0x10000000000000000', 'beyond 64 bits'],
    ['', 'empty'],
    ['hello', 'no known form'],
    ['8ZZZZZZZZZZZZZZZZZZZZZZZZZ', 'above 7ZZZZZZZZZZZZZZZZZZZZZZZZZ'],
    ['aWgEPTl1tmebfsQzFP4bxwgy80W', 'largest KSUID'],
    ['f47ac10b-58cc-4372-a567-0e02b2c3d479', 'UUID of version 4'],
    ['017f22e2-79b0-7cc3-18c4-dc0c0c07398f', 'variant'],
    ['9m4e2mr0ui3e8a215n4h', 'no known form'],
    ['1'.repeat(100), 'beyond 64 bits'],
    ['\u0000\u0001', 'no known form'],
  ])('refuses %j and says why', (text, why) => {
    expect(() => decodeId(text, undefined, NOW)).toThrow(expect.objectContaining({ code: 'seq.bad_id' }));
    expect(() => decodeId(text, undefined, NOW)).toThrow(why);
  });

  it('refuses an ID wider than its layout', () => {
    expect(() => decodeId('9007199254740992', resolveLayout('js53'), NOW)).toThrow('53 bits');
    expect(() => decodeId('9223372036854775808', resolveLayout('twitter'), NOW)).toThrow('63 bits');
  });

  it('answers any text with candidates or seq.bad_id, nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789abcxXzZ-_{}') })), (text) => {
        try {
          expect(decodeId(text, undefined, NOW).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toMatchObject({ code: 'seq.bad_id' });
        }
      }),
    );
  });
});

describe('the range of a time span', () => {
  it.each(layoutNames)('of %s begins and ends at the span', (name) => {
    const layout = resolveLayout(name);
    const [from, to] = [Date.UTC(2025, 5, 1), Date.UTC(2025, 5, 2)];
    const { smallest, largest, exact } = timeRange(layout, from, to);
    expect(exact).toBe(true);
    expect(decodeId(smallest, layout, NOW)[0]?.time).toBe(from);
    expect(decodeId(largest, layout, NOW)[0]?.time).toBe(to);
  });

  it('leaves no ID between itself and the neighbouring spans', () => {
    const [first, second] = [timeRange(discord, NOW, NOW + 9), timeRange(discord, NOW + 10, NOW + 20)];
    expect(BigInt(first.largest) + 1n).toBe(BigInt(second.smallest));
  });

  it('keeps version and variant of a uuid7', () => {
    const { smallest, largest } = timeRange(resolveLayout('uuid7'), NOW, NOW);
    expect(smallest).toMatch(/^[0-9a-f-]{13}-7000-8000-000000000000$/);
    expect(largest).toMatch(/^[0-9a-f-]{13}-7fff-bfff-ffffffffffff$/);
  });

  it('is cut to the layout’s time, and refused outside it or reversed', () => {
    expect(timeRange(discord, 0, NOW).smallest).toBe('0');
    expect(timeRange(discord, NOW, 8e15).largest).toBe('18446744073709551615');
    for (const [from, to] of [
      [0, 1],
      [NOW, NOW - 1],
      [discord.endsAt, discord.endsAt + 1],
      [Number.NaN, NOW],
    ] as const) {
      expect(() => timeRange(discord, from, to)).toThrow(expect.objectContaining({ code: 'seq.bad_range' }));
    }
  });

  it('says when the time does not stand first', () => {
    expect(timeRange(resolveLayout('worker:10,ts:41,seq:12;epoch=2020-01-01'), NOW, NOW).exact).toBe(false);
  });
});

describe('a plan', () => {
  it('tells date, ceilings and load', () => {
    const plan = planLayout(resolveLayout('twitter'), 10, 1_000_000, NOW);
    expect(plan).toMatchObject({ perWorkerCeiling: 4_096_000, totalCeiling: 40_960_000, maxWorkers: 1024, fits: true });
    expect(new Date(plan.exhaustsAt).toISOString()).toBe('2080-07-10T17:30:30.209Z');
    expect(plan.load).toBeCloseTo(0.0244, 4);
  });

  it('counts ten-millisecond ticks', () => {
    expect(planLayout(resolveLayout('sonyflake'), 1, 1, NOW).perWorkerCeiling).toBe(25_600);
  });

  it('that does not hold says what is wrong', () => {
    const plan = planLayout(resolveLayout('js53'), 33, 5_000_000, NOW);
    expect(plan.fits).toBe(false);
    expect(plan.problems).toEqual([expect.stringContaining('33 workers'), expect.stringContaining('5000000 IDs/s')]);
    expect(planLayout(resolveLayout('twitter'), 1, 1, Date.UTC(2081, 0, 1)).problems[0]).toContain('ran out');
  });

  it('gives the birthday odds of worker numbers that are drawn instead of leased', () => {
    const { collisions } = planLayout(resolveLayout('ts:41,worker:10,seq:12'), 38, 1, NOW);
    expect(collisions).toMatchObject({ kind: 'none' });
    // 1 - 1024! / (986! · 1024^38) = 0.5
    expect(collisions.kind === 'none' && collisions.unleasedOdds).toBeCloseTo(0.5, 1);
  });

  it('gives the collision odds of random kinds, none within one generator', () => {
    const alone = planLayout(resolveLayout('ulid'), 1, 1e6, NOW).collisions;
    expect(alone).toMatchObject({ expectedPerYear: 0, oddsPerYear: 0, yearsToEvenOdds: Number.POSITIVE_INFINITY });
    const many = planLayout(resolveLayout('ulid'), 1000, 1e6, NOW).collisions;
    // 1000 IDs a millisecond: 499,500 pairs from different generators, 2^-80 each, 3.16e10 milliseconds
    expect(many.kind === 'random' && many.expectedPerYear).toBeCloseTo((499_500 * 3.155_76e10) / 2 ** 80, 12);
  });

  it.each([
    [0, 1],
    [1.5, 1],
    [1, 0],
    [1, Number.POSITIVE_INFINITY],
  ])('of %s workers at %s/s is refused', (workers, rate) => {
    expect(() => planLayout(discord, workers, rate, NOW)).toThrow(expect.objectContaining({ code: 'seq.bad_plan' }));
  });
});
