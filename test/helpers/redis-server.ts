/** A real redis-server on a free loopback port with a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createConnection, createServer } from 'node:net';
import { makeTemporaryFolder } from './temporary-folder.js';
import { waitFor } from './wait-for.js';

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Kills it without notice and starts it again on the same files. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRedisServer(settings: readonly string[] = []): Promise<RedisServer> {
  const folder = makeTemporaryFolder();
  const port = await freePort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder.path,
    '--save',
    '',
    '--loglevel',
    'warning',
  ];
  let child = await launch([...args, ...settings], port);
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async restart() {
      await kill(child, 'SIGKILL');
      child = await launch([...args, ...settings], port);
    },
    async stop() {
      await kill(child, 'SIGKILL');
      folder.remove();
    },
  };
}

async function launch(args: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  await waitFor(() => child.exitCode !== null || canConnect(port), { what: `redis-server on port ${port}` });
  if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
  return child;
}

function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

/** A port that was free a moment ago. */
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

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
