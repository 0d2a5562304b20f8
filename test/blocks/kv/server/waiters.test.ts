import { describe, expect, test } from 'vitest';
import { pushed } from '../../../../src/blocks/kv/collections/list.js';
import { EncodingLimits } from '../../../../src/blocks/kv/redis/encodings.js';
import { createKeyCommands } from '../../../../src/blocks/kv/redis/keys/index.js';
import { listCommands } from '../../../../src/blocks/kv/redis/lists/index.js';
import { databaseCommands } from '../../../../src/blocks/kv/redis/server/databases.js';
import { stringCommands } from '../../../../src/blocks/kv/redis/strings/index.js';
import { Keyspace } from '../../../../src/blocks/kv/store/keyspace.js';
import { storageErrors } from '../../../../src/platform/store/errors.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { type ServedCommands, serveCommands, type TextClient } from './serve-commands.js';

const allCommands = [
  ...listCommands,
  ...stringCommands,
  ...createKeyCommands(new EncodingLimits()),
  ...databaseCommands,
];
const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';

interface Waiting {
  readonly served: ServedCommands;
  /** Not waiting for anything. */
  readonly other: TextClient;
}

async function start(): Promise<Waiting> {
  const served = await serveCommands(allCommands);
  return { served, other: served.client() };
}

async function untilBlocked({ other }: Waiting, count: number): Promise<void> {
  await waitFor(
    async () => (await other.ask('CLIENT LIST')).split(' ').filter((word) => word === 'flags=b').length === count,
    {
      what: `${count} waiting clients`,
    },
  );
}

/** Clients that wait, in the order of arrival. */
async function waiting(host: Waiting, ...lines: readonly string[]): Promise<TextClient[]> {
  const clients: TextClient[] = [];
  for (const line of lines) {
    const client = host.served.client();
    client.send(line);
    clients.push(client);
    await untilBlocked(host, clients.length);
  }
  return clients;
}

const bulk = (text: string) => `$${text.length} ${text}`;
const pair = (key: string, value: string) => `*2 ${bulk(key)} ${bulk(value)}`;

/** Commands of one turn and their answers. */
async function turn({ other }: Waiting, lines: readonly string[], answer: string): Promise<void> {
  other.send(...lines);
  await other.expect(answer);
}

