import { describe, expect, test } from 'vitest';
import type { CacheEntry, CacheFilter } from '../../../../src/blocks/dns/cache/entry.js';
import { Name } from '../../../../src/blocks/dns/name.js';
import { openDnsStore } from '../../../../src/blocks/dns/store.js';
import { openTestStore, type TestStore } from './test-zones.js';

const NOW = Date.UTC(2025, 5, 15, 12);

function entry(text: string, changes: Partial<CacheEntry> & { readonly type?: number } = {}): CacheEntry {
  const { type = 1, ...rest } = changes;
  const storedAt = rest.storedAt ?? NOW;
  return {
    question: { name: Name.parse(text), type, class: 1 },
    dnssecOk: false,
    checkingDisabled: false,
    kind: 'answer',
    response: Buffer.from(`answer of ${text}`),
    upstream: 'udp://192.0.2.53',
    storedAt,
    expiresAt: storedAt + 60_000,
    staleUntil: storedAt + 3_600_000,
    ...rest,
  };
}

const loaded = (store: TestStore, now = NOW) => [...store.cache.load(now)];
const names = (entries: readonly CacheEntry[]) => entries.map(({ question }) => question.name.toString());
const listed = (store: TestStore, filter: CacheFilter = {}, limit = -1) => names(store.cache.list(filter, { limit }));

describe('entries', () => {
  test('come back as they were, oldest first', () => {
    const store = openTestStore();
    const entries = [
      entry('b.test.', { storedAt: NOW - 5, kind: 'nodata', dnssecOk: true, upstream: 'tls://dns.example' }),
      entry('a.test.', { type: 28, checkingDisabled: true, kind: 'nxdomain', response: Buffer.alloc(70_000, 7) }),
    ];
    store.cache.write([...entries].reverse(), []);
    expect(loaded(store).map(({ question, ...rest }) => ({ ...rest, name: question.name.toString() }))).toEqual(
      entries.map(({ question, ...rest }) => ({ ...rest, name: question.name.toString() })),
    );
    expect(store.cache.count()).toBe(2);
  });

  test('are told apart by type, class, DO and CD, and replaced where all are the same', () => {
    const store = openTestStore();
    const one = entry('a.test.');
    store.cache.write(
      [one, entry('a.test.', { type: 28 }), { ...one, dnssecOk: true }, { ...one, checkingDisabled: true }],
      [],
    );
    store.cache.write([{ ...entry('A.Test.', { storedAt: NOW + 1 }), kind: 'nodata' }], []);
    expect(store.cache.count()).toBe(4);
    expect(loaded(store).at(-1)).toMatchObject({ kind: 'nodata', storedAt: NOW + 1 });
  });

  test('are removed by their key', () => {
    const store = openTestStore();
    store.cache.write([entry('a.test.'), entry('b.test.')], []);
    store.cache.write([entry('c.test.')], [entry('A.test.'), entry('nowhere.test.')]);
    expect(listed(store).sort()).toEqual(['b.test.', 'c.test.']);
    expect(store.cache.count()).toBe(2);
  });

  test('that cannot be used any more are not loaded, but listed', () => {
    const store = openTestStore();
    store.cache.write([entry('old.test.', { storedAt: NOW - 3_600_001 }), entry('new.test.')], []);
    expect(names(loaded(store))).toEqual(['new.test.']);
    expect(listed(store)).toEqual(['new.test.', 'old.test.']);
  });

  test('survive a restart, more of them than are read at a time', () => {
    const store = openTestStore();
    const many = Array.from({ length: 2500 }, (_, index) => entry(`n${index}.test.`, { storedAt: NOW + (index % 7) }));
    store.cache.write(many, []);
    store.close();
    const again = openDnsStore({ path: store.path, clock: store.clock });
    const back = [...again.cache.load(NOW)];
    expect(new Set(names(back))).toEqual(new Set(names(many)));
    expect(back).toHaveLength(2500);
    expect(back.map(({ storedAt }) => storedAt)).toEqual(back.map(({ storedAt }) => storedAt).sort((a, b) => a - b));
    again.close();
  });

  test('of a kind that this version does not know are left out', () => {
    const store = openTestStore();
    store.cache.write([entry('a.test.'), entry('b.test.')], []);
    store.file.write(() =>
      store.file.statement("UPDATE cache SET kind = 'riddle' WHERE stored_at = ? LIMIT 1").run(NOW),
    );
    expect(loaded(store)).toHaveLength(1);
  });
});

