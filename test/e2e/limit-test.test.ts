/** `ds limit test` as a process: what it prints, its exit codes, and the policy it emits. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return `http://127.0.0.1:${address.port}/`;
}

/** At most `most` in flight, each for `ms`: found in a few seconds, whatever else the machine does. */
function busyServer(most: number, ms: number): Promise<string> {
  let inFlight = 0;
  return listen(
    createServer((_request, response) => {
      if (inFlight >= most) return response.writeHead(429).end();
      inFlight++;
      setTimeout(() => {
        inFlight--;
        response.end('ok');
      }, ms);
    }),
  );
}

test('finds a limit, says it in a document, and writes it as a policy that reads back', {
  timeout: 60_000,
  retry: 2,
}, async () => {
  const url = await busyServer(4, 80);
  const file = join(temporaryFolder(), 'clone.yaml');
  const found = await runDs(['limit', 'test', url, '--json', '--emit', file], { timeoutMs: 50_000 });
  expect(found.code).toBe(0);
  expect(JSON.parse(found.stdout)).toMatchObject({
    found: true,
    family: 'concurrency',
    algorithm: 'concurrency',
    limit: { value: 4 },
    refusals: { 429: expect.any(Number) },
  });
  expect(readFileSync(file, 'utf8')).toContain('algorithm: concurrency');
  expect((await runDs(['limit', 'policy', 'check', file])).code).toBe(0);
});

test('no limit within the budget: exit code 1, and no more requests than allowed', async () => {
  let asked = 0;
  const url = await listen(
    createServer((_request, response) => {
      asked++;
      response.end();
    }),
  );
  const { code, stdout } = await runDs(['limit', 'test', url, '--max-requests', '60']);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^limit\tnone found: \d+ requests in [\d.]+ s, none refused\n/);
  expect(asked).toBeLessThanOrEqual(60);
});

test('exit codes: 2 for what is no URL or no rule or nobody to ask, 3 for a server that is not there', async () => {
  expect((await runDs(['limit', 'test', 'ftp://127.0.0.1/'])).code).toBe(2);
  expect((await runDs(['limit', 'test', 'http://127.0.0.1:1/', '--refused-when', 'banana'])).code).toBe(2);
  const unasked = await runDs(['limit', 'test', 'http://192.0.2.1/']);
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toContain('ds limit test http://192.0.2.1/ --yes');
  const absent = await runDs(['limit', 'test', 'http://127.0.0.1:1/']);
  expect(absent.code).toBe(3);
  expect(absent.stderr).toContain('nothing listens there');
});
