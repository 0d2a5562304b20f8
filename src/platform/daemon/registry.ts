/**
 * `$DS_HOME/run`: one file for each running daemon, `<block>.<pid>.json`, in a folder that only its user enters.
 *
 * A daemon that is killed leaves its file behind. It is recognised by the process having gone, or by another process
 * wearing its number (see process-identity.ts), and removed by whoever lists next.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runFolder } from '../paths.js';
import type { Endpoint } from './block.js';
import { isSameProcess, processIdentity } from './process-identity.js';

export type DaemonState = 'starting' | 'running' | 'restarting' | 'failed' | 'stopping';

export interface RegistryEntry {
  readonly block: string;
  readonly pid: number;
  readonly state: DaemonState;
  readonly endpoints: readonly Endpoint[];
  /** The SQLite file. */
  readonly db?: string;
  /** The log file, where there is one. */
  readonly log?: string;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
  readonly version: string;
  /** The unix socket of the `ds up` that supervises the block. */
  readonly control?: string;
  /** How often the supervisor started it again. */
  readonly restarts?: number;
  /** Why it is not running. */
  readonly problem?: string;
}

/** Creates or replaces the daemon's entry: written aside and renamed, so that nobody reads half of it. */
export async function register(home: string, entry: RegistryEntry): Promise<void> {
  const folder = runFolder(home);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = entryPath(home, entry);
  const aside = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  const process = await processIdentity(entry.pid);
  await writeFile(aside, `${JSON.stringify({ ...entry, process })}\n`, { mode: 0o600 });
  await rename(aside, path);
}

export async function unregister(home: string, entry: Pick<RegistryEntry, 'block' | 'pid'>): Promise<void> {
  await rm(entryPath(home, entry), { force: true });
}

/** The daemons that run, by block and age. Removes the entries of those that do not. */
export async function listDaemons(home: string): Promise<RegistryEntry[]> {
  const folder = runFolder(home);
  const running: RegistryEntry[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith('.json')) continue;
    const found = parseEntry(await readFile(join(folder, name), 'utf8').catch(() => ''));
    if (found === undefined) continue;
    if (await isSameProcess(found.entry.pid, found.process)) running.push(found.entry);
    else {
      await rm(join(folder, name), { force: true });
      if (found.entry.control !== undefined) await rm(found.entry.control, { force: true });
    }
  }
  return running.sort((a, b) => a.block.localeCompare(b.block) || a.startedAt.localeCompare(b.startedAt));
}

function entryPath(home: string, { block, pid }: Pick<RegistryEntry, 'block' | 'pid'>): string {
  return join(runFolder(home), `${block}.${pid}.json`);
}

/** An entry that cannot be read was not written by this version: it is left alone. */
function parseEntry(text: string): { entry: RegistryEntry; process: string | undefined } | undefined {
  try {
    const value: RegistryEntry & { process?: string } = JSON.parse(text);
    if (typeof value.block !== 'string' || !Number.isSafeInteger(value.pid) || !Array.isArray(value.endpoints)) {
      return undefined;
    }
    const { process, ...entry } = value;
    return { entry, process };
  } catch {
    return undefined;
  }
}
