/** `ds blob serve` as a process: what only the program shows. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runDs, runDsJson, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const SERVE = ['blob', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off'];

test('commands of this machine find its keys by themselves; what it refused is explained beside it; it stops on SIGTERM', async () => {
  const home = temporaryFolder();
  const { ready, stop } = await startDs(SERVE, { home });
  const url = ready.endpoints['s3'] ?? '';
  expect(ready).toMatchObject({ block: 'blob', db: join(home, 'blob.db'), detail: '0 buckets, 0 objects' });
  expect(statSync(join(home, 'blob.credentials')).mode & 0o777).toBe(0o600);

  const created = await runDsJson(['blob', 'bucket', 'create', 'photos', '--url', `s3+${url}`], { home });
  expect(created).toMatchObject({ bucket: 'photos' });
  // On the file, beside the daemon: both see the same.
  expect(await runDs(['blob', 'list'], { home })).toMatchObject({ code: 0, stdout: expect.stringContaining('photos') });

  const refused = await fetch(`${url}/photos/\u001b[31m?X-Amz-Nothing`);
  expect(refused.status).toBe(403);
  const id = refused.headers.get('x-amz-request-id') ?? '';
  const explained = await runDs(['blob', 'explain', id], { home });
  expect(explained).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^AccessDenied {2}the request is not signed\nGET \/photos\//),
  });
  expect(await runDsJson(['blob', 'explain', id], { home })).toMatchObject({
    request_id: id,
    code: 'AccessDenied',
    method: 'GET',
  });
  expect(await runDs(['blob', 'explain', 'none'], { home })).toMatchObject({ code: 1 });

  const { code, stderr } = await stop();
  expect(code).toBe(0);
  expect(stderr).toContain('stopped, nothing lost');
});

test('a port that everybody reaches is not opened to everybody by mistake', async () => {
  const open = await runDs(['blob', 'serve', '--listen', '0.0.0.0:0', '--anonymous']);
  expect(open).toMatchObject({ code: 2, stderr: expect.stringContaining('--insecure') });
  const lonely = await runDs(['blob', 'serve', '--tls-key', 'key.pem']);
  expect(lonely).toMatchObject({ code: 2, stderr: expect.stringContaining('--tls-cert') });
});
