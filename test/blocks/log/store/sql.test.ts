import { describe, expect, test } from 'vitest';
import { compact } from '../../../../src/blocks/log/store/compactor.js';
import { querySql } from '../../../../src/blocks/log/store/sql.js';
import { openTestStore } from './open-store.js';
import { batchOf, HOUR, labels, NOON, readFrom } from './samples.js';

const all = (path: string, sql: string) => querySql(path, sql, ({ rows }) => [...rows]);

describe('a query of entries', () => {
  test('sees them with time, level, labels and origin, narrowed by hidden columns', async () => {
    const store = openTestStore();
    await store.append('fake', readFrom(5, 'level=error timeout of a\nlevel=info fine\n', 100, NOON));
    await store.append('fake', batchOf(['[WARN] timeout of b'], NOON + HOUR, labels({ app: "o'b", host: 'x' })));
    await store.append('other', batchOf(['timeout of c'], NOON));
    await compact(store, { all: true });
    const { path } = store.sql;
    expect(await all(path, 'SELECT * FROM log_entries ORDER BY timestamp_ns, tenant LIMIT 1')).toEqual([
      [
        '2025-06-15T15:06:40.000000000Z',
        NOON,
        'error',
        'level=error timeout of a',
        '{"filename":"/log/5"}',
        null,
        'fake',
        1,
        5,
        100,
      ],
    ]);
    const until = "'2025-06-15T15:10:00Z'";
    expect(
      await all(
        path,
        `SELECT line FROM log_entries WHERE until = ${until} AND contains = 'timeout' AND of_tenant = 'fake'`,
      ),
    ).toEqual([['level=error timeout of a']]);
    expect(
      await all(path, `SELECT labels ->> 'app', level FROM log_entries('2025-06-15T15:10:00Z', '2026-01-01', 'of b')`),
    ).toEqual([["o'b", 'warn']]);
    expect(await all(path, 'SELECT tenant, count(*) FROM log_entries GROUP BY 1 ORDER BY 1')).toEqual([
      ['fake', 3],
      ['other', 1],
    ]);
    expect(await all(path, `SELECT labels ->> 'host', last_at FROM log_streams WHERE stream = 2`)).toEqual([
      ['x', '2025-06-15T16:06:40.000000000Z'],
    ]);
    expect(await all(path, 'SELECT tenant, entries, codec, level, streams FROM log_blocks ORDER BY tenant')).toEqual([
      ['fake', 3, 'brotli', 1, 2],
      ['other', 1, 'raw', 0, 1],
    ]);
    expect(await all(path, 'SELECT tenant, streams, blocks, entries FROM log_tenants')).toHaveLength(2);
  });

  test.each([
    ['changes something', 'DELETE FROM blocks'],
    ['is two', 'SELECT 1; SELECT 2'],
    ['names what is not there', 'SELECT nothing FROM log_entries'],
    ['gives a time that is none', "SELECT * FROM log_entries WHERE since = 'yesterday-ish'"],
  ])('that %s is refused with log.bad_sql', async (_, sql) => {
    const store = openTestStore();
    await store.append('fake', batchOf(['one'], NOON));
    await expect(all(store.sql.path, sql)).rejects.toMatchObject({ code: 'log.bad_sql' });
  });
});
