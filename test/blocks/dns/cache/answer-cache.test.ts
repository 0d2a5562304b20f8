import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acceptResponse } from '../../../../src/blocks/dns/cache/accept.js';
import { AnswerCache, type AnswerCacheOptions } from '../../../../src/blocks/dns/cache/answer-cache.js';
import type { CacheEntry, EntryKey } from '../../../../src/blocks/dns/cache/entry.js';
import { defaultLimits } from '../../../../src/blocks/dns/cache/lifetime.js';
import { makeEntry } from '../../../../src/blocks/dns/cache/make-entry.js';
import { Name } from '../../../../src/blocks/dns/name.js';
import type { Message } from '../../../../src/blocks/dns/wire.js';
import { keyOf, nxdomain, respond, SOA } from './messages.js';

const WALL = 1_750_000_000_000;

/** A cache that is filled by responses, with the entries that it removed. */
function makeCache(options: AnswerCacheOptions = {}) {
  const removed: CacheEntry[] = [];
  const cache = new AnswerCache({ ...options, onRemoved: (entry) => removed.push(entry) });
  const entryOf = (key: EntryKey, response: Message, upstream = 'udp://192.0.2.53:53') => {
    const accepted = acceptResponse(key.question, response, key.dnssecOk, defaultLimits);
    if (typeof accepted === 'string') throw new Error(accepted);
    const entry = makeEntry(key, accepted, { upstream, extendedErrors: [], now: WALL }, defaultLimits);
    if (entry === undefined) throw new Error('must not be kept');
    return { entry, names: accepted.names };
  };
  const put = (key: EntryKey, response: Message, now = 0, upstream?: string) => {
    const { entry, names } = entryOf(key, response, upstream);
    cache.put(entry, names, now);
  };
  /** `ttl` of an A record. */
  const putA = (name: string, { now = 0, ttl = 300, parts = {} as Partial<EntryKey> } = {}) => {
    const key = keyOf(name, 'A', parts);
    put(key, respond(key.question, { answers: [`${name} ${ttl} A 192.0.2.1`] }), now);
  };
  const putNxdomain = (name: string, { now = 0, parts = {} as Partial<EntryKey> } = {}) => {
    const key = keyOf(name, 'A', parts);
    put(key, nxdomain(key.question), now);
  };
  const state = (name: string, now = 0, type = 'A', parts: Partial<EntryKey> = {}) => {
    const found = cache.find(keyOf(name, type, parts), now);
    if (found === undefined) return 'unknown';
    return `${found.state} ${found.byCut ? 'by cut' : found.slot.entry.kind}`;
  };
  return { cache, removed, entryOf, put, putA, putNxdomain, state };
}

describe('the life of an entry', () => {
  test('fresh to the end of its TTL, stale for a day, then gone', () => {
    const { cache, putA, state, removed } = makeCache();
    putA('www.shop.test.', { ttl: 300 });
    expect(state('www.shop.test.', 299_999)).toBe('fresh answer');
    expect(state('www.shop.test.', 300_000)).toBe('stale answer');
    expect(state('www.shop.test.', 300_000 + 86_399_999)).toBe('stale answer');
    expect(state('www.shop.test.', 300_000 + 86_400_000)).toBe('unknown');
    expect(cache.size).toBe(0);
    expect(cache.bytes).toBe(0);
    expect(removed).toHaveLength(1);
  });

  test('names are found without regard to case', () => {
    const { putA, state } = makeCache();
    putA('WWW.shop.test.');
    expect(state('www.SHOP.test.')).toBe('fresh answer');
  });

  test('type, DO and CD tell questions apart', () => {
    const { putA, state } = makeCache();
    putA('www.shop.test.', { parts: { dnssecOk: true } });
    expect(state('www.shop.test.')).toBe('unknown');
    expect(state('www.shop.test.', 0, 'AAAA', { dnssecOk: true })).toBe('unknown');
    expect(state('www.shop.test.', 0, 'A', { dnssecOk: true, checkingDisabled: true })).toBe('unknown');
    expect(state('www.shop.test.', 0, 'A', { dnssecOk: true })).toBe('fresh answer');
  });

  test('what is beyond use is swept away without being asked for', () => {
    const { cache, putA, removed } = makeCache();
    for (let i = 0; i < 10; i++) putA(`h${i}.shop.test.`, { ttl: i < 5 ? 10 : 86_400 });
    cache.sweep(86_400_000 + 10_000, 3);
    expect(removed).toHaveLength(3);
    cache.sweep(86_400_000 + 10_000, 100);
    expect(removed).toHaveLength(5);
    expect(cache.size).toBe(5);
  });
});

