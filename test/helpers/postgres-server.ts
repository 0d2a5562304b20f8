/** A real PostgreSQL on a free loopback port, with a cluster of its own and as durable as it comes. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './redis-server.js';
import { makeTemporaryFolder } from './temporary-folder.js';
import { waitFor } from './wait-for.js';

export interface PostgresServer {
  readonly port: number;
  /** Of its superuser, who needs no password. */
  readonly url: string;
  /** Kills it as a power failure would, and starts it again on the same files. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const LIBRARY = '/usr/lib/postgresql';

export async function startPostgresServer(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const folder = makeTemporaryFolder();
  const user = unprivilegedUser();
  if (user !== undefined) chownSync(folder.path, user.uid, user.gid);
  const data = join(folder.path, 'data');
  const initdb = ['-D', data, '--no-sync', '--auth=trust', '--username=ds', '--encoding=UTF8', '--locale=C'];
  const made = spawnSync(program('initdb'), initdb, { ...user, encoding: 'utf8', cwd: folder.path });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  const port = await freePort();
  const given = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder.path,
    // After a crash it flushes what there is: by default a thousand files one by one.
    recovery_init_sync_method: 'syncfs',
    ...settings,
  };
  const args = ['-D', data, ...Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const launch = async () => {
    const child = spawn(program('postgres'), args, { ...user, stdio: 'ignore', cwd: folder.path });
    await waitFor(() => child.exitCode !== null || isReady(port), {
      what: `PostgreSQL on port ${port}`,
      timeoutMs: 20_000,
    });
    if (child.exitCode !== null) throw new Error(`postgres ended with ${child.exitCode}`);
    return child;
  };
  let child = await launch();
  return {
    port,
    url: `postgres://ds@127.0.0.1:${port}/postgres`,
    async restart() {
      // Its «immediate» shutdown: all its processes end where they are. SIGKILL would leave some of them behind.
      await kill(child, 'SIGQUIT');
      child = await launch();
    },
    async stop() {
      await kill(child, 'SIGQUIT');
      folder.remove();
    },
  };
}

/** PostgreSQL refuses to run as root. Undefined: we are not root. */
function unprivilegedUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  const line = users.find((user) => user.startsWith('postgres:')) ?? users.find((user) => user.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

function program(name: string): string {
  const [newest] = readdirSync(LIBRARY).sort((one, other) => Number(other) - Number(one));
  return join(LIBRARY, newest ?? '', 'bin', name);
}

function isReady(port: number): boolean {
  return spawnSync(program('pg_isready'), ['-h', '127.0.0.1', '-p', String(port), '-t', '1']).status === 0;
}

function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}
