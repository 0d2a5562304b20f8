import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineLimit, type LimitRequest } from '../../../src/blocks/limit/limit.js';
import type { Decision } from '../../../src/blocks/limit/limiter.js';
import { type HeaderFields, rateLimitFields, readDeclared } from '../../../src/blocks/limit/ratelimit-fields.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const read = (headers: HeaderFields) => readDeclared(headers, NOW);

const named = (name: string, request: LimitRequest, decision: Partial<Decision> = {}) => ({
  name,
  limit: defineLimit(request),
  decision: { allowed: true, limit: 1, remaining: 0, retryAfterUs: 0, resetAfterUs: 0, delayUs: 0, ...decision },
});
const gcra = (count: number, periodUs: number, burst?: number): LimitRequest => ({
  algorithm: 'gcra',
  count,
  periodUs,
  ...(burst !== undefined && { burst }),
});

describe('fields that are written', () => {
  test('as draft-ietf-httpapi-ratelimit-headers-11 has them', () => {
    const fields = rateLimitFields([
      named(
        'burst',
        { algorithm: 'fixed-window', count: 100, periodUs: 60e6 },
        { remaining: 50, resetAfterUs: 29_100_000 },
      ),
      named('day', { algorithm: 'fixed-window', count: 1000, periodUs: 86_400e6 }, { remaining: 999, resetAfterUs: 1 }),
    ]);
    expect(fields).toEqual({
      'ratelimit-policy': '"burst";q=100;w=60, "day";q=1000;w=86400',
      ratelimit: '"burst";r=50;t=30, "day";r=999;t=1',
    });
  });

  test.each([
    [gcra(20, 250_000), '"x";q=80;w=1'],
    [gcra(3, 100), '"x";q=30000;w=1'],
    [gcra(7, 3_000), '"x";q=7000;w=3'],
    [gcra(5, 60e6, 20), '"x";q=5;w=60;ds-burst=20'],
    [{ algorithm: 'concurrency', count: 8, periodUs: 30e6 } as const, '"x";q=8;qu="concurrent-requests"'],
  ])('tell the rate in whole seconds: %j', (request, policy) => {
    expect(rateLimitFields([named('x', request)])['ratelimit-policy']).toBe(policy);
  });

  test('say when there is more, not when there is all', () => {
    // 5 a minute, 2 taken: the next comes back within one step of 12 s.
    const two = named('x', gcra(5, 60e6), { remaining: 3, resetAfterUs: 23_500_000 });
    expect(rateLimitFields([two])['ratelimit']).toBe('"x";r=3;t=12');
    const unused = named('x', gcra(5, 60e6), { remaining: 5 });
    expect(rateLimitFields([unused])['ratelimit']).toBe('"x";r=5');
  });

  test('tell a refusal when to come again, never at once, and never before t', () => {
    const refused = { allowed: false, retryAfterUs: 11_000_001, resetAfterUs: 59_000_000 };
    const fields = rateLimitFields([named('x', gcra(5, 60e6), refused)], { refused: true });
    expect(fields['retry-after']).toBe('12');
    expect(fields['ratelimit']).toBe('"x";r=0;t=11');
    const soon = named('x', gcra(5, 60e6), { ...refused, retryAfterUs: 1 });
    expect(rateLimitFields([soon], { refused: true })['retry-after']).toBe('1');
    const never = named('x', gcra(5, 60e6), { ...refused, retryAfterUs: Number.POSITIVE_INFINITY });
    expect(rateLimitFields([never], { refused: true })['retry-after']).toBe('31536000');
    expect(rateLimitFields([], { refused: true, blockedForUs: 3_600e6 })).toEqual({ 'retry-after': '3600' });
  });

  test('have the old names on demand, with the tightest limit', () => {
    const fields = rateLimitFields(
      [
        named('a', gcra(100, 60e6), { limit: 100, remaining: 90, resetAfterUs: 6e6 }),
        named('b', gcra(5, 60e6), { limit: 5, remaining: 2, resetAfterUs: 36e6 }),
      ],
      { legacy: true },
    );
    expect(fields).toMatchObject({
      'x-ratelimit-limit': '5',
      'x-ratelimit-remaining': '2',
      'x-ratelimit-reset': '36',
    });
  });

  test('are read back as what was written', () => {
    const count = fc.integer({ min: 1, max: 1e6 });
    fc.assert(
      fc.property(
        count,
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 0, max: 1e6 }),
        (c, seconds, remaining) => {
          const fields = rateLimitFields([
            named('a "quoted\\ name', { algorithm: 'fixed-window', count: c, periodUs: seconds * 1e6 }, { remaining }),
          ]);
          expect(read(fields)).toEqual({
            limits: [
              { form: 'draft-8-to-11', name: 'a "quoted\\ name', limit: c, windowMs: seconds * 1000, remaining },
            ],
            notes: [],
          });
        },
      ),
    );
  });
});