describe('NXDOMAIN cut (RFC 8020)', () => {
  test('section 2: what is below a denied name does not exist, whatever its type', () => {
    const { putNxdomain, state } = makeCache();
    putNxdomain('foo.shop.test.');
    expect(state('bar.foo.shop.test.')).toBe('fresh by cut');
    expect(state('a.b.c.bar.FOO.shop.test.', 0, 'MX')).toBe('fresh by cut');
    expect(state('foo.shop.test.', 0, 'TXT')).toBe('fresh by cut');
    expect(state('foo.shop.test.')).toBe('fresh nxdomain');
    expect(state('xfoo.shop.test.')).toBe('unknown');
    expect(state('shop.test.')).toBe('unknown');
  });

  test('section 2: of a chain it is the last name that is denied', () => {
    const { put, state } = makeCache();
    const key = keyOf('www.shop.test.');
    put(key, nxdomain(key.question, SOA, ['www.shop.test. 300 CNAME gone.shop.test.']));
    expect(state('x.gone.shop.test.')).toBe('fresh by cut');
    expect(state('x.www.shop.test.')).toBe('unknown');
    expect(state('www.shop.test.', 0, 'MX')).toBe('unknown');
  });

  test('section 2: what is known below it is given on until its own end', () => {
    const { putA, putNxdomain, state } = makeCache();
    putA('bar.foo.shop.test.', { ttl: 30 });
    putNxdomain('foo.shop.test.');
    expect(state('bar.foo.shop.test.', 29_000)).toBe('fresh answer');
    expect(state('bar.foo.shop.test.', 31_000)).toBe('fresh by cut');
  });

  test('section 2: it ends with the negative TTL', () => {
    const { putNxdomain, state } = makeCache();
    putNxdomain('foo.shop.test.');
    expect(state('bar.foo.shop.test.', 59_999)).toBe('fresh by cut');
    expect(state('bar.foo.shop.test.', 60_000)).toBe('unknown');
  });

  test('NODATA denies nothing below', () => {
    const { put, state } = makeCache();
    const key = keyOf('foo.shop.test.');
    put(key, respond(key.question, { authorities: [SOA] }));
    expect(state('bar.foo.shop.test.')).toBe('unknown');
  });

  test('a newer answer from below disproves it', () => {
    const { putA, putNxdomain, state } = makeCache();
    putNxdomain('foo.shop.test.');
    putA('bar.foo.shop.test.', { now: 1_000 });
    expect(state('other.foo.shop.test.', 1_000)).toBe('unknown');
    expect(state('foo.shop.test.', 1_000)).toBe('unknown');
  });

  test('an alias that leads below it disproves it, too', () => {
    const { put, putNxdomain, state } = makeCache();
    putNxdomain('foo.shop.test.');
    const key = keyOf('www.shop.test.');
    put(
      key,
      respond(key.question, {
        answers: ['www.shop.test. 60 CNAME a.foo.shop.test.', 'a.foo.shop.test. 60 A 192.0.2.1'],
      }),
    );
    expect(state('b.foo.shop.test.')).toBe('unknown');
  });

  test('section 2: with DO it counts only when it came with its proofs', () => {
    const { putNxdomain, state } = makeCache();
    putNxdomain('foo.shop.test.');
    expect(state('bar.foo.shop.test.', 0, 'A', { dnssecOk: true })).toBe('unknown');
    putNxdomain('foo.shop.test.', { parts: { dnssecOk: true } });
    expect(state('bar.foo.shop.test.', 0, 'A', { dnssecOk: true })).toBe('fresh by cut');
  });

  test('can be turned off', () => {
    const { putNxdomain, state } = makeCache({ nxdomainCut: false });
    putNxdomain('foo.shop.test.');
    expect(state('bar.foo.shop.test.')).toBe('unknown');
    expect(state('foo.shop.test.')).toBe('fresh nxdomain');
  });

  test('a fresh NXDOMAIN above is given rather than a stale answer', () => {
    const { putA, putNxdomain, state } = makeCache();
    putA('bar.foo.shop.test.', { ttl: 10 });
    putNxdomain('foo.shop.test.', { now: 20_000 });
    expect(state('bar.foo.shop.test.', 30_000)).toBe('fresh by cut');
  });
});

