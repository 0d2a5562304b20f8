/** Requests to real servers on loopback. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { HttpAction, JobSpec } from '../../../../src/blocks/cron/job.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { type AttemptOptions, jobOf, startJob } from './attempts.js';

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Options = AttemptOptions & { readonly spec?: Partial<JobSpec> };

function startRequest(url: string, change: Partial<HttpAction> = {}, options: Options = {}) {
  return startJob(jobOf({ kind: 'http', method: 'GET', url, headers: {}, ...change }, options.spec), options);
}

async function request(url: string, change: Partial<HttpAction> = {}, options: Options = {}) {
  const started = startRequest(url, change, options);
  return { ...started, ...(await started.done) };
}

describe('outcome', () => {
  test.each([
    [200, undefined, { kind: 'succeeded', reason: 'HTTP 200 OK' }],
    [204, undefined, { kind: 'succeeded', reason: 'HTTP 204 No Content' }],
    [500, undefined, { kind: 'failed', reason: 'HTTP 500 Internal Server Error' }],
    [200, [202, 409], { kind: 'failed', reason: 'HTTP 200 OK' }],
    [409, [202, 409], { kind: 'succeeded', reason: 'HTTP 409 Conflict' }],
  ])('%i, where %j is expected', async (status, expected, outcome) => {
    const url = await serve((_asked, answer) => answer.writeHead(status).end());
    expect((await request(url, expected === undefined ? {} : { expect: expected })).outcome).toEqual(outcome);
  });

  test.each([
    ['/elsewhere', '/elsewhere'],
    ['https://user:p@ss@shop.example/@x', 'https://***@shop.example/@x'],
    [`//u:${'p'.repeat(300)}@shop.example/`, '//***@shop.example/'],
  ])('a redirect is an answer, whose password is not told: %s', async (location, told) => {
    const url = await serve((_asked, answer) => answer.writeHead(302, { location }).end());
    const reason = `HTTP 302 Found to ${told}: redirects are not followed`;
    expect((await request(url)).outcome).toEqual({ kind: 'failed', reason });
  });

  test('without an answer it has failed, with a reason that can be read', async () => {
    const closing = createTcpServer((socket) => socket.once('data', () => socket.destroy())).listen(0, '127.0.0.1');
    await once(closing, 'listening');
    const { port } = closing.address() as AddressInfo;
    const reasonOf = async (url: string, change: Partial<HttpAction> = {}) =>
      (await request(url, change)).outcome.reason;
    expect(await reasonOf(`http://127.0.0.1:${port}/`)).toBe(
      `127.0.0.1:${port} closed the connection before it had answered`,
    );
    closing.close();
    await once(closing, 'close');
    expect(await reasonOf(`http://127.0.0.1:${port}/`)).toBe(`127.0.0.1:${port} refuses the connection`);
    expect(await reasonOf('no url')).toBe('no url is not a URL');
    expect(await reasonOf('ftp://127.0.0.1/')).toMatch(/^no answer of 127.0.0.1: /);
    expect(await reasonOf('http://127.0.0.1/', { method: 'A B' })).toMatch(/^no answer of 127.0.0.1: /);
    const headersFile = '/no/such/file';
    expect(await reasonOf('http://127.0.0.1/', { headersFile })).toBe(
      'headers file /no/such/file: there is no such file',
    );
  });
});

test('what is sent: method, body, headers, who asks; what comes back is masked', async () => {
  let asked: IncomingMessage | undefined;
  let body = '';
  const url = await serve((request, answer) => {
    asked = request;
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => answer.end(`you said ${request.headers.authorization} and ${request.headers['x-a']}\n`));
  });
  const headersFile = join(temporaryFolder(), 'headers');
  writeFileSync(headersFile, 'Authorization: Bearer s3cr3t\n');
  const { text, outputBytes } = await request(`${url}/path?q=1`, {
    ...{ method: 'PUT', headers: { 'X-A': 'plain', 'Content-Type': 'text/plain' }, headersFile, body: 'text ü' },
  });
  expect(asked).toMatchObject({ method: 'PUT', url: '/path?q=1' });
  expect(body).toBe('text ü');
  expect(asked?.headers).toMatchObject({
    ...{ 'x-a': 'plain', 'content-type': 'text/plain', authorization: 'Bearer s3cr3t', 'user-agent': 'ds/1.2.3' },
    ...{ 'ds-cron-run': '17', 'ds-cron-fence': '3', 'ds-cron-job': 'job', 'ds-cron-attempt': '1' },
    'idempotency-key': expect.stringMatching(/^ds-cron-[0-9a-f]{16}-17$/),
  });
  expect(text('stdout')).toBe('you said *** and plain\n');
  expect(text('stderr')).toMatch(/^HTTP 200 OK, after \d+m?s\n$/);
  expect(outputBytes).toBeGreaterThan(30);
});

describe('bounds', () => {
  test('a server that never answers, or never ends its answer, is given up', async () => {
    const silent = await serve(() => {});
    const timedOut = { kind: 'failed', reason: 'timed out after 100ms' };
    expect((await request(silent, {}, { spec: { timeoutMs: 100 } })).outcome).toEqual(timedOut);
    const endless = await serve((_asked, answer) => answer.write('begun'));
    const { outcome, text } = await request(endless, {}, { spec: { timeoutMs: 1_000 } });
    expect([outcome, text('stdout')]).toEqual([{ kind: 'failed', reason: 'timed out after 1s' }, 'begun']);
  });

  test('of a body without end so much is read as is kept', async () => {
    const url = await serve((_asked, answer) => {
      const more = () => {
        while (answer.write(Buffer.alloc(65_536, 'x')));
        answer.once('drain', more);
      };
      more();
    });
    const { outcome, text } = await request(url, {}, { spec: { outputBytes: 100_000 } });
    expect(outcome).toEqual({ kind: 'succeeded', reason: 'HTTP 200 OK' });
    expect(text('stdout').length).toBeGreaterThan(80_000);
    expect(text().length).toBeLessThanOrEqual(100_000);
  });

  test('it ends when it is told to', async () => {
    let hanging = 0;
    const url = await serve((asked) => {
      hanging++;
      asked.socket.once('close', () => hanging--);
    });
    const started = startRequest(url);
    await waitFor(() => hanging === 1);
    started.terminate('by hand');
    expect((await started.done).outcome).toEqual({ kind: 'cancelled', reason: 'by hand' });
    await waitFor(() => hanging === 0);
  });
});
