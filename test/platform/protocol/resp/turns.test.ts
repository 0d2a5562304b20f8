import { describe, expect, test } from 'vitest';
import type { CommandGate } from '../../../../src/platform/protocol/resp/gate.js';
import { bytes, error, nullArray, OK, type Reply } from '../../../../src/platform/protocol/resp/index.js';
import type { TaggedReply } from '../../../../src/platform/protocol/resp/reply.js';
import type { Turns } from '../../../../src/platform/protocol/resp/turns.js';
import { Waiting } from '../../../../src/platform/protocol/resp/waiting.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { command, RawClient, serve } from './serve.js';

/** Turns that end when the test says so; those in which nothing was written end at once. */
class ManualTurns implements Turns {
  wrote = false;
  readonly waiting: ((failure?: TaggedReply) => void)[] = [];

  end(settled: (failure?: TaggedReply) => void): boolean {
    if (!this.wrote) return false;
    this.wrote = false;
    this.waiting.push(settled);
    return true;
  }
}

function writer(turns: ManualTurns) {
  return command(
    'WRITE',
    (_client, [value]) => {
      turns.wrote = true;
      return value ?? OK;
    },
    { ofTurn: true },
  );
}

describe('turns', () => {
  test('hold answers back until they have settled, each connection in order, whichever turn settles first', async () => {
    const turns = new ManualTurns();
    const { port } = await serve([writer(turns)], { turns });
    const client = new RawClient(port);
    client.send('WRITE a\r\nPING\r\n');
    await waitFor(() => turns.waiting.length === 1);
    client.send('WRITE b\r\n');
    await waitFor(() => turns.waiting.length === 2);
    client.send('PING\r\n');
    const other = new RawClient(port);
    other.send('PING\r\n');
    await other.expect('+PONG\r\n');
    expect(client.received).toBe('');
    turns.waiting[1]?.();
    other.send('PING\r\n');
    await other.expect('+PONG\r\n');
    expect(client.received).toBe('');
    turns.waiting[0]?.();
    await client.expect('$1\r\na\r\n+PONG\r\n$1\r\nb\r\n+PONG\r\n');
  });

  test('that fail answer with the failure what tells of them; what does not stands, and the next one goes on', async () => {
    const turns = new ManualTurns();
    const { port } = await serve([writer(turns)], { turns });
    const client = new RawClient(port);
    client.send('PING\r\nWRITE a\r\nWRITE b\r\n');
    await waitFor(() => turns.waiting.length === 1);
    turns.waiting[0]?.(error('MISCONF', 'disk is full'));
    await client.expect(`+PONG\r\n${'-MISCONF disk is full\r\n'.repeat(2)}`);
    client.send('PING\r\n');
    await client.expect('+PONG\r\n');
  });

  test('end before a connection is closed: the peer that has closed its side gets all answers', async () => {
    const turns = new ManualTurns();
    const { port } = await serve([writer(turns)], { turns });
    const client = new RawClient(port, { allowHalfOpen: true });
    client.socket.end('WRITE a\r\nQUIT\r\n');
    await waitFor(() => turns.waiting.length === 1);
    expect(client.ended).toBe(false);
    turns.waiting[0]?.();
    expect(await client.untilEnded()).toBe('$1\r\na\r\n+OK\r\n');
  });

  test('of much output go on turn by turn, all of it in order', async () => {
    const turns = new ManualTurns();
    const big = 'x'.repeat(100_000);
    const { port } = await serve([command('BIG', () => bytes(big)), writer(turns)], {
      turns,
      limits: { outputSoftBytes: 250_000 },
    });
    const client = new RawClient(port);
    client.send(`${'BIG\r\n'.repeat(40)}WRITE end\r\n`);
    await waitFor(() => turns.waiting.length === 1);
    turns.waiting[0]?.();
    await client.expect(`${`$100000\r\n${big}\r\n`.repeat(40)}$3\r\nend\r\n`);
  });

  test('a request of many chunks arrives whole', async () => {
    const turns = new ManualTurns();
    const { port } = await serve([writer(turns)], { turns });
    const client = new RawClient(port);
    const value = 'v'.repeat(3_000_000);
    client.send(`*2\r\n$5\r\nWRITE\r\n$${value.length}\r\n${value}\r\nPING\r\n`);
    await waitFor(() => turns.waiting.length === 1);
    turns.waiting[0]?.();
    await client.expect(`$${value.length}\r\n${value}\r\n+PONG\r\n`);
  });
});

