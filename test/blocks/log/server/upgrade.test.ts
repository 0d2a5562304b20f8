/** A client that offers another protocol, as Java's HttpClient does, is answered in the one that it speaks. */
import { expect, test } from 'vitest';
import { waitFor } from '../../../helpers/wait-for.js';
import { serve } from './serve.js';

const OFFER =
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n';

test('an offer of h2c is not taken, and its request is answered, as often as one comes on the connection', async () => {
  const served = await serve();
  const body = JSON.stringify({ streams: [{ stream: { app: 'java' }, values: [[`${Date.now()}000000`, 'hello']] }] });
  const head = `POST /loki/api/v1/push HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${OFFER}\r\n`;
  const socket = served.raw(`${head}${body.slice(0, 20)}`);
  let answers = '';
  socket.on('data', (chunk: Buffer) => {
    answers += chunk.toString();
  });
  socket.write(body.slice(20));
  const count = (text: string) => answers.split(text).length - 1;
  await waitFor(() => count('HTTP/1.1 204 ') === 1);
  const warnings: Error[] = [];
  process.on('warning', (warning) => warnings.push(warning));
  for (let n = 1; n <= 15; n++) {
    socket.write(`GET /loki/api/v1/labels HTTP/1.1\r\nHost: localhost\r\n${OFFER}\r\n`);
    await waitFor(() => count('{"status":"success","data":["app"]}') === n);
  }
  socket.write('GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await waitFor(() => socket.destroyed || socket.readableEnded);
  expect(count('ready\n')).toBe(1);
  expect(warnings).toEqual([]);
});

test('a WebSocket is for tail alone; a request with an offer behind one that waits for its answer ends the connection', async () => {
  const served = await serve();
  const other = await served.ask('/loki/api/v1/labels', { headers: { connection: 'upgrade', upgrade: 'websocket' } });
  expect(other).toMatchObject({ status: 404, text: expect.stringContaining('/tail is a WebSocket') });
  const request = `GET /loki/api/v1/labels HTTP/1.1\r\nHost: localhost\r\n`;
  const socket = served.raw(`${request}\r\n${request}${OFFER}\r\n`).resume();
  await waitFor(() => socket.destroyed);
});