describe('bounded memory', () => {
  const bytesOf = (count: number) => {
    const { cache, putA } = makeCache();
    for (let i = 0; i < count; i++) putA(`h${String(i).padStart(4, '0')}.shop.test.`);
    return cache.bytes;
  };

  test('never more bytes than allowed, and what goes is told', () => {
    const maxBytes = bytesOf(50);
    const { cache, putA, removed } = makeCache({ maxBytes });
    for (let i = 0; i < 500; i++) {
      putA(`h${String(i).padStart(4, '0')}.shop.test.`);
      expect(cache.bytes).toBeLessThanOrEqual(maxBytes);
    }
    expect(cache.size).toBe(50);
    expect(removed).toHaveLength(450);
  });

  test('what is asked for stays, however many are asked for once', () => {
    const { putA, state } = makeCache({ maxBytes: bytesOf(50) });
    for (let i = 0; i < 10; i++) putA(`hot${i}x.shop.test.`);
    for (let i = 0; i < 1000; i++) {
      putA(`h${String(i).padStart(4, '0')}.shop.test.`);
      state(`hot${i % 10}x.shop.test.`);
    }
    for (let i = 0; i < 10; i++) expect(state(`hot${i}x.shop.test.`)).toBe('fresh answer');
  });

  test('an answer with more bytes than all may have is not kept', () => {
    const { cache, putA, state, removed } = makeCache({ maxBytes: 100 });
    putA('www.shop.test.');
    expect(state('www.shop.test.')).toBe('unknown');
    expect(cache.bytes).toBe(0);
    expect(removed).toHaveLength(1);
  });

  test('bytes are those of the entries that are there, whatever happens', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(20), fc.constantFrom('a', 'n', 'find', 'drop')), { maxLength: 200 }),
        (steps) => {
          const { cache, putA, putNxdomain, state } = makeCache({ maxBytes: bytesOf(8) });
          for (const [at, [number, step]] of steps.entries()) {
            const name = `h${String(number).padStart(4, '0')}.shop.test.`;
            if (step === 'a') putA(name, { now: at });
            else if (step === 'n') putNxdomain(name, { now: at });
            else if (step === 'find') state(name, at);
            else cache.drop({ name: Name.parse(name) });
          }
          expect(cache.bytes).toBeLessThanOrEqual(bytesOf(8));
          cache.drop({});
          expect([cache.bytes, cache.size]).toEqual([0, 0]);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('flushing', () => {
  test('by name and what is below, by type, by upstream, or everything', () => {
    const fill = () => {
      const made = makeCache();
      const mail = keyOf('www.shop.test.', 'MX');
      made.putA('www.shop.test.');
      made.putA('a.www.shop.test.');
      made.putA('bank.test.');
      made.put(
        mail,
        respond(mail.question, { answers: ['www.shop.test. 60 MX 1 mx.shop.test.'] }),
        0,
        'tls://192.0.2.9:853',
      );
      return made.cache;
    };
    expect(fill().drop({})).toBe(4);
    expect(fill().drop({ name: Name.parse('WWW.shop.test.') })).toBe(3);
    expect(fill().drop({ name: Name.parse('shop.test.'), type: 1 })).toBe(2);
    expect(fill().drop({ upstream: 'tls://192.0.2.9:853' })).toBe(1);
    expect(fill().drop({ upstream: 'udp://192.0.2.53:53', name: Name.parse('bank.test.') })).toBe(1);
  });

  test('a flushed NXDOMAIN denies nothing any more', () => {
    const { cache, putNxdomain, state } = makeCache();
    putNxdomain('foo.shop.test.');
    cache.drop({ name: Name.parse('foo.shop.test.') });
    expect(state('bar.foo.shop.test.')).toBe('unknown');
  });
});

describe('across a restart', () => {
  const restored = (ageMs: number) => {
    const { cache, entryOf, state } = makeCache();
    const key = keyOf('www.shop.test.');
    const { entry, names } = entryOf(key, respond(key.question, { answers: ['www.shop.test. 300 A 192.0.2.1'] }));
    const kept = cache.restore(entry, names, { wall: WALL + ageMs, monotonic: 5_000 });
    return { kept, state: state('www.shop.test.', 5_000), later: state('www.shop.test.', 5_000 + 100_000) };
  };

  test('an entry is as old as the wall clock says, and ages on by the other one', () => {
    expect(restored(250_000)).toEqual({ kept: true, state: 'fresh answer', later: 'stale answer' });
    expect(restored(300_000)).toEqual({ kept: true, state: 'stale answer', later: 'stale answer' });
  });

  test('one from the future is dropped: the clock was stepped back', () => {
    expect(restored(-1)).toEqual({ kept: false, state: 'unknown', later: 'unknown' });
  });

  test('one that is beyond use is dropped', () => {
    expect(restored(300_000 + 86_400_000).kept).toBe(false);
  });
});
