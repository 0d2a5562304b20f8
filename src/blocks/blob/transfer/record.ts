/**
 * What is known of a transfer that is under way, so that another process goes on where it was broken off: a file of JSON in
 * `$DS_HOME/blob-transfers`, named by what is transferred.
 *
 *     free ──claim()──▶ held by a process ──release()──▶ gone, when the transfer is complete
 *                            │  ▲
 *                 it ends    ▼  │ claim(): its holder no longer runs
 *                          left behind
 *
 * Whoever finds a record held by a process that runs does its transfer without one, and so from the beginning. Records that nobody has
 * written to for a week are removed when another one is claimed, and with them the file that a state names as its `temporary`: what was received
 * of an object that nobody went on to get.
 */
import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { isSameProcess, processIdentity } from '../../../platform/daemon/process-identity.js';
import { makeFolder } from '../../../platform/make-folder.js';
import type { TransferContext } from './context.js';
import { isTemporaryName } from './temporary.js';

interface Owner {
  readonly pid: number;
  readonly identity?: string | undefined;
}

export interface TransferRecord<State> {
  /** What an earlier process left; undefined: begin anew. */
  readonly found: State | undefined;
  save(state: State): Promise<void>;
  release(): Promise<void>;
}

/**
 * Undefined: a process that runs has it. @param names of what is transferred, from where, to where
 * @param read checks what is in the file, which anybody may have written to
 */
export async function claimRecord<State>(
  { home, random, clock }: Pick<TransferContext, 'home' | 'random' | 'clock'>,
  names: readonly string[],
  read: (value: unknown) => State | undefined,
): Promise<TransferRecord<State> | undefined> {
  const folder = join(home, 'blob-transfers');
  makeFolder(folder);
  const path = join(folder, `${createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 32)}.json`);
  const { owner, state } = await readRecord(path);
  if (owner !== undefined && owner.pid !== process.pid && (await isSameProcess(owner.pid, owner.identity))) {
    return undefined;
  }
  await removeOthers(folder, path, clock.now() - KEPT_MS);
  const self: Owner = { pid: process.pid, identity: await processIdentity(process.pid) };
  return {
    found: read(state),
    async save(next) {
      const temporary = `${path}.${Buffer.from(random.bytes(6)).toString('hex')}`;
      await writeFile(temporary, JSON.stringify({ owner: self, state: next }), { mode: 0o600 });
      await rename(temporary, path);
    },
    release: () => rm(path, { force: true }),
  };
}

/** Milliseconds. Of what is older S3 will often have dropped the parts by a rule. */
const KEPT_MS = 7 * 86_400_000;

/** Those that were last written to before that time, milliseconds; and what a process has left that was killed while it wrote one. */
async function removeOthers(folder: string, kept: string, before: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = path === kept ? undefined : await stat(path).catch(() => undefined);
    if (!found?.isFile() || found.mtimeMs >= before) continue;
    await removeReceived((await readRecord(path)).state, before);
    await rm(path, { force: true });
  }
}

/** Not one that somebody writes to, though his record is old. One that cannot be removed stays. */
async function removeReceived(state: unknown, before: number): Promise<void> {
  const path = isObject(state) ? state['temporary'] : undefined;
  if (typeof path !== 'string' || !isAbsolute(path) || !isTemporaryName(basename(path))) return;
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile() && found.mtimeMs < before) await rm(path, { force: true }).catch(() => undefined);
}

async function readRecord(path: string): Promise<{ readonly owner?: Owner; readonly state?: unknown }> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (!isObject(value) || !isObject(value['owner'])) return {};
    const { pid, identity } = value['owner'];
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return {};
    return { owner: { pid, identity: typeof identity === 'string' ? identity : undefined }, state: value['state'] };
  } catch {
    // There is none, or one that was not written whole: the transfer begins anew.
    return {};
  }
}

/** Of JSON: neither an array nor null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
