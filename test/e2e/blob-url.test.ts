/** The same commands on a server: `ds blob serve`, by --url. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemRandom } from '../../src/platform/clock.js';
import { runDs, startDs } from '../helpers/run-ds.js';

test('objects go to a daemon in parts and come back, are archived, and are given to others by signed URLs', async () => {
  const daemon = await startDs(['blob', 'serve', '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0']);
  const { home } = daemon;
  const url = Object.values(daemon.ready.endpoints)[0] ?? '';
  const env = { DS_BLOB_URL: `s3+${url}`, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
  const blob = (args: readonly string[], input = '') => runDs(['blob', ...args], { home, cwd: home, env, input });
  expect(await blob(['bucket', 'create', 'photos'])).toMatchObject({ code: 0, stderr: '' });
  const large = Buffer.from(systemRandom.bytes(20_000_000));
  writeFileSync(join(home, 'large.bin'), large);
  expect((await blob(['put', 'large.bin', 'photos/'])).stdout).toMatch(
    /^photos\/large\.bin\t20000000\t[0-9a-f]{32}-3\t\n$/,
  );
  expect(await blob(['put', '-', 'photos/a +%?&/ü.txt', '--tag', 'k=v'], 'hello')).toMatchObject({ code: 0 });
  expect(await blob(['get', 'photos/large.bin', 'back.bin'])).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(join(home, 'back.bin')).equals(large)).toBe(true);
  expect((await blob(['cat', 'photos/a +%?&/ü.txt'])).stdout).toBe('hello');
  expect(await blob(['bucket', 'snapshot', 'photos', 'other', '--url', env.DS_BLOB_URL])).toMatchObject({ code: 2 });

  // What is not there is told as by a file, with what to do.
  const refused = async (args: readonly string[], hint: string) => {
    const byUrl = await blob(args);
    expect(byUrl.stderr).toContain(hint);
    expect((await blob([...args, '--db', 'same.db'])).stderr).toBe(byUrl.stderr);
  };
  await blob(['bucket', 'create', 'photos', '--db', 'same.db']);
  await refused(['list', 'nowhere'], 'ds blob bucket create nowhere');
  await refused(['stat', 'photos/none'], 'there is no object "none" in bucket photos');
  await refused(['bucket', 'create', 'photos'], '--if-missing');
  await refused(['get', 'photos/large.bin', join(home, 'no/such/file')], `mkdir -p ${join(home, 'no/such')}\n`);

  const [, key = ''] = /aws_access_key_id = (\w+)/.exec(readFileSync(join(home, 'blob.credentials'), 'utf8')) ?? [];
  const wrong = { ...env, AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: 'wrong' };
  expect((await runDs(['blob', 'list', 'photos'], { home, cwd: home, env: wrong })).stderr).toMatch(
    /ds blob explain [0-9A-F]{16}\n/,
  );

  // Signed here, for who has no credentials.
  const signed = (...args: string[]) => blob(['presign', 'photos/a +%?&/ü.txt', ...args]);
  const put = await fetch((await signed('--method', 'PUT')).stdout.trim(), { method: 'PUT', body: 'changed' });
  expect(put.status).toBe(200);
  const got = await fetch((await signed()).stdout.trim());
  expect([got.status, await got.text()]).toEqual([200, 'changed']);
  expect((await fetch((await signed()).stdout.trim(), { method: 'DELETE' })).status).toBe(403);

  expect((await blob(['export', 'photos', 'all.tar'])).stdout).toBe('2\t20000007\n');
  expect(await blob(['export', 'photos', 'all.tar'])).toMatchObject({ code: 2 });
  const into = ['--db', 'other.db'];
  await blob(['bucket', 'create', 'photos', ...into]);
  expect((await blob(['import', 'all.tar', 'photos', ...into])).stdout).toBe('2\t20000007\n');
  expect((await blob(['bucket', 'diff', 'photos', 'photos', '--to-db', 'other.db'])).stdout).toMatch(
    /^~\tlarge\.bin\t20000000\t20000000\n$/,
  );
  expect(await blob(['copy', 'photos/a +%?&/ü.txt', 'photos/copy', '--literal', '--to-db', 'other.db'])).toMatchObject({
    code: 0,
  });
  expect((await blob(['cat', 'photos/copy', ...into])).stdout).toBe('changed');
  expect(readdirSync(home).filter((name) => name.includes('ds-part'))).toEqual([]);
  expect(await daemon.stop()).toMatchObject({ code: 0 });
  expect(await blob(['list', 'photos'])).toMatchObject({ code: 3 });
});
