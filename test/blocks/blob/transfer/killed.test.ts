import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { getFile, putFile } from '../../../../src/blocks/blob/transfer.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { buildChildScript, type ChildScript } from '../../../helpers/child-script.js';
import { type ServedStore, serveStore } from '../remote/served-store.js';

const PART = 8 * 1024 * 1024;
const SIZE = 2 * PART + 1;

let script: ChildScript;
let served: ServedStore;
beforeAll(async () => {
  script = await buildChildScript(new URL('./transfer-child.ts', import.meta.url));
  served = await serveStore();
  await served.store.createBucket('files');
});
afterAll(async () => {
  await served.cleanup();
  script.remove();
});

/** A process that has moved one part of the file. */
async function half(what: 'put' | 'get', file: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script.path, what, served.url, served.home, file, 'large'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout ?? child, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

test('what a killed process has moved is not moved again, and what a running one moves is left to it', async () => {
  const content = randomBytes(SIZE);
  const from = join(served.home, 'from');
  const to = join(served.home, 'to');
  writeFileSync(from, content);
  const place = { bucket: 'files', key: 'large' };
  const context = { clock: systemClock, random: systemRandom, home: served.home, server: served.url };
  const parts = () => readdirSync(served.home).filter((name) => name.endsWith('.ds-part'));

  await kill(await half('put', from));
  expect(await putFile(served.store, from, place, {}, context)).toMatchObject({ size: SIZE, resumedBytes: PART });

  const running = await half('get', to);
  expect(await getFile(served.store, place, to, {}, context)).toMatchObject({ resumedBytes: 0 });
  expect(parts()).toHaveLength(1);
  await kill(running);
  expect(await getFile(served.store, place, to, {}, context)).toMatchObject({
    resumedBytes: PART,
    checked: { algorithm: 'CRC32' },
  });
  expect(readFileSync(to).equals(content)).toBe(true);
  expect([...parts(), ...readdirSync(join(served.home, 'blob-transfers'))]).toEqual([]);
});