describe('a command that waits', () => {
  test('blocks its connection, and is answered within the turn of whoever answers it', async () => {
    const turns = new ManualTurns();
    const waiting: Waiting[] = [];
    const wait = command('WAITFOR', () => {
      const one = new Waiting();
      waiting.push(one);
      return one;
    });
    const give = command('GIVE', () => {
      turns.wrote = true;
      waiting.shift()?.answer('given');
      return OK;
    });
    const { port } = await serve([wait, give], { turns });
    const client = new RawClient(port);
    client.send('PING\r\nWAITFOR\r\nPING\r\n');
    await client.expect('+PONG\r\n');
    const giver = new RawClient(port);
    giver.send('GIVE\r\n');
    await waitFor(() => turns.waiting.length === 1);
    expect(client.received + giver.received).toBe('');
    turns.waiting[0]?.();
    await client.expect('$5\r\ngiven\r\n+PONG\r\n');
    await giver.expect('+OK\r\n');
  });

  test.each(['destroy', 'end'] as const)('is told when its peer has left (%s)', async (how) => {
    let left = 0;
    const wait = command('WAITFOR', () => {
      const one = new Waiting();
      one.onLeft = () => left++;
      return one;
    });
    const { port, server } = await serve([wait]);
    const client = new RawClient(port);
    client.send('WAITFOR\r\nPING\r\n');
    await waitFor(() => server.counters.commands === 1);
    client.socket[how]();
    await waitFor(() => left === 1);
  });

  test('does not hold up the end of the server', async () => {
    const { port, server } = await serve([command('WAITFOR', () => new Waiting())]);
    const client = new RawClient(port);
    client.send('WAITFOR\r\n');
    await waitFor(() => server.counters.commands === 1);
    await server.stop(10_000);
    expect(await client.untilEnded()).toBe('');
  });
});

test('a gate answers in place of any command, and is told of refusals', async () => {
  let refused = 0;
  const gate: CommandGate = {
    admit: (_client, { name }): Reply | undefined => (name === 'ping' ? 'stopped' : undefined),
    writes: () => false,
    refused: () => void refused++,
  };
  const { port } = await serve([], { gate });
  const client = new RawClient(port);
  client.send('PING\r\nNOSUCH\r\nECHO\r\nECHO a\r\n');
  await client.expect(
    "$7\r\nstopped\r\n-ERR unknown command 'NOSUCH', with args beginning with: \r\n" +
      "-ERR wrong number of arguments for 'echo' command\r\n$1\r\na\r\n",
  );
  expect(refused).toBe(2);
});

test('databases are selected by number, told in CLIENT LIST, and left by RESET', async () => {
  const { port } = await serve([command('WHERE', (client) => client.database)], { databases: 3 });
  const client = new RawClient(port);
  client.send('SELECT 2\r\nWHERE\r\nSELECT 3\r\nSELECT x\r\nRESET\r\nWHERE\r\n');
  await client.expect(
    '+OK\r\n:2\r\n-ERR DB index is out of range\r\n-ERR value is not an integer or out of range\r\n+RESET\r\n:0\r\n',
  );
});

test('bytes are sent as they are, and no array is another nothing in RESP2', async () => {
  const { port } = await serve([command('BYTES', () => bytes('\xff\0')), command('NONE', () => nullArray)]);
  const client = new RawClient(port);
  client.send('BYTES\r\nNONE\r\n');
  await client.expect('$2\r\n\xff\0\r\n*-1\r\n');
});

test.each(['GET / HTTP/1.1', 'PUT /x HTTP/1.0', 'POST / HTTP/1.1', 'DELETE /x HTTP/1.1'])(
  'HTTP closes the connection: %s',
  async (line) => {
    const get = command('GET', () => OK, { arity: 2 });
    const { port, server } = await serve([get]);
    const client = new RawClient(port);
    client.send(`${line}\r\nHost: localhost\r\n\r\nECHO never\r\n`);
    expect(await client.untilEnded()).toBe('');
    expect(server.counters.protocolErrors).toBe(1);
  },
);

test('what a connection leaves behind is told once', async () => {
  const left: number[] = [];
  const watch = command('WATCHME', (client) => {
    client.onLeft(() => left.push(client.id));
    return OK;
  });
  const { port } = await serve([watch]);
  const client = new RawClient(port);
  client.send('WATCHME\r\n');
  await client.expect('+OK\r\n');
  client.socket.destroy();
  await waitFor(() => left.length === 1);
});
