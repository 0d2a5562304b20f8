/**
 * `$DS_HOME/run`: one file for each running daemon, `<block>.<pid>.json`, in a folder that only its user enters.
 *
 * A daemon that is killed leaves its file behind. It is recognised by the process having gone, or by another process
 * wearing its number (see process-identity.ts), and removed by whoever lists next.
 */
import { randomBytes } from 'node:crypto';
import { lstat, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runFolder } from '../paths.js';
import { makeHomeFolder, unwritable } from './home-folder.js';
import { isSameProcess, processIdentity } from './process-identity.js';
import { parseEntry, type RegistryEntry } from './registry-entry.js';

export type { DaemonState, RegistryEntry } from './registry-entry.js';

/**
 * Creates or replaces the daemon's entry: written aside and renamed, so that nobody reads half of it. Error:
 * `daemon.home_unusable`, as on a disk that is full or read-only.
 */
export async function register(home: string, entry: RegistryEntry): Promise<void> {
  const folder = runFolder(home);
  makeHomeFolder(folder);
  const path = entryPath(home, entry);
  const aside = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  const process = await processIdentity(entry.pid);
  try {
    await writeFile(aside, `${JSON.stringify({ ...entry, process })}\n`, { mode: 0o600 });
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => {});
    throw unwritable(folder, error);
  }
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
    if (found === undefined || join(folder, name) !== entryPath(home, found.entry)) continue;
    // Where processes can be told apart, an entry that does not tell is nobody's: its number may be a stranger's.
    if (found.process === undefined && (await processIdentity(process.pid)) !== undefined) continue;
    if (await isSameProcess(found.entry.pid, found.process)) running.push(found.entry);
    else {
      await rm(join(folder, name), { force: true });
      await removeSocket(found.entry.control);
    }
  }
  return running.sort((a, b) => a.block.localeCompare(b.block) || a.startedAt.localeCompare(b.startedAt));
}

/** Only a socket: what the entry names is not trusted further than that. */
async function removeSocket(path: string | undefined): Promise<void> {
  if (path !== undefined && (await lstat(path).catch(() => undefined))?.isSocket()) await rm(path, { force: true });
}

function entryPath(home: string, { block, pid }: Pick<RegistryEntry, 'block' | 'pid'>): string {
  return join(runFolder(home), `${block}.${pid}.json`);
}
