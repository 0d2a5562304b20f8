/**
 * PUT of 64 MB through `ds blob serve` beside what one core takes for the SHA-256 and the MD5 of the same bytes, in the same run. The
 * bytes are new each time: nothing of them is stored already.
 */
import { createHash, randomFillSync } from 'node:crypto';
import { sha256, signedHead, UNSIGNED } from '../../test/helpers/blob-sign.js';
import { type Comparison, compare, formatRate, formatRatio, wantsJson } from '../support/compare.js';
import { LeanConnection } from '../support/s3-client.js';
import { BUCKET, makeBucket, startBlob } from '../support/s3-servers.js';

const ROUNDS = 7;
const BYTES = 64 * 1024 * 1024;
const PIECE = 256 * 1024;

const data = Buffer.alloc(BYTES);

function* pieces() {
  for (let at = 0; at < BYTES; at += PIECE) yield data.subarray(at, at + PIECE);
}

/** MB/s from milliseconds of all bytes. */
const rate = (ms: number) => BYTES / 1000 / ms;

function hashes(): number {
  const start = performance.now();
  const [sha, md5] = [createHash('sha256'), createHash('md5')];
  for (const piece of pieces()) {
    sha.update(piece);
    md5.update(piece);
  }
  sha.digest();
  md5.digest();
  return rate(performance.now() - start);
}

const ds = await startBlob();
try {
  await makeBucket(ds);
  const connection = await LeanConnection.open(ds.port);
  const host = `127.0.0.1:${ds.port}`;
  const headers = { 'content-length': `${BYTES}`, 'content-type': 'application/octet-stream' };
  const put = async (signed: boolean) => {
    randomFillSync(data);
    const payload = signed ? sha256(data) : UNSIGNED;
    const head = signedHead({ method: 'PUT', path: `/${BUCKET}/object`, host, headers, payload }, ds.keys);
    const start = performance.now();
    await connection.request(head, pieces());
    return rate(performance.now() - start);
  };
  const beside = (signed: boolean) =>
    compare(
      [
        { name: 'PUT', measure: () => put(signed) },
        { name: 'hashes', measure: hashes },
      ],
      ROUNDS,
    );
  const results: Record<string, Comparison> = {
    'payload not signed': await beside(false),
    'SHA-256 of the payload signed': await beside(true),
  };
  connection.close();
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'blob put', results })}\n`);
  else {
    process.stdout.write('\nblob serve, PUT of 64 MB, beside SHA-256 and MD5 on one core\n');
    for (const [name, { spreads, ratio }] of Object.entries(results)) {
      process.stdout.write(`  ${name}\n`);
      for (const [subject, spread] of Object.entries(spreads))
        process.stdout.write(`    ${subject.padEnd(6)} ${formatRate(spread, 'MB/s')}\n`);
      process.stdout.write(`    PUT / hashes  ${formatRatio(ratio)}\n`);
    }
  }
} finally {
  await ds.stop();
}