describe('limits that servers declare', () => {
  test.each<[string, HeaderFields, object[]]>([
    [
      'drafts 8 to 11',
      {
        'ratelimit-policy': '"permin";q=50;w=60, "perhr";q=1000;w=3600;qu="content-bytes";acme-burst=7',
        ratelimit: ['"perhr";r=900;t=30', '"permin";r=0'],
      },
      [
        { form: 'draft-8-to-11', name: 'permin', limit: 50, windowMs: 60_000, remaining: 0 },
        {
          name: 'perhr',
          limit: 1000,
          windowMs: 3_600_000,
          unit: 'content-bytes',
          burst: 7,
          remaining: 900,
          resetMs: 30_000,
        },
      ],
    ],
    [
      'express-rate-limit, draft 8',
      {
        'ratelimit-policy': '"100-in-15min"; q=100; w=900; pk=:OTNiYzkw:',
        ratelimit: '"100-in-15min"; r=99; t=900; pk=:OTNiYzkw:',
      },
      [{ limit: 100, windowMs: 900_000, remaining: 99, resetMs: 900_000, partition: 'OTNiYzkw' }],
    ],
    [
      'draft 7',
      { 'ratelimit-policy': '100;w=60, 1000;w=3600', ratelimit: 'limit=1000, remaining=900, reset=30' },
      [
        { form: 'draft-7', limit: 100, windowMs: 60_000 },
        { form: 'draft-7', limit: 1000, windowMs: 3_600_000, remaining: 900, resetMs: 30_000 },
      ],
    ],
    [
      'draft 6',
      {
        'ratelimit-limit': '100',
        'ratelimit-remaining': '50',
        'ratelimit-reset': '30',
        'ratelimit-policy': '100;w=60',
      },
      [{ limit: 100, windowMs: 60_000, remaining: 50, resetMs: 30_000 }],
    ],
    [
      'draft 3, with the window behind the limit',
      { 'ratelimit-limit': '10, 10;w=1, 50;w=60', 'ratelimit-remaining': '9' },
      [{ form: 'ratelimit-limit', limit: 10, windowMs: 1_000, remaining: 9 }],
    ],
    [
      'GitHub: reset in epoch seconds',
      {
        'x-ratelimit-limit': '60',
        'x-ratelimit-remaining': '59',
        'x-ratelimit-reset': String(NOW / 1000 + 90),
        'x-ratelimit-used': '1',
      },
      [{ form: 'x-ratelimit', limit: 60, remaining: 59, resetMs: 90_000 }],
    ],
    [
      'epoch milliseconds',
      { 'x-ratelimit-limit': '60', 'x-ratelimit-reset': String(NOW + 1_500) },
      [{ resetMs: 1_500 }],
    ],
    ['delta seconds', { 'x-rate-limit-limit': '60', 'x-rate-limit-reset': '7.5' }, [{ resetMs: 7_500 }]],
    [
      'a date',
      { 'x-ratelimit-limit': '60', 'x-ratelimit-reset': 'Thu, 01 Jan 2026 00:00:09 GMT' },
      [{ resetMs: 9_000 }],
    ],
    ['an ISO date', { 'x-ratelimit-limit': '60', 'x-ratelimit-reset': '2026-01-01T00:01:00Z' }, [{ resetMs: 60_000 }]],
    [
      'by the clock of the server, where it tells it',
      {
        date: 'Thu, 01 Jan 2026 01:00:00 GMT',
        'x-ratelimit-limit': '60',
        'x-ratelimit-reset': String(NOW / 1000 + 3_600 + 5),
      },
      [{ resetMs: 5_000 }],
    ],
    [
      'several, by what is behind the name',
      {
        'x-ratelimit-limit-requests': '60',
        'x-ratelimit-reset-requests': '6m0s',
        'x-ratelimit-limit-minute': '5',
        'x-ratelimit-remaining-minute': '4',
      },
      [
        { unit: 'requests', limit: 60, resetMs: 360_000 },
        { limit: 5, remaining: 4, windowMs: 60_000 },
      ],
    ],
    [
      'once, where a server says it twice for old clients',
      {
        'x-ratelimit-limit': '5',
        'x-ratelimit-remaining': '4',
        ratelimit: '"a";r=4',
        'ratelimit-policy': '"a";q=5;w=60',
      },
      [{ form: 'draft-8-to-11', name: 'a', limit: 5, remaining: 4, windowMs: 60_000 }],
    ],
  ])('%s', (_what, headers, limits) => {
    const found = read(headers);
    expect(found.notes).toEqual([]);
    expect(found.limits).toHaveLength(limits.length);
    expect(found.limits).toMatchObject(limits);
  });

  test.each([
    ['120', 120_000],
    ['0', 0],
    ['1.5', 1_500],
    ['Thu, 01 Jan 2026 00:02:00 GMT', 120_000],
    ['Thursday, 01-Jan-26 00:02:00 GMT', 120_000],
    ['Thu Jan  1 00:02:00 2026', 120_000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
  ])('Retry-After: %s', (value, ms) => {
    expect(read({ 'retry-after': value })).toEqual({ limits: [], retryAfterMs: ms, notes: [] });
  });

  test.each<[HeaderFields, string]>([
    [{ 'retry-after': 'soon' }, 'Retry-After'],
    [{ 'retry-after': '-5' }, 'Retry-After'],
    [{ 'ratelimit-policy': '"a";q=' }, 'RateLimit-Policy'],
    [{ 'ratelimit-policy': '"a";w=60' }, 'no quota'],
    [{ ratelimit: '"a";r=x y' }, 'RateLimit'],
    [{ ratelimit: '"a";t=5' }, 'no remaining'],
    [{ ratelimit: 'limit=100, remaining=???' }, 'RateLimit'],
    [{ 'x-ratelimit-limit': 'many' }, 'x-ratelimit-limit'],
    [{ 'x-ratelimit-limit': '-5' }, 'x-ratelimit-limit'],
    [{ 'x-ratelimit-reset': 'Wed, 31 Dec 1980 23:59:00 GMT' }, 'x-ratelimit-reset'],
    [{ ratelimit: `"a";r=1;x="${'x'.repeat(10_000)}"` }, 'longer than'],
  ])('%j is ignored with a note', (headers, note) => {
    const found = read(headers);
    expect(found).toMatchObject({ limits: [] });
    expect(found.notes.join()).toContain(note);
  });

  test('never throw, whatever comes', () => {
    const name = fc.constantFrom(
      'ratelimit',
      'ratelimit-policy',
      'ratelimit-limit',
      'x-ratelimit-reset',
      'retry-after',
      'date',
    );
    const value = fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9";=,:?@ .-]{0,40}$/));
    fc.assert(
      fc.property(fc.dictionary(name, value), (headers) => void read(headers)),
      { numRuns: 500 },
    );
  });
});
