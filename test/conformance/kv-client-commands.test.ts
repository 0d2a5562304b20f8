/** CLIENT KILL, PAUSE and REPLY among several connections: the same dialogues with `ds kv serve` and a real Redis, and the same answers. */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { type RedisServer, startRedisServer } from '../helpers/redis-server.js';
import { startDs } from '../helpers/run-ds.js';
import { waitFor } from '../helpers/wait-for.js';

/**
 * Who sends what, in which `{a}` is the number of connection a and `<a>` its address; then how many lines come back to whom, 'end' for the end of the
 * connection. What comes back to others is seen in a later step.
 */
type Step = readonly [who: Who, lines: readonly string[], answers?: Partial<Record<Who, number | 'end'>>];
type Who = 'a' | 'b' | 'c';

const DIALOGUES: Readonly<Record<string, readonly Step[]>> = {
  'a kill by number, then by the same again': [
    ['a', ['CLIENT KILL ID {b}', 'CLIENT KILL ID {b}', 'CLIENT LIST ID {b}'], { a: 4, b: 'end' }],
  ],
  'a kill by address, in the old form and the new one': [
    ['a', ['CLIENT KILL <b>', 'CLIENT KILL ADDR <c> SKIPME no TYPE normal USER default'], { a: 2, b: 'end', c: 'end' }],
  ],
  'a kill of all but oneself': [['a', ['CLIENT KILL SKIPME yes', 'PING'], { a: 2, b: 'end', c: 'end' }]],
  'a kill of oneself': [['a', ['CLIENT KILL ID {a} SKIPME no', 'PING'], { a: 'end' }]],
  'a kill of oneself in the old form': [['a', ['CLIENT KILL <a>', 'PING'], { a: 'end' }]],
  'a kill of who waits, and a push at the same time': [
    ['b', ['BLPOP queue 0']],
    ['a', ['BLOCKED 1']],
    ['a', ['CLIENT KILL ID {b}', 'RPUSH queue job', 'LLEN queue', 'DEL queue'], { a: 4, b: 'end' }],
  ],
  'a pause of writes': [
    ['c', ['MULTI', 'SET k 3'], { c: 2 }],
    ['a', ['CLIENT PAUSE 100000 WRITE'], { a: 1 }],
    ['b', ['GET k', 'SET k', 'NOPE', 'SET k 1', 'GET k'], { b: 3 }],
    ['a', ['BLOCKED 1']],
    ['c', ['EXEC', 'MULTI', 'GET k', 'SET k 4', 'EXEC']],
    ['a', ['BLOCKED 2']],
    ['a', ['EXISTS k', 'CLIENT UNPAUSE'], { a: 2, b: 3, c: 9 }],
    ['a', ['GET k', 'DEL k'], { a: 3 }],
  ],
  'a pause of all, and its time': [
    ['a', ['CLIENT PAUSE 300', 'PING'], { a: 1 }],
    ['b', ['NOPE', 'CLIENT UNPAUSE', 'QUIT'], { b: 1 }],
    ['c', ['PING'], { a: 1, b: 'end', c: 1 }],
  ],
  'a pause of all that a pause of writes does not make less': [
    ['a', ['CLIENT PAUSE 300 ALL']],
    ['a', ['PING', 'CLIENT PAUSE 1 WRITE', 'SET k 1', 'DEL k'], { a: 5 }],
  ],
  'a pause in a transaction': [
    ['a', ['MULTI', 'CLIENT PAUSE 100000 WRITE', 'SET k 1', 'EXEC', 'SET k 2'], { a: 6 }],
    ['b', ['BLOCKED 1']],
    ['b', ['GET k', 'CLIENT UNPAUSE'], { b: 3, a: 1 }],
  ],
  'who waited before a pause': [
    ['b', ['BLPOP queue 0.2']],
    ['a', ['BLOCKED 1']],
    ['a', ['CLIENT PAUSE 100000 WRITE'], { a: 1, b: 1 }],
    ['a', ['CLIENT UNPAUSE'], { a: 1 }],
  ],
  'a transaction that is refused, during a pause of writes': [
    ['b', ['MULTI', 'SET k 1', 'NOPE'], { b: 3 }],
    ['a', ['CLIENT PAUSE 100000 WRITE'], { a: 1 }],
    ['b', ['EXEC']],
    ['a', ['BLOCKED 1']],
    ['a', ['CLIENT UNPAUSE'], { a: 1, b: 1 }],
  ],
  'replies that are left out': [
    [
      'a',
      ['CLIENT REPLY SKIP', 'SET k 1', 'GET k', 'CLIENT REPLY OFF', 'SET k 2', 'CLIENT REPLY ON', 'GET k'],
      { a: 5 },
    ],
    ['a', ['CLIENT REPLY SKIP', 'BLPOP none 0.01', 'MULTI', 'GET k', 'EXEC', 'DEL k'], { a: 6 }],
  ],
};

class Peer {
  received = '';
  ended = false;
  readonly #socket: Socket;

  constructor(port: number) {
    this.#socket = connect({ host: '127.0.0.1', port });
    this.#socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
    });
    this.#socket.on('close', () => {
      this.ended = true;
    });
    this.#socket.on('error', () => {});
    onTestFinished(() => void this.#socket.destroy());
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.localPort}`;
  }

  send(lines: readonly string[]): void {
    this.#socket.write(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** As many lines, or all until the end. */
  async take(count: number | 'end'): Promise<string> {
    const lines = () => this.received.split('\r\n').length - 1;
    await waitFor(() => this.ended || (count !== 'end' && lines() >= count), {
      what: `${count} lines, not ${JSON.stringify(this.received)}`,
    });
    const { received } = this;
    this.received = '';
    return received;
  }
}

async function talk(port: number, steps: readonly Step[]): Promise<string[]> {
  const peers = { a: new Peer(port), b: new Peer(port), c: new Peer(port) };
  const observer = new Peer(port);
  const ids: Record<string, string> = {};
  for (const [who, peer] of Object.entries(peers)) {
    peer.send(['CLIENT ID']);
    ids[who] = (await peer.take(1)).slice(1, -2);
  }
  const blocked = async (count: string) => {
    observer.send(['INFO clients']);
    await waitFor(() => observer.received.includes('blocked_clients'));
    const { received } = observer;
    observer.received = '';
    return received.includes(`blocked_clients:${count}\r\n`);
  };
  const told: string[] = [];
  for (const [who, lines, answers = {}] of steps) {
    const [, count] = /^BLOCKED (\d)$/.exec(lines[0] ?? '') ?? [];
    if (count !== undefined) {
      await waitFor(() => blocked(count), { what: `${count} that wait` });
      continue;
    }
    const filled = lines.map((line) =>
      line
        .replace(/\{(\w)\}/g, (_all, name: Who) => ids[name] ?? '')
        .replace(/<(\w)>/g, (_all, name: Who) => peers[name].address),
    );
    peers[who].send(filled);
    for (const [name, peer] of Object.entries(peers)) {
      const expected = answers[name as Who];
      if (expected !== undefined) told.push(`${name}: ${await peer.take(expected)}`);
    }
  }
  return told;
}

describe.skipIf(!hasPackages('redis-server'))('CLIENT commands, beside Redis', () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis.stop());

  test('answer alike', async () => {
    const { ready } = await startDs(['kv', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off']);
    const port = Number(new URL(ready.endpoints['redis'] ?? '').port);
    for (const [name, steps] of Object.entries(DIALOGUES)) {
      const theirs = await talk(redis.port, steps);
      expect.soft([name, ...(await talk(port, steps))]).toEqual([name, ...theirs]);
    }
  });
});