describe('the bounds', () => {
  test('let those go first whose time ends first', () => {
    const store = openTestStore({ cache: { mostEntries: 3 } });
    const ending = (text: string, minutes: number) => entry(text, { staleUntil: NOW + minutes * 60_000 });
    store.cache.write([ending('a.test.', 3), ending('b.test.', 1), ending('c.test.', 2), ending('d.test.', 4)], []);
    expect(listed(store).sort()).toEqual(['a.test.', 'c.test.', 'd.test.']);
    store.cache.write([ending('e.test.', 9), ending('f.test.', 9)], []);
    expect(listed(store).sort()).toEqual(['d.test.', 'e.test.', 'f.test.']);
  });

  test('are of octets, too, and counted right through replacing, removing and flushing', () => {
    const store = openTestStore({ cache: { mostBytes: 1000 } });
    const sized = (text: string, length: number) => entry(text, { response: Buffer.alloc(length) });
    store.cache.write([sized('a.test.', 900)], []);
    for (let round = 0; round < 5; round++) store.cache.write([sized('a.test.', 300 + round)], []);
    store.cache.write([sized('b.test.', 300), sized('c.test.', 300)], []);
    expect(store.cache.count()).toBe(3);
    store.cache.flush({ name: Name.parse('b.test.') });
    store.cache.write([{ ...sized('b.test.', 390), storedAt: NOW + 1 }], []);
    expect(store.cache.count()).toBe(3);
    store.cache.write([sized('d.test.', 500)], []);
    expect(store.cache.count()).toBe(2);
    const { cache_bytes } = store.file.statement<[], { cache_bytes: number }>('SELECT * FROM standing').get() ?? {};
    expect(cache_bytes).toBe(store.cache.list({}).reduce((sum, { response }) => sum + response.length, 0));
  });
});

describe('listing', () => {
  function filled() {
    const store = openTestStore();
    const entries = [
      entry('test.', { storedAt: NOW + 1 }),
      entry('a.test.', { storedAt: NOW + 2, type: 28 }),
      entry('b.a.test.', { storedAt: NOW + 3, upstream: 'tls://dns.example' }),
      entry('\\001.a.test.', { storedAt: NOW + 4 }),
      entry('ba.test.', { storedAt: NOW + 5 }),
      entry('a.tests.', { storedAt: NOW + 6 }),
    ];
    store.cache.write(entries, []);
    return store;
  }

  test.each<[string, CacheFilter, string[]]>([
    ['a name and what is below', { name: Name.parse('A.test.') }, ['\\001.a.test.', 'b.a.test.', 'a.test.']],
    [
      'the root: everything',
      { name: Name.root },
      ['a.tests.', 'ba.test.', '\\001.a.test.', 'b.a.test.', 'a.test.', 'test.'],
    ],
    ['a type', { type: 28 }, ['a.test.']],
    ['an upstream', { upstream: 'tls://dns.example' }, ['b.a.test.']],
    ['all of them together', { name: Name.parse('a.test.'), upstream: 'tls://dns.example', type: 1 }, ['b.a.test.']],
    ['what nothing fits', { name: Name.parse('a.test.'), type: 99 }, []],
  ])('by %s, newest first', (_, filter, expected) => {
    expect(listed(filled(), filter)).toEqual(expected);
  });

  test('of so many at most', () => {
    expect(listed(filled(), {}, 2)).toEqual(['a.tests.', 'ba.test.']);
  });

  test('and flushing mean the same entries', () => {
    for (const filter of [{ name: Name.parse('a.test.') }, { type: 1 }, { upstream: 'tls://dns.example' }, {}]) {
      const store = filled();
      const meant = listed(store, filter);
      expect(store.cache.flush(filter).deleted).toBe(meant.length);
      expect(listed(store, filter)).toEqual([]);
      expect(store.cache.count()).toBe(6 - meant.length);
    }
  });
});

describe('a flush', () => {
  const second = (store: TestStore) => openDnsStore({ path: store.path, clock: store.clock });

  test('is noticed by another process through the data version, in order and once', () => {
    const store = openTestStore();
    const daemon = second(store);
    const before = daemon.cache.dataVersion();
    expect(daemon.cache.lastFlush()).toBe(0);
    store.cache.flush({ name: Name.parse('A.test.'), type: 1 });
    store.cache.flush({ upstream: 'udp://192.0.2.53' });
    expect(daemon.cache.dataVersion()).not.toBe(before);
    const flushes = daemon.cache.flushesSince(0);
    expect(flushes.map(({ id, filter }) => [id, { ...filter, name: filter.name?.toString() }])).toEqual([
      [1, { name: 'a.test.', type: 1 }],
      [2, { upstream: 'udp://192.0.2.53' }],
    ]);
    expect(daemon.cache.lastFlush()).toBe(2);
    expect(daemon.cache.flushesSince(2)).toEqual([]);
    expect(daemon.cache.flushesSince(1)).toHaveLength(1);
    daemon.close();
  });

  test('of which too many were missed counts as one of everything', () => {
    const store = openTestStore();
    // As flush() does it, in one commit instead of a thousand.
    store.file.write(() => {
      const insert = store.file.statement('INSERT INTO flush (at, type) VALUES (0, 1)');
      for (let round = 0; round < 1001; round++) insert.run();
    });
    store.cache.flush({ type: 1 });
    expect(store.cache.flushesSince(1)).toEqual([{ id: 1002, filter: {} }]);
    expect(store.cache.flushesSince(2)).toHaveLength(1000);
    expect(store.cache.flushesSince(1001)).toEqual([{ id: 1002, filter: { type: 1 } }]);
  });

  test('is not undone by what a daemon had before it and writes after it', () => {
    const store = openTestStore();
    const daemon = second(store);
    store.clock.advance(1000);
    store.cache.flush({ name: Name.parse('a.test.') });
    const later = store.clock.now() + 1;
    daemon.cache.write([entry('x.a.test.'), entry('b.test.'), entry('y.a.test.', { storedAt: later })], []);
    expect(listed(store)).toEqual(['y.a.test.', 'b.test.']);
    daemon.close();
  });
});
