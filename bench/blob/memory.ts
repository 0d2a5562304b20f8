/** The most memory that `ds blob serve` ever has while 64 uploads of 32 MB stream to it at once, each of bytes of its own. */
import { randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { signedHead, UNSIGNED } from '../../test/helpers/blob-sign.js';
import { wantsJson } from '../support/compare.js';
import { LeanConnection } from '../support/s3-client.js';
import { BUCKET, makeBucket, type S3Server, startBlob } from '../support/s3-servers.js';

const UPLOADS = 64;
const BYTES = 32 * 1024 * 1024;
const PIECE = 128 * 1024;

/** MiB; VmHWM is the highest there was since the process began. */
function memory(pid: number, line: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${line}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024;
}

function* pieces() {
  for (let at = 0; at < BYTES; at += PIECE) yield randomFillSync(Buffer.allocUnsafe(PIECE));
}

async function upload({ port, keys }: S3Server, number: number): Promise<void> {
  const connection = await LeanConnection.open(port);
  const headers = { 'content-length': `${BYTES}` };
  const path = `/${BUCKET}/${number}`;
  const request = { method: 'PUT', path, host: `127.0.0.1:${port}`, headers, payload: UNSIGNED };
  await connection.request(signedHead(request, keys), pieces());
  connection.close();
}

const ds = await startBlob();
try {
  await makeBucket(ds);
  const idle = memory(ds.pid, 'VmRSS');
  const start = performance.now();
  await Promise.all(Array.from({ length: UPLOADS }, (_, number) => upload(ds, number)));
  const seconds = (performance.now() - start) / 1000;
  const peak = memory(ds.pid, 'VmHWM');
  const rate = (UPLOADS * BYTES) / 1e6 / seconds;
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'blob memory', idle, peak, rate })}\n`);
  else {
    process.stdout.write(
      `\nblob serve, ${UPLOADS} uploads of 32 MB at once\n` +
        `  memory   ${peak.toFixed(0)} MiB at most, ${idle.toFixed(0)} MiB before\n` +
        `  together ${rate.toFixed(0)} MB/s\n`,
    );
  }
} finally {
  await ds.stop();
}
