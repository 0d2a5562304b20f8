/** A disk that can be filled: a small tmpfs. Mounting takes root. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-folder.js';

/** Where it is mounted; unmounted when the test has ended. */
export function mountSmallDisk(megabytes: number): string {
  const folder = temporaryFolder();
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', folder]);
  if (status !== 0) throw new Error(`mount: ${stderr}`);
  onTestFinished(() => {
    spawnSync('umount', ['-l', folder]);
  });
  return folder;
}

/** Writes a file until there is no room, as another program would. */
export function fillDisk(path: string): void {
  const zeros = Buffer.alloc(64 * 1024);
  const descriptor = openSync(path, 'w');
  try {
    for (;;) writeSync(descriptor, zeros);
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    closeSync(descriptor);
  }
}
