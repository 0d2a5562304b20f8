/** What holds for the store of the commands of `ds kv`, wherever it is: a file, the daemon, a Redis. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byteStringOf } from '../../../src/blocks/kv/bytes.js';
import { keyPages, type StoreTarget, withChannel, withStore } from '../../../src/blocks/kv/index.js';
import type { KeyValueStore } from '../../../src/blocks/kv/key-value-store.js';
import { exportRecords } from '../../../src/blocks/kv/report/export.js';
import { importRecords } from '../../../src/blocks/kv/report/import.js';
import { encodeRecord } from '../../../src/blocks/kv/report/records.js';
import { systemClock, systemRandom } from '../../../src/platform/clock.js';
import { waitFor } from '../../helpers/wait-for.js';

export interface StoreSubject {
  readonly target: StoreTarget;
  readonly hasRevisions: boolean;
  cleanup(): Promise<void>;
}

const context = { clock: systemClock, random: systemRandom };
/** All 256 bytes. */
const BINARY = byteStringOf(Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
const DAY_MS = 86_400_000;

export function describeStoreContract(name: string, start: () => Promise<StoreSubject>): void {
  describe(`the store of ${name}`, () => {
    let subject: StoreSubject;
    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject.cleanup());
    const use = <T>(work: (store: KeyValueStore) => Promise<T>) => withStore(subject.target, context, work);

    test('gives back bytes as they were put', () =>
      use(async (store) => {
        for (const [key, value] of [
          ['plain', 'hello'],
          [BINARY, BINARY],
          ['empty', ''],
          ['large', 'x'.repeat(1024 * 1024)],
        ] as const) {
          expect((await store.put(key, value)).done).toBe(true);
          expect((await store.get(key))?.value === value).toBe(true);
        }
        expect(await store.get('nobody')).toBeUndefined();
      }));

    test('what was put is there for the next one', async () => {
      await use((store) => store.put('kept', '1'));
      expect((await use((store) => store.get('kept')))?.value).toBe('1');
    });

    test('puts under conditions', () =>
      use(async (store) => {
        const done = async (...args: Parameters<KeyValueStore['put']>) => (await store.put(...args)).done;
        expect(await done('c', '1', { ifEquals: '0' })).toBe(false);
        expect(await done('c', '1', { ifAbsent: true })).toBe(true);
        expect(await done('c', '2', { ifAbsent: true })).toBe(false);
        expect(await done('c', '2', { ifEquals: '0' })).toBe(false);
        expect(await done('c', '2', { ifEquals: '1', ifAbsent: true })).toBe(false);
        expect(await done('c', '2', { ifEquals: '1', ttlMs: DAY_MS })).toBe(true);
        expect(await store.get('c')).toMatchObject({ value: '2', expiresAt: expect.any(Number) });
        expect(await done('c', '3')).toBe(true);
        expect(await store.ttl('c')).toBe('never');
      }));

    test('deletes under conditions', () =>
      use(async (store) => {
        expect((await store.delete('d')).done).toBe(false);
        await store.put('d', '1');
        expect((await store.delete('d', { ifEquals: '2' })).done).toBe(false);
        expect((await store.delete('d', { ifEquals: '1' })).done).toBe(true);
        expect(await store.get('d')).toBeUndefined();
      }));

    test('counts within 64 bits', () =>
      use(async (store) => {
        expect(await store.increment('n', 1n)).toBe(1n);
        expect(await store.increment('n', 2n ** 63n - 2n)).toBe(2n ** 63n - 1n);
        await expect(store.increment('n', 1n)).rejects.toMatchObject({ code: 'kv.refused' });
        await store.put('word', 'x');
        await expect(store.increment('word', 1n)).rejects.toMatchObject({ code: 'kv.refused' });
      }));

    test('keys go when their time comes', () =>
      use(async (store) => {
        await store.put('t', '1', { ttlMs: 20 });
        await waitFor(async () => (await store.get('t')) === undefined, { what: 'the key to be gone' });
        await store.put('t', '1', { ttlMs: DAY_MS });
        expect(await store.ttl('t')).toBeGreaterThan(DAY_MS - 60_000);
        expect(await store.expire('t', 'never')).toBe(true);
        expect(await store.ttl('t')).toBe('never');
        expect(await store.expire('t', { inMs: DAY_MS })).toBe(true);
        expect(await store.expire('t', { at: 4_102_444_800_000 })).toBe(true);
        expect((await store.get('t'))?.expiresAt).toBe(4_102_444_800_000);
        expect(await store.expire('t', { at: 1_000 })).toBe(true);
        expect(await store.ttl('t')).toBeUndefined();
        expect(await store.expire('t', 'never')).toBe(false);
      }));

    test('pages through keys', () =>
      use(async (store) => {
        const names = Array.from({ length: 2_345 }, (_, i) => `page:${String(i).padStart(5, '0')}`);
        for (let from = 0; from < names.length; from += 100) {
          await Promise.all(names.slice(from, from + 100).map((name) => store.put(name, '')));
        }
        await store.put('pagf', '');
        await store.put('pag', '');
        await store.put('page*', '');
        const found = async (request: Parameters<typeof keyPages>[1]) => {
          const keys: string[] = [];
          for await (const page of keyPages(store, request)) keys.push(...page.map(({ key }) => key));
          return subject.hasRevisions ? keys : [...new Set(keys)].sort();
        };
        expect(await found({ prefix: 'page:' })).toEqual(names);
        expect(await found({ match: 'page:0000?' })).toEqual(names.slice(0, 10));
        expect(await found({ prefix: 'page*' })).toEqual(['page*']);
        expect(await found({ match: 'pag[ef]' })).toEqual(['pagf']);
        expect(await found({ prefix: 'page:', type: 'hash' })).toEqual([]);
        expect(await found({ prefix: 'none' })).toEqual([]);
        expect((await found({ prefix: 'page:', most: 7 })).length).toBe(7);
      }));

    test('exports and imports all types, to the byte', async () => {
      const many = Array.from({ length: 2_500 }, (_, i) => `e${i}`);
      const read = () =>
        withChannel(subject.target, context, async (channel, store) => {
          const lines: string[] = [];
          for await (const record of exportRecords({ channel, store }, 'x:')) {
            lines.push(JSON.stringify(encodeRecord(record)));
          }
          return lines;
        });
      await withChannel(subject.target, context, async (channel) => {
        await channel.send(['SET', 'x:string', BINARY, 'PX', String(DAY_MS)]);
        await channel.send(['HSET', 'x:hash', 'f', 'v', BINARY, BINARY]);
        await channel.send(['SADD', 'x:set', 'a', BINARY]);
        await channel.send(['ZADD', 'x:zset', '1.5', 'a', 'inf', BINARY, '-inf', 'c', '1e300', 'd', '0.1', 'e']);
        await channel.send(['RPUSH', 'x:list', ...many, BINARY]);
        await channel.send(['PEXPIREAT', 'x:list', '4102444800000']);
      });
      const before = await read();
      expect(before.length).toBe(7);
      await withChannel(subject.target, context, async (channel) => {
        await channel.send(['DEL', 'x:string', 'x:hash', 'x:set', 'x:list']);
        // What is there already is replaced, not added to.
        await channel.send(['ZADD', 'x:zset', '7', 'more']);
        const input = async function* () {
          for (const line of before) yield Buffer.from(`${line}\n`);
        };
        expect(await importRecords(channel, systemClock, input())).toEqual({ keys: 5, expired: 0 });
      });
      const after = await read();
      const sorted = (lines: readonly string[]) => lines.map((line) => [...line].sort().join('')).sort();
      // Members of sets and fields of hashes come in any order out of a Redis.
      expect(sorted(after)).toEqual(sorted(before));
    });

    test('other types are refused by their name', () =>
      withChannel(subject.target, context, async (channel, store) => {
        await channel.send(['RPUSH', 'wrong', 'a']);
        await expect(store.get('wrong')).rejects.toMatchObject({ code: 'kv.wrong_type' });
        await expect(store.put('wrong', '1', { ifEquals: 'a' })).rejects.toMatchObject({
          code: expect.stringMatching(/^kv\./),
        });
        expect((await store.delete('wrong')).done).toBe(true);
      }));

    test('a transaction is made by all of its commands', () =>
      withChannel(subject.target, context, async (channel) => {
        expect(
          await channel.transaction([
            ['SET', 'm', '1'],
            ['INCR', 'm'],
            ['GET', 'm'],
          ]),
        ).toEqual(['OK', '2', '2']);
      }));

    test('tells how much there is', () =>
      use(async (store) => {
        const { databases, revision, bytes } = await store.stats();
        expect(databases[0]?.keys).toBeGreaterThan(2_000);
        expect(revision !== undefined).toBe(subject.hasRevisions);
        expect(bytes).toBeGreaterThan(0);
      }));

    test('revisions rise with each change, or are refused', () =>
      use(async (store) => {
        if (!subject.hasRevisions) {
          await expect(store.put('r', '1', { ifRevision: 1 })).rejects.toMatchObject({ code: 'kv.no_revisions' });
          await expect(store.changes(0)).rejects.toMatchObject({ code: 'kv.no_revisions' });
          return;
        }
        const { revision = 0 } = await store.put('r', '1', { ifRevision: 0 });
        expect(revision).toBeGreaterThan(0);
        expect(await store.put('r', '2', { ifRevision: 0 })).toEqual({ done: false, revision });
        const second = await store.put('r', BINARY, { ifRevision: revision, ttlMs: DAY_MS });
        expect(second).toEqual({ done: true, revision: revision + 1 });
        expect((await store.get('r'))?.revision).toBe(revision + 1);
        expect((await store.delete('r', { ifRevision: revision })).done).toBe(false);
        await store.put('other', '1');
        expect((await store.delete('r', { ifRevision: revision + 1 })).done).toBe(true);
        const { changes, revision: upTo } = await store.changes(revision - 1, 'r');
        expect(changes).toEqual([
          { revision, at: expect.any(Number), kind: 'put', key: 'r', type: 'string', value: '1' },
          {
            ...{ revision: revision + 1, at: expect.any(Number), kind: 'put', key: 'r', type: 'string', value: BINARY },
            expiresAt: expect.any(Number),
          },
          { revision: revision + 3, at: expect.any(Number), kind: 'delete', key: 'r' },
        ]);
        expect(upTo).toBe(revision + 3);
        expect(await store.changes(upTo)).toEqual({ changes: [], revision: upTo });
      }));

    test('many changes are told a page after the other', () =>
      use(async (store) => {
        if (!subject.hasRevisions) return;
        const keys = new Set<string>();
        for (let after = 0; ; ) {
          const { changes, revision } = await store.changes(after, 'page:');
          for (const { key = '' } of changes) keys.add(key);
          if (revision === after) break;
          after = revision;
        }
        expect(keys.size).toBe(2_345);
      }));
  });
}
