/**
 * `kill -9` of `ds kv serve` under pipelined load. After the next start every acknowledged write is there, and no transaction is half there.
 *
 * Each client counts on, in transactions: a string, a hash field, a sorted set's score and a list's length are n together.
 * DS_TORTURE_ROUNDS=300 makes it three hundred kills of one file.
 */
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { type RunningDs, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const ROUNDS = Number(process.env['DS_TORTURE_ROUNDS'] ?? 3);
const CLIENTS = 6;
/** Transactions on their way at once, for each client. */
const PIPELINED = 16;

const start = (home: string) => startDs(['kv', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off'], { home });

const portOf = ({ ready }: RunningDs) => Number(new URL(ready.endpoints['redis'] ?? '').port);

function dial(port: number): Socket {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  // A reset is how the end of the daemon looks from here.
  socket.on('error', () => {});
  return socket;
}

/** The n-th transaction of a client; plain writes of one key each are between them. */
const transaction = (client: number, n: number) =>
  [
    `SET plain:${client} ${n}`,
    'MULTI',
    `SET string:${client} ${n}`,
    `HSET hash:${client} field ${n}`,
    `ZADD zset:${client} ${n} member`,
    `RPUSH list:${client} ${n}`,
    'EXEC',
    '',
  ].join('\r\n');

/** Goes on from `first` until the daemon has gone; calls back with each n that was acknowledged. */
function countOn(port: number, client: number, first: number, acknowledged: (n: number) => void): Promise<void> {
  return new Promise((resolve) => {
    const socket = dial(port);
    let sent = first - 1;
    let text = '';
    const send = () => socket.write(transaction(client, ++sent));
    let told = first - 1;
    socket.on('connect', () => {
      for (let i = 0; i < PIPELINED; i++) send();
    });
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      // RPUSH's answer, the last of EXEC's four, is the length of the list.
      for (let end = text.indexOf('*4\r\n'); end >= 0; end = text.indexOf('*4\r\n')) {
        const length = /^\*4\r\n\+OK\r\n:\d\r\n:\d\r\n:(\d+)\r\n/.exec(text.slice(end));
        if (length === null) break;
        told++;
        if (Number(length[1]) !== told) throw new Error(`client ${client}: ${length[1]} in place of ${told}`);
        text = text.slice(end + length[0].length);
        acknowledged(told);
        send();
      }
    });
    socket.on('close', () => resolve());
  });
}

function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = dial(port);
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('close', () => (text === '' ? reject(new Error(`no answer to ${command}`)) : resolve(text)));
    socket.end(`${command}\r\n`);
  });
}

const numberOf = (reply: string) => Number(/(\d+)\r\n$/.exec(reply)?.[1] ?? 0);

test('what was acknowledged is there, whole', { timeout: 60_000 + ROUNDS * 10_000 }, async () => {
  const home = temporaryFolder();
  const told = Array.from({ length: CLIENTS }, () => 0);
  for (let round = 0; round < ROUNDS; round++) {
    const daemon = await start(home);
    const before = told.reduce((sum, n) => sum + n, 0);
    const clients = told.map((n, client) =>
      countOn(portOf(daemon), client, n + 1, (now) => {
        told[client] = now;
      }),
    );
    const least = before + 500 + ((round * 977) % 3_000);
    const killed = waitFor(() => told.reduce((sum, n) => sum + n, 0) >= least, {
      timeoutMs: 30_000,
      intervalMs: 1,
    }).then(() => daemon.stop('SIGKILL'));
    await Promise.all([...clients, killed]);

    const next = await start(home);
    const port = portOf(next);
    for (let client = 0; client < CLIENTS; client++) {
      const n = numberOf(await ask(port, `GET string:${client}`));
      expect(n).toBeGreaterThanOrEqual(told[client] ?? 0);
      expect(n).toBeLessThanOrEqual((told[client] ?? 0) + PIPELINED);
      expect(numberOf(await ask(port, `GET plain:${client}`))).toBeGreaterThanOrEqual(n);
      expect(numberOf(await ask(port, `HGET hash:${client} field`))).toBe(n);
      expect(numberOf(await ask(port, `ZSCORE zset:${client} member`))).toBe(n);
      expect(numberOf(await ask(port, `LLEN list:${client}`))).toBe(n);
      expect(numberOf(await ask(port, `LINDEX list:${client} -1`))).toBe(n);
      told[client] = n;
    }
    await next.stop();
  }
});
