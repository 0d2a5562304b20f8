/** The S3 servers that benchmarks measure, and nginx with a file: on loopback and free ports, in throw-away folders. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EMPTY, type Keys, signedHead } from '../../test/helpers/blob-sign.js';
import { dsProgram } from './processes.js';
import { LeanConnection } from './s3-client.js';

export interface S3Server {
  readonly port: number;
  readonly keys: Keys;
  readonly pid: number;
  readonly version: string;
  stop(): Promise<void>;
}

export interface BlobServer extends S3Server {
  /** Of the store. */
  readonly db: string;
}

export const BUCKET = 'bench';

/** `ds blob serve` on a store of its own; `flags` are added. */
export async function startBlob(flags: readonly string[] = []): Promise<BlobServer> {
  const folder = mkdtempSync(join(tmpdir(), 'ds-bench-'));
  const keys = { id: 'BENCH', secret: 'a secret of the benchmark' };
  const credentials = join(folder, 'credentials');
  writeFileSync(credentials, `[default]\naws_access_key_id = ${keys.id}\naws_secret_access_key = ${keys.secret}\n`, {
    mode: 0o600,
  });
  const [node, program] = dsProgram;
  const db = join(folder, 'blob.db');
  const place = ['--listen', '127.0.0.1:0', '--credentials-file', credentials, '--db', db];
  const args = [program, 'blob', 'serve', '--json', '--admin', 'off', ...place, ...flags];
  const env = { ...process.env, DS_HOME: folder };
  const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'ignore'], env });
  const ready: { endpoints: Record<string, string> } = JSON.parse(await firstLine(child));
  const port = Number(new URL(ready.endpoints['s3'] ?? '').port);
  return { port, keys, pid: child.pid ?? 0, version: '', db, stop: stopper(child, folder) };
}

/** s3rver of npm; it does not flush. */
export async function startS3rver(): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), 'ds-bench-'));
  const port = await freePort();
  const home = join(globalThis.DS_ROOT, 'node_modules/s3rver');
  const flags = ['--directory', folder, '--address', '127.0.0.1', '--port', `${port}`, '--silent'];
  const child = spawn(process.execPath, [join(home, 'bin/s3rver.js'), ...flags], { stdio: 'ignore' });
  await answering(child, port);
  const { version }: { version: string } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  const keys = { id: 'S3RVER', secret: 'S3RVER' };
  return { port, keys, pid: child.pid ?? 0, version, stop: stopper(child, folder) };
}

/** nginx of Debian, which serves the files of a folder by sendfile. */
export async function startFileServer(root: string): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'ds-bench-'));
  const port = await freePort();
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const config = `
    worker_processes 1; daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    events { worker_connections 1024; }
    http {
      access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; ${paths.join(' ')}
      server { listen 127.0.0.1:${port}; root ${root}; }
    }`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  const child = spawn('nginx', ['-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  await answering(child, port);
  return { port, stop: stopper(child, folder) };
}

export async function makeBucket({ port, keys }: S3Server, bucket = BUCKET): Promise<void> {
  const host = `127.0.0.1:${port}`;
  const headers = { 'content-length': '0' };
  const connection = await LeanConnection.open(port);
  await connection.request(signedHead({ method: 'PUT', path: `/${bucket}`, host, headers, payload: EMPTY }, keys));
  connection.close();
}

function stopper(child: ChildProcess, folder: string): () => Promise<void> {
  return async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${child.spawnargs.join(' ')} ended early with ${code}`)));
    if (child.stdout === null) throw new Error('no standard output to wait on');
    createInterface({ input: child.stdout }).once('line', resolve);
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function answering(child: ChildProcess, port: number): Promise<void> {
  while (!(await answers(port)))
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => setTimeout(() => resolve(false), 20));
  });
}
