import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startThread } from '../../../src/platform/daemon/start-thread.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

test('a thread that ends closes no file of another block, whatever descriptors it has had', async () => {
  const pipe = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const thread = startThread(new URL('./fixtures/hands-over.mjs', import.meta.url), pipe);
  const [descriptor]: number[] = await once(thread, 'message');
  // As another block would: files, until one has the number that has become free.
  const files: number[] = [];
  while (files.length < 100 && files.at(-1) !== descriptor) files.push(openSync('/dev/null', 'r'));
  try {
    expect(files).toContain(descriptor);
    thread.postMessage('end');
    await once(thread, 'exit');
    for (const file of files) expect(fstatSync(file).isCharacterDevice()).toBe(true);
  } finally {
    for (const file of files) closeSync(file);
  }
});