describe('a client that waits', () => {
  test('is given what is pushed, and goes on with its next commands', async () => {
    const host = await start();
    const [client] = await waiting(host, 'BLPOP a b 0');
    client?.send('LLEN b', 'PING');
    expect(await host.other.ask('RPUSH b x y')).toBe(':2');
    await client?.expect(`${pair('b', 'x')} :1 +PONG`);
    expect(await host.other.ask('LRANGE b 0 -1')).toBe('*1 $1 y');
  });

  test('is served in the order of arrival, one after the other', async () => {
    const host = await start();
    const clients = await waiting(host, 'BLPOP a 0', 'BRPOP a 0', 'BLMPOP 0 1 a left COUNT 10');
    expect(await host.other.ask('RPUSH a 1 2 3 4')).toBe(':4');
    await clients[0]?.expect(pair('a', '1'));
    await clients[1]?.expect(pair('a', '4'));
    await clients[2]?.expect('*2 $1 a *2 $1 2 $1 3');
    expect(await host.other.ask('EXISTS a')).toBe(':0');
  });

  test('sees a command, or a transaction, when it is over', async () => {
    const host = await start();
    const [client] = await waiting(host, 'BLPOP a 0');
    await turn(host, ['MULTI', 'LPUSH a 1', 'DEL a', 'EXEC'], '+OK +QUEUED +QUEUED *2 :1 :1');
    await turn(host, ['MULTI', 'LPUSH a 1', 'DEL a', 'SET a x', 'EXEC'], '+OK +QUEUED +QUEUED +QUEUED *3 :1 :1 +OK');
    await turn(host, ['DEL a', 'MULTI', 'LPUSH a 1', 'LPUSH a 2', 'EXEC'], ':1 +OK +QUEUED +QUEUED *2 :1 :2');
    await client?.expect(pair('a', '2'));
  });

  test('is given the key that changed first', async () => {
    const host = await start();
    const [client] = await waiting(host, 'BLPOP a b b 0');
    await turn(host, ['MULTI', 'LPUSH b 1', 'LPUSH a 1', 'EXEC'], '+OK +QUEUED +QUEUED *2 :1 :1');
    await client?.expect(pair('b', '1'));
    expect(await host.other.ask('EXISTS a b')).toBe(':1');
  });

  test.each([
    ['RENAME other a', 'RENAME'],
    ['COPY other a', 'COPY'],
    ['SORT other ALPHA STORE a', 'SORT'],
    ['RPOPLPUSH other a', 'RPOPLPUSH'],
  ])('takes from what another key leaves: %s', async (line) => {
    const host = await start();
    await host.other.ask('RPUSH other x');
    const [client] = await waiting(host, 'BLPOP a 0');
    host.other.send(line);
    await client?.expect(pair('a', 'x'));
  });

  test('is in its own database', async () => {
    const host = await start();
    const client = host.served.client();
    expect(await client.ask('SELECT 3')).toBe('+OK');
    client.send('BLPOP a 0');
    await untilBlocked(host, 1);
    expect(await host.other.ask('RPUSH a x')).toBe(':1');
    expect(await host.other.ask('LLEN a')).toBe(':1');
    expect(await host.other.ask('MOVE a 3')).toBe(':1');
    await client.expect(pair('a', 'x'));
  });

  test('takes what comes with another database in the place of its own', async () => {
    const host = await start();
    await turn(host, ['SELECT 1', 'RPUSH a x y', 'SELECT 0'], '+OK :2 +OK');
    const [client] = await waiting(host, 'BLPOP a 0');
    expect(await host.other.ask('SWAPDB 0 1')).toBe('+OK');
    await client?.expect(pair('a', 'x'));
    expect(await host.other.ask('LRANGE a 0 -1')).toBe('*1 $1 y');
    expect(await host.other.ask('FLUSHALL')).toBe('+OK');
  });

  test('goes on waiting while the key holds something else', async () => {
    const host = await start();
    const [client] = await waiting(host, 'BLPOP a 0');
    await turn(host, ['SET a x', 'DEL a', 'RPUSH a y'], '+OK :1 :1');
    await client?.expect(pair('a', 'y'));
  });

  test('is not given what has expired meanwhile', async () => {
    const host = await start();
    const [client] = await waiting(host, 'BLPOP a 0');
    await turn(
      host,
      ['MULTI', 'RPUSH a old', 'PEXPIREAT a 1', 'EXEC', 'RPUSH a new'],
      '+OK +QUEUED +QUEUED *2 :1 :1 :1',
    );
    await client?.expect(pair('a', 'new'));
  });
});

test('a client waits for so many keys, and no more', async () => {
  const { other } = await start();
  expect(await other.ask(`BLPOP ${'k '.repeat(16_385)}0`)).toBe('-ERR a client waits for at most 16384 keys');
});

describe('moving while waiting', () => {
  test('goes from list to list, and wakes those who wait there', async () => {
    const host = await start();
    const clients = await waiting(host, 'BLMOVE a b left right 0', 'BLMOVE b c left right 0', 'BLPOP c 0');
    host.other.send('RPUSH a x');
    await clients[0]?.expect(bulk('x'));
    await clients[1]?.expect(bulk('x'));
    await clients[2]?.expect(pair('c', 'x'));
    await host.other.expect(':1');
    expect(await host.other.ask('EXISTS a b c')).toBe(':0');
  });

  test('in a circle ends', async () => {
    const host = await start();
    const clients = await waiting(host, 'BRPOPLPUSH a b 0', 'BRPOPLPUSH b a 0', 'BRPOPLPUSH c c 0');
    await turn(host, ['RPUSH a x', 'RPUSH c y'], ':1 :1');
    for (const [index, value] of ['x', 'x', 'y'].entries()) await clients[index]?.expect(bulk(value));
    expect(await host.other.ask('LRANGE a 0 -1')).toBe('*1 $1 x');
    expect(await host.other.ask('LRANGE c 0 -1')).toBe('*1 $1 y');
  });

  test('to what is no list is an error, and the element stays for the next', async () => {
    const host = await start();
    await host.other.ask('SET text x');
    const clients = await waiting(host, 'BRPOPLPUSH a text 0', 'BRPOPLPUSH a b 0');
    expect(await host.other.ask('RPUSH a x')).toBe(':1');
    await clients[0]?.expectLine(WRONG_TYPE);
    await clients[1]?.expect(bulk('x'));
  });
});

