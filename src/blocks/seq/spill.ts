/** Partitions of an audit as files in a folder of their own, removed with {@link FileSpill.remove}. */
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpillStorage } from './audit/duplicates.js';

export interface FileSpill extends SpillStorage {
  /** Deletes the folder; to be called whatever happens. */
  remove(): Promise<void>;
}

/** Nothing is created until the first append: small audits leave the disk alone. */
export function openFileSpill(parent: string = tmpdir()): FileSpill {
  let folder: Promise<string> | undefined;
  const written = new Set<number>();
  const pathOf = (opened: string, partition: number) => join(opened, `${partition}.ids`);
  return {
    async append(partition, bytes) {
      folder ??= mkdtemp(join(parent, 'ds-audit-'));
      await appendFile(pathOf(await folder, partition), bytes);
      written.add(partition);
    },
    async read(partition) {
      if (folder === undefined || !written.has(partition)) return new Uint8Array(0);
      return readFile(pathOf(await folder, partition));
    },
    async remove() {
      if (folder !== undefined) await rm(await folder, { recursive: true, force: true });
      folder = undefined;
      written.clear();
    },
  };
}
