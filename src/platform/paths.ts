/** Where things live on disk. Pure: the environment comes in as an argument. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** `$DS_HOME`, else `$XDG_DATA_HOME/ds`, else `~/.local/share/ds`. A relative XDG path is ignored, as XDG demands. */
export function homeFolder(env: Environment): string {
  const own = env['DS_HOME'];
  if (own) return resolve(own);
  const data = env['XDG_DATA_HOME'];
  return data && isAbsolute(data) ? join(data, 'ds') : join(env['HOME'] || homedir(), '.local', 'share', 'ds');
}

/** A block's SQLite file when no `--db` names another. */
export function blockDatabase(home: string, block: string): string {
  return join(home, `${block}.db`);
}

/** Registry of running daemons: one file each. */
export function runFolder(home: string): string {
  return join(home, 'run');
}

/** Log files of detached daemons. */
export function logFolder(home: string): string {
  return join(home, 'log');
}

/** `/home/ada/x` → `~/x`, for people. */
export function shortenPath(path: string, env: Environment): string {
  const own = env['HOME'];
  return own && path.startsWith(`${own}/`) ? `~${path.slice(own.length)}` : path;
}
