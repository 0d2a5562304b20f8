/** GET of 64 MB from `ds blob serve` beside nginx, which has the same bytes in a file and sendfile. One client, one connection each. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMPTY, signedHead, UNSIGNED } from '../../test/helpers/blob-sign.js';
import { compare, formatRate, formatRatio, wantsJson } from '../support/compare.js';
import { startFileServer } from '../support/nginx.js';
import { LeanConnection } from '../support/s3-client.js';
import { BUCKET, makeBucket, startBlob } from '../support/s3-servers.js';

const ROUNDS = 9;
const BYTES = 64 * 1024 * 1024;
const PIECE = 256 * 1024;

/** MB/s. */
async function measure(connection: LeanConnection, head: Buffer): Promise<number> {
  const start = performance.now();
  const { bodyBytes } = await connection.request(head);
  const ms = performance.now() - start;
  if (bodyBytes !== BYTES) throw new Error(`${bodyBytes} bytes came`);
  return BYTES / 1000 / ms;
}

const folder = mkdtempSync(join(tmpdir(), 'ds-bench-'));
const data = randomBytes(BYTES);
writeFileSync(join(folder, 'object'), data);
const [ds, nginx] = await Promise.all([startBlob(), startFileServer(folder)]);
try {
  await makeBucket(ds);
  const [ours, theirs] = await Promise.all([LeanConnection.open(ds.port), LeanConnection.open(nginx.port)]);
  const place = { path: `/${BUCKET}/object`, host: `127.0.0.1:${ds.port}` };
  const put = { ...place, method: 'PUT', headers: { 'content-length': `${BYTES}` }, payload: UNSIGNED };
  const pieces = Array.from({ length: BYTES / PIECE }, (_, index) => data.subarray(index * PIECE, (index + 1) * PIECE));
  await ours.request(signedHead(put, ds.keys), pieces);
  const plain = Buffer.from('GET /object HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  const result = await compare(
    [
      { name: 'ds', measure: () => measure(ours, signedHead({ ...place, method: 'GET', payload: EMPTY }, ds.keys)) },
      { name: 'nginx', measure: () => measure(theirs, plain) },
    ],
    ROUNDS,
  );
  ours.close();
  theirs.close();
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'blob get', ...result })}\n`);
  else {
    process.stdout.write('\nblob serve, GET of 64 MB, beside nginx with sendfile\n');
    for (const [subject, spread] of Object.entries(result.spreads))
      process.stdout.write(`  ${subject.padEnd(6)} ${formatRate(spread, 'MB/s')}\n`);
    process.stdout.write(`  ds / nginx  ${formatRatio(result.ratio)}\n`);
  }
} finally {
  await Promise.all([ds.stop(), nginx.stop()]);
  rmSync(folder, { recursive: true });
}
