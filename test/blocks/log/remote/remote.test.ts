/** The client of Loki's API against servers that answer anything; against `ds log serve` it has the contract (contract.test.ts). */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { NO_LABELS } from '../../../../src/blocks/log/labels.js';
import { openRemoteLogs, type RemoteTarget } from '../../../../src/blocks/log/remote/index.js';
import type { RemoteOptions } from '../../../../src/blocks/log/remote/store.js';
import { RunningClock } from '../../../helpers/running-clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { batchOf } from '../contract.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function client(answer: Answer, target: Partial<RemoteTarget> = {}, options: Partial<RemoteOptions> = {}) {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = target.url?.replace('HOST', `127.0.0.1:${port}`) ?? `http://127.0.0.1:${port}`;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const logs = await openRemoteLogs({ ...target, url }, { clock: new RunningClock(), ...options });
  onTestFinished(() => logs.close());
  return { logs, server };
}

const range = { start: 0n, end: 10n };
const query = { query: '{a="b"}', ...range, direction: 'forward' } as const;

async function lines(entries: AsyncIterable<{ readonly line: string }>): Promise<string[]> {
  const found: string[] = [];
  for await (const { line } of entries) found.push(line);
  return found;
}

test('who asks is said: bearer or basic, tenant, prefix; a password in the URL is refused', async () => {
  const seen: unknown[] = [];
  const answer: Answer = ({ url, headers }, response) => {
    seen.push([url?.split('?')[0], headers.authorization, headers['x-scope-orgid']]);
    response.end('{"status":"success"}');
  };
  const file = join(temporaryFolder(), 'token');
  writeFileSync(file, 'from-file\n');
  for (const target of [{ token: 't' }, { url: 'loki+http://12345@HOST/logs/', tokenFile: file, tenant: 'shop' }]) {
    const { logs } = await client(answer, target);
    expect(await logs.labelNames(range)).toEqual([]);
  }
  const basic = `Basic ${Buffer.from('12345:from-file').toString('base64')}`;
  expect(seen).toEqual([
    ['/loki/api/v1/labels', 'Bearer t', undefined],
    ['/logs/loki/api/v1/labels', basic, 'shop'],
  ]);
  for (const url of ['http://a:b@HOST', 'redis://HOST', 'nonsense']) {
    await expect(client(answer, { url })).rejects.toMatchObject({ code: 'log.bad_url' });
  }
});

test('answers that are none are told as what they are', async () => {
  const failure = async (status: number, body: string) => {
    const { logs } = await client((_, response) => response.writeHead(status).end(body));
    return lines(logs.entries(query)).then(String, ({ code, message }) => `${code} ${message}`);
  };
  const streams = (result: unknown) => JSON.stringify({ status: 'success', data: { resultType: 'streams', result } });
  expect(await failure(401, 'no org id\n')).toMatch(/^log.refused .* refused \(401\): no org id$/);
  expect(await failure(400, 'parse error at line 1, col 2')).toBe('log.bad_query parse error at line 1, col 2');
  expect(await failure(500, '{"error":{"message":"out of luck"}}')).toMatch(/refused \(500\): out of luck$/);
  expect(await failure(200, '<html>')).toMatch(/^log.bad_answer .* did not answer with JSON$/);
  expect(await failure(200, 'null')).toMatch(/^log.bad_answer .*the answer is no object$/);
  expect(await failure(200, streams([{ stream: {}, values: [[12, 'x']] }]))).toMatch(/the time of an entry is 12/);
  expect(await failure(200, streams([{ stream: { a: 1 }, values: [] }]))).toMatch(/a label of a stream is no text/);
  expect(await failure(200, streams(null))).toBe('');
  expect(await failure(200, `[${'{},'.repeat(9_000_000)}{}]`)).toMatch(/^log.bad_answer .* did not answer with JSON$/);
  // The same page whatever was asked for: it would be asked for ever.
  const page = Array.from({ length: 2_000 }, (_, i) => [String(i % 10), `line ${i}`]);
  expect(await failure(200, streams([{ stream: {}, values: page }]))).toMatch(/from 9 to before 10, and .* one of 0$/);
  const nobody = await openRemoteLogs({ url: 'http://127.0.0.1:1' }, { clock: new RunningClock() });
  await expect(lines(nobody.entries(query))).rejects.toMatchObject({ code: 'log.unreachable' });
  await nobody.close();
});

test('a push waits as long as it is asked to, and tells what was refused', async () => {
  const answers = [429, 503, 204];
  const clock = new RunningClock();
  const before = clock.now();
  const { logs } = await client(
    (request, response) => {
      request
        .resume()
        .on('end', () => response.writeHead(answers.shift() ?? 400, { 'retry-after': '7' }).end('entry too old'));
    },
    {},
    { clock },
  );
  const batch = batchOf([{ timestamp: 1n, line: 'x', stream: NO_LABELS }]);
  await logs.append(batch);
  expect(clock.now() - before).toBe(14_000);
  await expect(logs.append(batch)).rejects.toMatchObject({ message: expect.stringMatching(/\(400\): entry too old$/) });
});

test('what a tail has dropped is told, and an end that nobody asked for', async () => {
  const dropped: number[] = [];
  const { logs, server } = await client(
    (_, response) => response.writeHead(404).end(),
    {},
    { onDropped: (n) => dropped.push(n) },
  );
  const sockets = new WebSocketServer({ server });
  onTestFinished(() => sockets.close());
  const frame = { streams: [{ stream: { a: 'b' }, values: [['1', 'x']] }], dropped_entries: [{}, {}] };
  sockets.on('connection', (socket) => {
    socket.send(JSON.stringify(frame));
    socket.close(1011, 'store is gone');
  });
  const request = { query: '{a="b"}', start: 0n, signal: new AbortController().signal };
  const tail = logs.tail(request)[Symbol.asyncIterator]();
  expect((await tail.next()).value).toMatchObject({ line: 'x' });
  await expect(tail.next()).rejects.toMatchObject({
    message: expect.stringMatching(/it ended the tail: store is gone$/),
  });
  expect(dropped).toEqual([2]);
  sockets.removeAllListeners('connection');
  let sent = '';
  sockets.on('connection', (socket) => socket.send(sent));
  for (sent of [
    'no JSON',
    'null',
    '[]',
    `{"streams":${'['.repeat(100_000)}`,
    `{"streams":[${'{},'.repeat(300_000)}{}]}`,
  ]) {
    await expect(lines(logs.tail(request))).rejects.toMatchObject({ code: 'log.bad_answer' });
  }
});

test('a server that answers with warnings, refuses without an end of it, or leads elsewhere', async () => {
  const warned: string[] = [];
  let asked = 0;
  const { logs } = await client(
    ({ url }, response) => {
      asked++;
      if (url?.includes('labels')) response.end('{"status":"success","warnings":["a block is damaged", 3],"data":[]}');
      else if (url?.includes('series')) response.writeHead(302, { location: '/loki/api/v1/labels' }).end();
      else response.writeHead(500).end(`{"error":${'['.repeat(5_000_000)}`);
    },
    { token: 'secret' },
    { onWarning: (text) => warned.push(text) },
  );
  for (let i = 0; i < 2; i++) await logs.labelNames(range);
  expect(warned).toEqual(['a block is damaged']);
  await expect(logs.series([], range)).rejects.toMatchObject({
    code: 'log.refused',
    message: expect.stringMatching(/302/),
  });
  expect(asked).toBe(3);
  await expect(lines(logs.entries(query))).rejects.toMatchObject({ code: 'log.refused', details: { status: 500 } });
});
