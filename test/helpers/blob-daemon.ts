/** `ds blob serve` as foreign clients are pointed at it, and what they need to know of it. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from './certificates.js';
import { startDs } from './run-ds.js';
import { temporaryFolder } from './temporary-folder.js';

export interface BlobDaemon {
  /** Without a path. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly keys: { readonly id: string; readonly secret: string };
  readonly region: string;
  /** Certificate to trust, where it speaks TLS. */
  readonly ca?: string;
}

/** Over which transports each client is tested. */
export const TRANSPORTS = ['http', 'https'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** Ends with the test; https wants `openssl`. */
export async function startBlobDaemon(transport: Transport, flags: readonly string[] = []): Promise<BlobDaemon> {
  const folder = temporaryFolder();
  const keys = { id: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  const credentials = join(folder, 'credentials');
  const section = `[default]\naws_access_key_id = ${keys.id}\naws_secret_access_key = ${keys.secret}\n`;
  writeFileSync(credentials, section, { mode: 0o600 });
  const certificate = transport === 'https' ? makeCertificate() : undefined;
  const tls = certificate === undefined ? [] : ['--tls-cert', certificate.cert, '--tls-key', certificate.key];
  const place = ['--listen', '127.0.0.1:0', '--credentials-file', credentials, '--db', join(folder, 'blob.db')];
  const { ready } = await startDs(['blob', 'serve', '--admin', 'off', ...place, ...tls, ...flags]);
  const { s3 } = ready.endpoints;
  if (s3 === undefined) throw new Error(`no endpoint s3 in ${JSON.stringify(ready)}`);
  const { origin, host, port } = new URL(s3);
  const base = { url: origin, host, port: Number(port), keys, region: 'us-east-1' };
  return certificate === undefined ? base : { ...base, ca: certificate.cert };
}

export interface Call {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  /** Exit codes that are right. Default: 0 only. */
  readonly codes?: readonly number[];
}

/** Runs a foreign client to its end and returns what it printed. Nothing of this user's settings reaches it. */
export function callClient(program: string, args: readonly string[], call: Call = {}): string {
  const { env = {}, cwd, input = '', codes = [0] } = call;
  const { PATH = '', TMPDIR = '/tmp' } = process.env;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { PATH, TMPDIR, HOME: cwd ?? TMPDIR, LANG: 'C.UTF-8', ...env },
    input,
    timeout: 50_000,
    maxBuffer: 32 * 1024 * 1024,
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (error !== undefined) throw error;
  if (status === null || !codes.includes(status))
    throw new Error(`${program} ${args.join(' ')} exited ${status}: ${stdout}${stderr}`);
  return stdout;
}
