/**
 * Where the files of a pipeline are now. The ledger has their names as of the agent's last look, up to a second ago, or as of its end; what was
 * rotated since is found by its inode, beside its old name.
 */
import type { BigIntStats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileState, KnownFile } from '../store/agent/files.js';

export interface FileStatus {
  /** As it is called now. */
  readonly path: string;
  /** `copy`: skipped, since its bytes were read from another file. */
  readonly state: FileState;
  readonly offset: number;
  readonly lines: number;
  /** Undefined: it is not there, or its bytes are compressed. */
  readonly lagBytes: number | undefined;
}

/** Names of a folder that are looked at for it. */
const MOST_NAMES = 2_000;

export async function fileStatuses(files: readonly KnownFile[]): Promise<FileStatus[]> {
  const folders = new Map<string, Promise<ReadonlyMap<string, Found>>>();
  return Promise.all(
    files.map(async (file) => {
      const { state, offset, lines, compressed } = file;
      const found = state === 'open' ? await find(file, folders) : { path: file.path, size: undefined };
      const size = compressed ? undefined : found.size;
      return {
        path: found.path,
        state,
        offset,
        lines,
        lagBytes: size === undefined ? undefined : behind(size, offset),
      };
    }),
  );
}

const behind = (size: bigint, offset: number) => Math.max(0, Number(size) - offset);

interface Found {
  readonly path: string;
  readonly size: bigint | undefined;
}

async function find(file: KnownFile, folders: Map<string, Promise<ReadonlyMap<string, Found>>>): Promise<Found> {
  const there = await look(file.path);
  if (there?.dev === file.device && there.ino === file.inode) return { path: file.path, size: there.size };
  const folder = dirname(file.path);
  const names = folders.get(folder) ?? inodesOf(folder);
  folders.set(folder, names);
  return (await names).get(keyOf(file.device, file.inode)) ?? { path: file.path, size: undefined };
}

async function inodesOf(folder: string): Promise<ReadonlyMap<string, Found>> {
  const inodes = new Map<string, Found>();
  const names = await readdir(folder).catch(() => []);
  for (const name of names.slice(0, MOST_NAMES)) {
    const path = join(folder, name);
    const stats = await look(path);
    if (stats?.isFile()) inodes.set(keyOf(stats.dev, stats.ino), { path, size: stats.size });
  }
  return inodes;
}

/** Undefined: there is nothing to be seen. */
async function look(path: string): Promise<BigIntStats | undefined> {
  return stat(path, { bigint: true }).catch(() => undefined);
}

function keyOf(device: bigint, inode: bigint): string {
  return `${device}:${inode}`;
}
