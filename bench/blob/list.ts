/**
 * A page of 1,000 keys of ListObjectsV2, out of the middle of a bucket of a million and of one of ten thousand: it should take the same
 * time. The keys get into the store by one statement of SQL, as the engine would have written them: a million PUTs would take minutes.
 */
import Database from 'better-sqlite3';
import { EMPTY, signedHead } from '../../test/helpers/blob-sign.js';
import { compare, formatRatio, spreadOf, wantsJson } from '../support/compare.js';
import { LeanConnection } from '../support/s3-client.js';
import { makeBucket, type S3Server, startBlob } from '../support/s3-servers.js';

const ROUNDS = 7;
/** Pages of one measurement, of which the median counts. */
const PAGES = 40;
const SIZES = { large: 1_000_000, small: 10_000 } as const;
const keyOf = (number: number) => `folder/of/objects/${String(number).padStart(9, '0')}`;

async function putOne({ port, keys }: S3Server, bucket: string): Promise<void> {
  const connection = await LeanConnection.open(port);
  const headers = { 'content-length': '0' };
  const path = `/${bucket}/${keyOf(0)}`;
  await connection.request(
    signedHead({ method: 'PUT', path, host: `127.0.0.1:${port}`, headers, payload: EMPTY }, keys),
  );
  connection.close();
}

/** The one object of the bucket `count` times, under other keys. */
function multiply(db: string, bucket: string, count: number): void {
  const file = new Database(db);
  const insert = `
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :last)
    INSERT INTO object (bucket_id, key, rank, version_id, content_id, size, etag, modified_at, attributes)
    SELECT bucket_id, printf('folder/of/objects/%09d', i), rank - i, version_id, content_id, size, etag, modified_at, attributes
    FROM n, object WHERE bucket_id = (SELECT id FROM bucket WHERE name = :bucket) ORDER BY i`;
  const recount = `UPDATE bucket SET objects = objects + :last, sequence = sequence + :last WHERE name = :bucket`;
  const refer = `
    UPDATE content SET refs = refs + :last
    WHERE id = (SELECT content_id FROM object JOIN bucket ON bucket.id = bucket_id WHERE name = :bucket LIMIT 1)`;
  file.transaction(() => {
    for (const statement of [insert, recount, refer]) file.prepare(statement).run({ last: count - 1, bucket });
  })();
  file.close();
}

/** Milliseconds of a page. */
async function measure({ port, keys }: S3Server, connection: LeanConnection, bucket: keyof typeof SIZES) {
  const times: number[] = [];
  for (let page = 0; page < PAGES; page++) {
    const after = keyOf(Math.floor(((SIZES[bucket] - 1001) * page) / PAGES));
    const query = `list-type=2&max-keys=1000&start-after=${encodeURIComponent(after)}`;
    const host = `127.0.0.1:${port}`;
    const head = signedHead({ method: 'GET', path: `/${bucket}`, query, host, payload: EMPTY }, keys);
    const start = performance.now();
    const { bodyBytes } = await connection.request(head);
    times.push(performance.now() - start);
    if (bodyBytes < 1000 * keyOf(0).length) throw new Error(`a page of ${bodyBytes} bytes`);
  }
  return spreadOf(times).median;
}

const ds = await startBlob();
try {
  for (const [bucket, count] of Object.entries(SIZES)) {
    await makeBucket(ds, bucket);
    await putOne(ds, bucket);
    multiply(ds.db, bucket, count);
  }
  const connection = await LeanConnection.open(ds.port);
  const result = await compare(
    [
      { name: 'large', measure: () => measure(ds, connection, 'large') },
      { name: 'small', measure: () => measure(ds, connection, 'small') },
    ],
    ROUNDS,
  );
  connection.close();
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'blob list', ...result })}\n`);
  else {
    process.stdout.write('\nblob serve, ListObjectsV2, a page of 1,000 keys\n');
    for (const [bucket, { median, min, max }] of Object.entries(result.spreads)) {
      const size = SIZES[bucket === 'large' ? 'large' : 'small'].toLocaleString('en-US');
      const spread = `${median.toFixed(1)} ms (${min.toFixed(1)} … ${max.toFixed(1)})`;
      process.stdout.write(`  of ${size.padEnd(9)} ${spread}\n`);
    }
    process.stdout.write(`  large / small  ${formatRatio(result.ratio)}\n`);
  }
} finally {
  await ds.stop();
}
