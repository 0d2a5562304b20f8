/** The S3 servers that benchmarks measure: on loopback and free ports, in throw-away folders. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EMPTY, type Keys, signedHead } from '../../test/helpers/blob-sign.js';
import { answering, type Daemon, freePort, startDsIn, stopper, temporaryFolder } from './processes.js';
import { LeanConnection } from './s3-client.js';

export interface S3Server extends Daemon {
  readonly keys: Keys;
  readonly pid: number;
  readonly version: string;
}

export interface BlobServer extends S3Server {
  /** Of the store. */
  readonly db: string;
}

export const BUCKET = 'bench';

/** `ds blob serve` on a store of its own; `flags` are added. */
export async function startBlob(flags: readonly string[] = []): Promise<BlobServer> {
  const folder = temporaryFolder();
  const keys = { id: 'BENCH', secret: 'a secret of the benchmark' };
  const credentials = join(folder.path, 'credentials');
  writeFileSync(credentials, `[default]\naws_access_key_id = ${keys.id}\naws_secret_access_key = ${keys.secret}\n`, {
    mode: 0o600,
  });
  const db = join(folder.path, 'blob.db');
  const place = ['--listen', '127.0.0.1:0', '--credentials-file', credentials, '--db', db];
  const { port, child } = await startDsIn(folder, 'blob', 's3', ['--admin', 'off', ...place, ...flags]);
  return { port, keys, pid: child.pid ?? 0, version: '', db, stop: stopper(child, folder) };
}

/** s3rver of npm; it does not flush. */
export async function startS3rver(): Promise<S3Server> {
  const folder = temporaryFolder();
  const port = await freePort();
  const home = join(globalThis.DS_ROOT, 'node_modules/s3rver');
  const flags = ['--directory', folder.path, '--address', '127.0.0.1', '--port', `${port}`, '--silent'];
  const child = spawn(process.execPath, [join(home, 'bin/s3rver.js'), ...flags], { stdio: 'ignore' });
  await answering(child, port);
  const { version }: { version: string } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  const keys = { id: 'S3RVER', secret: 'S3RVER' };
  return { port, keys, pid: child.pid ?? 0, version, stop: stopper(child, folder) };
}

export async function makeBucket({ port, keys }: S3Server, bucket = BUCKET): Promise<void> {
  const host = `127.0.0.1:${port}`;
  const headers = { 'content-length': '0' };
  const connection = await LeanConnection.open(port);
  await connection.request(signedHead({ method: 'PUT', path: `/${bucket}`, host, headers, payload: EMPTY }, keys));
  connection.close();
}
