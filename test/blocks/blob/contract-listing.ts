/** Lists of objects: part of contract.ts. */
import { describe, expect, test } from 'vitest';
import type { BlobStore, ListQuery, ObjectPage } from '../../../src/blocks/blob/blob-store.js';
import { put } from './bodies.js';

export function describeListing(bucket: string, current: () => BlobStore): void {
  describe('lists', () => {
    const putAll = (...keys: string[]) => Promise.all(keys.map((key) => put(current(), bucket, key, key)));
    const list = (query: Partial<ListQuery>) => current().listObjects(bucket, { limit: 1000, ...query });
    const short = ({ objects, prefixes, next }: ObjectPage) => ({
      keys: objects.map(({ key }) => key),
      prefixes: [...prefixes],
      ...(next === undefined ? {} : { more: true }),
    });

    /** All pages, as the entries of each. */
    async function pages(query: Partial<ListQuery>): Promise<string[][]> {
      const found: string[][] = [];
      let after: string | undefined;
      do {
        const page = await list({ ...query, ...(after === undefined ? {} : { after }) });
        found.push([...page.objects.map(({ key }) => key), ...page.prefixes]);
        after = page.next;
      } while (after !== undefined);
      return found;
    }

    test('are in the order of UTF-8 bytes', async () => {
      await putAll('\u{10000}', '\ue000', 'b', 'a', 'é', 'A', 'a/b', 'a!');
      expect(short(await list({}))).toEqual({
        keys: ['A', 'a', 'a!', 'a/b', 'b', 'é', '\ue000', '\u{10000}'],
        prefixes: [],
      });
    });

    test('say of each object what it is', async () => {
      const { etag, modifiedAt } = await put(current(), bucket, 'a', 'hello');
      const [object] = (await list({})).objects;
      expect(object).toMatchObject({ key: 'a', size: 5, etag });
      expect(Math.abs((object?.modifiedAt ?? 0) - modifiedAt)).toBeLessThan(1000);
    });

    test('begin with a prefix, and roll up what is below a delimiter', async () => {
      await putAll('asdf', 'boo/bar', 'boo/baz/xyzzy', 'cquux/thud', 'cquux/bla');
      expect(short(await list({ delimiter: '/' }))).toEqual({ keys: ['asdf'], prefixes: ['boo/', 'cquux/'] });
      expect(short(await list({ delimiter: '/', prefix: 'boo/' }))).toEqual({
        keys: ['boo/bar'],
        prefixes: ['boo/baz/'],
      });
      expect(short(await list({ prefix: 'boo' }))).toEqual({ keys: ['boo/bar', 'boo/baz/xyzzy'], prefixes: [] });
      expect(short(await list({ prefix: 'nothing' }))).toEqual({ keys: [], prefixes: [] });
    });

    test('take delimiters of any length', async () => {
      await putAll('a--b', 'a--c', 'a-d', 'b--', 'c🎈d');
      expect(short(await list({ delimiter: '--' }))).toEqual({ keys: ['a-d', 'c🎈d'], prefixes: ['a--', 'b--'] });
      expect(short(await list({ delimiter: '🎈' }))).toMatchObject({ prefixes: ['c🎈'] });
      expect(short(await list({ delimiter: '--', prefix: 'a--' }))).toEqual({ keys: ['a--b', 'a--c'], prefixes: [] });
    });

    test('go on where a page ended, be that an object or a prefix', async () => {
      await putAll('asdf', 'boo/bar', 'boo/baz/xyzzy', 'cquux/thud', 'cquux/bla', 'z');
      expect(await pages({ delimiter: '/', limit: 1 })).toEqual([['asdf'], ['boo/'], ['cquux/'], ['z']]);
      expect(await pages({ delimiter: '/', limit: 3 })).toEqual([['asdf', 'boo/', 'cquux/'], ['z']]);
      expect(await pages({ limit: 4 })).toEqual([
        ['asdf', 'boo/bar', 'boo/baz/xyzzy', 'cquux/bla'],
        ['cquux/thud', 'z'],
      ]);
      expect(await pages({ delimiter: '/', limit: 4 })).toEqual([['asdf', 'z', 'boo/', 'cquux/']]);
      expect(await list({ limit: 0 })).toEqual({ objects: [], prefixes: [] });
    });

    test('begin after any text', async () => {
      await putAll('a', 'b/1', 'b/2', 'c');
      expect(short(await list({ after: 'a' })).keys).toEqual(['b/1', 'b/2', 'c']);
      expect(short(await list({ after: 'aaa' })).keys).toEqual(['b/1', 'b/2', 'c']);
      expect(short(await list({ after: 'c' })).keys).toEqual([]);
      expect(short(await list({ prefix: 'b/', after: 'a' })).keys).toEqual(['b/1', 'b/2']);
      expect(short(await list({ prefix: 'b/', after: 'b/1' })).keys).toEqual(['b/2']);
      expect(short(await list({ prefix: 'b/', after: 'c' })).keys).toEqual([]);
      expect(short(await list({ delimiter: '/', after: 'b/' }))).toEqual({ keys: ['c'], prefixes: [] });
    });
  });
}