describe('the end of waiting', () => {
  test('is the time, to the millisecond', async () => {
    const host = await start();
    const { clock } = host.served;
    const clients = await waiting(host, 'BLPOP a 0.25', 'BLMOVE a b left right 0.251', 'BLPOP a 0');
    await waitFor(() => clock.sleeping === 2);
    clock.advance(249);
    await untilBlocked(host, 3);
    clock.advance(1);
    await clients[0]?.expect('*-1');
    clock.advance(1);
    await clients[1]?.expect('*-1');
    await untilBlocked(host, 1);
    expect(await host.other.ask('RPUSH a x')).toBe(':1');
    await clients[2]?.expect(pair('a', 'x'));
  });

  test('stops the clock of who was served', async () => {
    const host = await start();
    const [client] = await waiting(host, 'BLPOP a 10');
    await waitFor(() => host.served.clock.sleeping === 1);
    await host.other.ask('RPUSH a x');
    await client?.expect(pair('a', 'x'));
    expect(host.served.clock.sleeping).toBe(0);
  });

  test('is that the client leaves: the element is for the next', async () => {
    const host = await start();
    const clients = await waiting(host, 'BLPOP a 0', 'BLPOP a 0');
    clients[0]?.leave();
    await untilBlocked(host, 1);
    expect(await host.other.ask('RPUSH a x')).toBe(':1');
    await clients[1]?.expect(pair('a', 'x'));
  });

  test('is that the client has closed its side before it would have waited', async () => {
    const host = await start();
    const client = host.served.client();
    client.send('PING', 'BLPOP a 0', 'PING');
    client.end();
    expect(await client.untilEnded()).toBe('+PONG\r\n');
    await untilBlocked(host, 0);
    expect(await host.other.ask('RPUSH a x')).toBe(':1');
    expect(await host.other.ask('LLEN a')).toBe(':1');
  });

  test('is CLIENT UNBLOCK', async () => {
    const host = await start();
    const ids: string[] = [];
    const clients = [host.served.client(), host.served.client(), host.served.client()];
    for (const client of clients) ids.push((await client.ask('CLIENT ID')).slice(1));
    for (const client of clients) client.send('BLMPOP 0 1 a left');
    await untilBlocked(host, 3);
    expect(await host.other.ask(`CLIENT UNBLOCK ${ids[0]}`)).toBe(':1');
    await clients[0]?.expect('*-1');
    expect(await host.other.ask(`CLIENT UNBLOCK ${ids[1]} error`)).toBe(':1');
    await clients[1]?.expectLine('-UNBLOCKED client unblocked via CLIENT UNBLOCK');
    expect(await host.other.ask(`CLIENT UNBLOCK ${ids[1]}`)).toBe(':0');
    expect(await host.other.ask('CLIENT UNBLOCK 99')).toBe(':0');
    expect(await host.other.ask('CLIENT UNBLOCK x')).toBe('-ERR value is not an integer or out of range');
    expect(await host.other.ask('CLIENT UNBLOCK 1 maybe')).toBe(
      '-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR',
    );
    expect(await host.other.ask('RPUSH a x')).toBe(':1');
    await clients[2]?.expect('*2 $1 a *1 $1 x');
  });
});

test('what another process pushes is found by a poll', async () => {
  const host = await start();
  const [client] = await waiting(host, 'BLPOP a 0');
  const { keyspace, path, clock, commands } = host.served;
  const other = new Keyspace({ path, clock });
  other.turn('write', () => {
    other.database(0).setString('b', 'x', undefined);
  });
  commands.poll();
  expect(keyspace.inTurn).toBe(false);
  other.turn('write', () => {
    const head = pushed(other.store, other.newCollection('list'), 'right', ['x', 'y']);
    other.database(0).setCollection('a', head);
  });
  commands.poll();
  await client?.expect(pair('a', 'x'));
  expect(keyspace.inTurn).toBe(false);
  other.close();
  expect(await host.other.ask('LRANGE a 0 -1')).toBe('*1 $1 y');
});

