/** `ds blob bench` as it is built, against daemons of ours. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { NO_COMPILE_CACHE, runDs, runDsJson, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

test('a daemon of its own stores what is sent, gives it back, and leaves nothing behind', async () => {
  const temporary = temporaryFolder();
  const options = { env: { TMPDIR: temporary, ...NO_COMPILE_CACHE } };
  const measured = async (args: readonly string[]) => {
    const { code, stdout, stderr } = await runDs(['blob', 'bench', '-d', '300ms', '--json', ...args], options);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ loop: 'closed', failed: 0, answers: { 200: document.answered } });
    return document;
  };
  const put = await measured(['-c', '2', '--size', '100KB', '--keys', '3']);
  expect(put.sent_bytes).toBeGreaterThan(put.answered * 100_000);
  const get = await measured(['-c', '2', '--get', '--size', '100KB', '--keys', '3']);
  expect(get.received_bytes).toBeGreaterThan(get.answered * 100_000);
  expect(readdirSync(temporary)).toEqual([]);
}, 30_000);

test('a daemon that runs has a load at a rate, and no bucket more afterwards; another key is refused before', async () => {
  const home = temporaryFolder();
  const daemon = await startDs(['blob', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off'], { home });
  const at = ['--url', `s3+${daemon.ready.endpoints['s3']}`];
  const document = await runDsJson(['blob', 'bench', ...at, '-r', '40', '-d', '500ms', '-c', '4'], { home });
  expect(document).toMatchObject({ loop: 'open', rate_per_s: 40, sent: 20, answers: { 200: 20 }, unsent: 0 });
  expect(await runDsJson(['blob', 'bucket', 'list', ...at], { home })).toEqual({ buckets: [] });
  const env = { AWS_ACCESS_KEY_ID: 'DSNOBODY', AWS_SECRET_ACCESS_KEY: 'secret' };
  const { code, stderr, stdout } = await runDs(['blob', 'bench', ...at, '-d', '100ms'], { home, env });
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toContain('DSNOBODY');
  expect(await daemon.stop()).toMatchObject({ code: 0 });
});

test('what memory cannot hold, another machine and a server that is not there are refused', async () => {
  const refused = async (args: readonly string[]) => {
    const { code, stderr } = await runDs(['blob', 'bench', '-d', '100ms', ...args]);
    return `${code} ${stderr}`;
  };
  const nobody = ['--url', 's3+http://127.0.0.1:1'];
  expect(await refused([...nobody, '-c', '1000', '--size', '64MiB'])).toMatch(/^2 error: 1000 connections with 64 MiB/);
  expect(await refused([...nobody, '--get', '--size', '64MiB', '--keys', '1000'])).toMatch(/^2 error: 1000 objects of/);
  expect(await refused(['--size', '1GiB'])).toMatch(/^2 error: --size is "1GiB", not 64MiB or less/);
  expect(await refused(['--url', 's3+http://192.0.2.1:9000'])).toMatch(/add --yes when http:\/\/192.0.2.1:9000/);
  expect(await refused(nobody)).toMatch(/^3 error: /);
});
