/** Starts the daemons that benchmarks measure, on loopback and free ports, in throw-away folders. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

declare global {
  /** The checkout; set by bench/run.js. */
  var DS_ROOT: string;
}

export interface Daemon {
  readonly port: number;
  stop(): Promise<void>;
}

export const dsProgram = [process.execPath, join(globalThis.DS_ROOT, 'bin', 'run.js')] as const;

export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'ds-bench-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Ends the process, also where it has ended by itself, and removes its folder. */
export function stopper(child: ChildProcess, { remove }: TemporaryFolder): () => Promise<void> {
  return async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    remove();
  };
}

/** Resolves when the process takes connections. */
export async function answering(child: ChildProcess, port: number): Promise<void> {
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

function lineThat(child: ChildProcess, matches: (line: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${child.spawnargs.join(' ')} ended early with ${code}`)));
    if (child.stdout === null) throw new Error('no standard output to wait on');
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => matches(line) && resolve(line));
  });
}

/** redis-server of Debian, with an append-only file synced at every reply. */
export async function startRedis(): Promise<Daemon> {
  const folder = temporaryFolder();
  const port = await freePort();
  const flags = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder.path, '--save', ''];
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
  const child = spawn('redis-server', [...flags, ...durable], { stdio: ['ignore', 'pipe', 'inherit'] });
  await lineThat(child, (line) => line.includes('Ready to accept connections'));
  return { port, stop: stopper(child, folder) };
}

/** `ds <block> serve` on free ports; `port` is that of the endpoint called `endpoint`. */
export async function startDs(block: string, endpoint: string, flags: readonly string[]): Promise<Daemon> {
  const folder = temporaryFolder();
  const { port, child } = await startDsIn(folder, block, endpoint, flags);
  return { port, stop: stopper(child, folder) };
}

/** As {@link startDs}, with a folder that the caller removes. */
export async function startDsIn(
  folder: TemporaryFolder,
  block: string,
  endpoint: string,
  flags: readonly string[],
): Promise<{ readonly port: number; readonly child: ChildProcess }> {
  const [node, program] = dsProgram;
  const args = [program, block, 'serve', '--json', ...flags];
  const env = { ...process.env, DS_HOME: folder.path };
  const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'ignore'], env });
  const ready: { endpoints: Record<string, string> } = JSON.parse(
    await lineThat(child, (line) => line.startsWith('{')),
  );
  const url = ready.endpoints[endpoint];
  if (url === undefined) throw new Error(`no endpoint ${endpoint} in ${JSON.stringify(ready)}`);
  return { port: Number(new URL(url).port), child };
}

export function versionOf(program: string, ...flags: string[]): string {
  return spawnSync(program, flags, { encoding: 'utf8' }).stdout.trim().split('\n')[0] ?? '';
}