test('when the file is full, who was served gets the error, nothing is lost, and who waits goes on', async () => {
  const served = await serveCommands(allCommands, { maxPages: 20 });
  const host = { served, other: served.client() };
  const clients = await waiting(host, 'BLPOP a 0', 'BLPOP b 0');
  const large = 'x'.repeat(50_000);
  // What ends the last chunk is in one turn with the end of the value.
  host.other.send(`SET large ${large}`, 'RPUSH a x');
  await waitFor(() => (clients[0]?.received ?? '') !== '');
  expect(clients[0]?.received).toMatch(/^-MISCONF /);
  await waitFor(() => host.other.received.split('\r\n').length === 3);
  expect(host.other.received).toMatch(/^-MISCONF .*\r\n-MISCONF .*\r\n$/);
  const again = served.client();
  expect(await again.ask('LLEN a')).toBe(':0');
  served.clock.advance(2_000);
  expect(await again.ask('RPUSH b y')).toBe(':1');
  await clients[1]?.expect(pair('b', 'y'));
});

test('a command that would wait in a turn that fails is answered, and nothing is kept for it', async () => {
  const host = await start();
  const { engine, clock } = host.served;
  const { onCommand } = engine;
  engine.onCommand = () => {
    throw storageErrors.error('storage.full', 'the disk is full');
  };
  const client = host.served.client();
  expect(await client.ask('BLPOP a 0')).toMatch(/^-MISCONF /);
  engine.onCommand = onCommand;
  clock.advance(2_000);
  expect(await host.other.ask('RPUSH a x')).toBe(':1');
  expect(await host.other.ask('LLEN a')).toBe(':1');
});

test('what a failed turn had taken away is given to who began to wait in it', async () => {
  const served = await serveCommands(allCommands, { maxPages: 20 });
  const client = served.client();
  expect(await client.ask('RPUSH a x')).toBe(':1');
  client.send(`SET large ${'x'.repeat(50_000)}`, 'LPOP a', 'BLPOP a 0');
  await waitFor(() => /^-MISCONF .*\r\n-MISCONF .*\r\n$/.test(client.received));
  served.clock.advance(2_000);
  served.commands.poll();
  await waitFor(() => client.received.endsWith(`${pair('a', 'x').replaceAll(' ', '\r\n')}\r\n`));
});

test('who waits for what another process pushed is served once the file is free, and reads go on until then', async () => {
  const host = { served: await serveCommands(allCommands, { busyTimeoutMs: 1 }) };
  const { path, clock, commands } = host.served;
  const other = host.served.client();
  const [client] = await waiting({ ...host, other }, 'BLPOP a 0');
  const another = new Keyspace({ path, clock });
  another.turn('write', () => {
    const head = pushed(another.store, another.newCollection('list'), 'right', ['x']);
    another.database(0).setCollection('a', head);
  });
  another.enter('write');
  expect([await other.ask('GET b'), await other.ask('LLEN a')]).toEqual(['$-1', ':1']);
  another.close();
  clock.advance(2_000);
  commands.poll();
  await client?.expect(pair('a', 'x'));
});

test('a failed turn takes nothing back of what its connections were told beside the store', async () => {
  const served = await serveCommands(allCommands, { maxPages: 20 });
  const client = served.client();
  client.send(`SET large ${'x'.repeat(50_000)}`, 'SELECT 3', 'MULTI', 'SET k v');
  await waitFor(() => client.received.split('\r\n').length === 5);
  expect(client.received).toMatch(/^-MISCONF .*\r\n\+OK\r\n\+OK\r\n\+QUEUED\r\n$/);
  served.clock.advance(2_000);
  const other = served.client();
  expect(await other.ask('SELECT 3')).toBe('+OK');
  client.send('EXEC');
  await waitFor(() => client.received.endsWith('*1\r\n+OK\r\n'));
  expect(await other.ask('GET k')).toBe('$1 v');
});
