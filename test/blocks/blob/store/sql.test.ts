import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { querySql } from '../../../../src/blocks/blob/store/sql.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { bodyOf, code, put } from '../bodies.js';
import { openTestStore } from './open-test-store.js';

const all = (path: string, sql: string) => querySql(path, sql, ({ rows }) => [...rows]);

describe('a query of the metadata', () => {
  test('sees buckets, objects, versions, uploads and chunks under documented names', async () => {
    const { store } = openTestStore();
    await store.createBucket('docs');
    await store.putObject({ bucket: 'docs', key: 'a' }, bodyOf('hello'), {
      headers: { contentType: 'text/plain', cacheControl: 'no-cache' },
      metadata: { origin: 'camera' },
      tags: { team: 'blue' },
      checksum: () => ({ algorithm: 'CRC32', value: 'NhCmhg==', type: 'FULL_OBJECT' }),
    });
    await store.setVersioning('docs', 'enabled');
    await store.deleteObject({ bucket: 'docs', key: 'a' });
    await put(store, 'docs', 'large', 'x'.repeat(200_000));
    const upload = await store.createUpload({ bucket: 'docs', key: 'u' });
    await store.uploadPart(upload, 3, bodyOf('part'));

    const { path } = store;
    expect(await all(path, 'SELECT bucket, versioning, objects, versions, created_at FROM blob_buckets')).toEqual([
      ['docs', 'enabled', 1, 2, '2026-01-01T12:00:00.000Z'],
    ]);
    expect(await all(path, 'SELECT key, size_bytes, content_type, metadata, modified_at FROM blob_objects')).toEqual([
      ['large', 200_000, 'binary/octet-stream', null, '2026-01-01T12:00:00.000Z'],
    ]);
    expect(
      await all(
        path,
        `SELECT key, version_id = 'null', is_latest, delete_marker, content_type, metadata, tags, headers, checksum
         FROM blob_versions WHERE key = 'a' ORDER BY is_latest`,
      ),
    ).toEqual([
      ['a', 1, 0, 0, 'text/plain', '{"origin":"camera"}', '{"team":"blue"}', '{"cacheControl":"no-cache"}', 'NhCmhg=='],
      ['a', 0, 1, 1, null, null, null, null, null],
    ]);
    expect(await all(path, 'SELECT upload_id, parts, size_bytes FROM blob_uploads')).toEqual([[upload.uploadId, 1, 4]]);
    expect(await all(path, 'SELECT key, part_number, size_bytes FROM blob_parts')).toEqual([['u', 3, 4]]);
    expect(await all(path, 'SELECT sum(size_bytes * refs) FROM blob_chunks JOIN blob_packs USING (pack)')).toEqual([
      [200_004],
    ]);
    const columns = await querySql(path, 'SELECT key AS name, size_bytes FROM blob_objects', (rows) => rows.columns);
    expect(columns).toEqual(['name', 'size_bytes']);
  });

  test.each([
    ['changes something', 'DELETE FROM object'],
    ['returns rows and changes something', 'UPDATE bucket SET objects = 7 RETURNING objects'],
    ['is two', 'SELECT 1; SELECT 2'],
    ['opens another file', "ATTACH 'other.db' AS other"],
    ['is none', 'SELEC 1'],
    ['names what is not there', 'SELECT nothing FROM blob_objects'],
    ['fails on its way', 'SELECT abs(-9223372036854775807 - 1)'],
    ['is empty', ' '],
  ])('that %s is refused', async (_, sql) => {
    const { store } = openTestStore();
    await store.createBucket('docs');
    expect(await code(all(store.path, sql))).toBe('blob.bad_sql');
    expect(await store.usage()).toMatchObject([{ objects: 0 }]);
  });

  test('gives rows while they are asked for, without an end to them', async () => {
    const { store } = openTestStore();
    const endless = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n';
    const first = await querySql(store.path, endless, ({ rows }) => {
      const found = [];
      for (const row of rows) {
        found.push(row[0]);
        if (found.length === 3) break;
      }
      return found;
    });
    expect(first).toEqual([1, 2, 3]);
    expect(await all(store.path, 'SELECT 9007199254740993, 1.5, NULL')).toEqual([[9_007_199_254_740_993n, 1.5, null]]);
  });

  test('makes no file where there is none', async () => {
    expect(await code(all(join(temporaryFolder(), 'blob.db'), 'SELECT 1'))).toBe('storage.cannot_open');
  });
});
