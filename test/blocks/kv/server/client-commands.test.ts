/** CLIENT KILL, PAUSE, REPLY and INFO commandstats, where they meet transactions and clients that wait. */
import { describe, expect, test } from 'vitest';
import { EncodingLimits } from '../../../../src/blocks/kv/redis/encodings.js';
import { createKeyCommands } from '../../../../src/blocks/kv/redis/keys/index.js';
import { listCommands } from '../../../../src/blocks/kv/redis/lists/index.js';
import { stringCommands } from '../../../../src/blocks/kv/redis/strings/index.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { serveCommands, type TextClient } from './serve-commands.js';

const allCommands = [...listCommands, ...stringCommands, ...createKeyCommands(new EncodingLimits())];

async function start() {
  const served = await serveCommands(allCommands);
  const [one, two] = [served.client(), served.client()];
  const idOf = async (client: TextClient) => (await client.ask('CLIENT ID')).slice(1);
  const blocked = (count: number) => waitFor(() => served.server.blocked === count, { what: `${count} to wait` });
  return { served, one, two, id: { one: await idOf(one), two: await idOf(two) }, blocked };
}

describe('CLIENT KILL', () => {
  test('of a client that waits: what is pushed in the same turn is not lost', async () => {
    const { one, two, id, blocked } = await start();
    one.send('BLPOP queue 0');
    await blocked(1);
    two.send(`CLIENT KILL ID ${id.one}`, 'RPUSH queue job', 'LLEN queue');
    await two.expect(':1 :1 :1');
    expect(await one.untilEnded()).toBe('');
  });

  test('of a client with a transaction: nothing of it is done', async () => {
    const { one, two, id } = await start();
    one.send('MULTI', 'SET a 1');
    await one.expect('+OK +QUEUED');
    expect(await two.ask(`CLIENT KILL ID ${id.one}`)).toBe(':1');
    await one.untilEnded();
    expect(await two.ask('EXISTS a')).toBe(':0');
  });

  test('of oneself in a transaction: EXEC is answered, and all of it is done', async () => {
    const { one, two, id } = await start();
    one.send('MULTI', `CLIENT KILL ID ${id.one} SKIPME no`, 'SET a 1', 'EXEC', 'SET a 2');
    expect((await one.untilEnded()).replaceAll('\r\n', ' ')).toBe('+OK +QUEUED +QUEUED *2 :1 +OK ');
    expect(await two.ask('GET a')).toBe('$1 1');
  });
});

describe('CLIENT PAUSE WRITE', () => {
  test('keeps writes, and those of a transaction: when they are queued, and at EXEC', async () => {
    const { served, one, two, blocked } = await start();
    const three = served.client();
    three.send('MULTI', 'SET b 1');
    await three.expect('+OK +QUEUED');
    expect(await two.ask('CLIENT PAUSE 100000 WRITE')).toBe('+OK');
    three.send('EXEC');
    await blocked(1);
    one.send('MULTI', 'GET a', 'SET a 1');
    await blocked(2);
    await one.expect('+OK +QUEUED');
    two.send('EXISTS a b', 'CLIENT UNPAUSE');
    await two.expect(':0 +OK');
    await one.expect('+QUEUED');
    await three.expect('*1 +OK');
    one.send('EXEC');
    await one.expect('*2 $-1 +OK');
  });

  test('lets transactions pass that only read, and those that are given up', async () => {
    const { one, two } = await start();
    one.send('MULTI', 'SET a 1');
    await one.expect('+OK +QUEUED');
    expect(await two.ask('CLIENT PAUSE 100000 WRITE')).toBe('+OK');
    one.send('DISCARD', 'MULTI', 'GET a', 'EXEC', 'WATCH a');
    await one.expect('+OK +OK +QUEUED *1 $-1 +OK');
  });

  test('in a transaction begins behind it', async () => {
    const { one, two, blocked } = await start();
    one.send('MULTI', 'CLIENT PAUSE 100000 WRITE', 'SET a 1', 'EXEC', 'SET a 2');
    await one.expect('+OK +QUEUED +QUEUED *2 +OK +OK');
    await blocked(1);
    two.send('GET a', 'CLIENT UNPAUSE');
    await two.expect('$1 1 +OK');
    await one.expect('+OK');
  });

  test('does not keep the time of those that wait from being over', async () => {
    const { served, one, two, blocked } = await start();
    one.send('BLPOP queue 1');
    await blocked(1);
    expect(await two.ask('CLIENT PAUSE 100000')).toBe('+OK');
    served.clock.advance(1000);
    await one.expect('*-1');
  });
});

test('CLIENT REPLY has no place in a transaction, whose answers could not be read without one of them', async () => {
  const { one } = await start();
  one.send('MULTI', 'CLIENT REPLY OFF', 'SET a 1', 'EXEC', 'PING');
  await waitFor(() => one.received.endsWith('+PONG\r\n'));
  expect(one.received.replaceAll('\r\n', ' ')).toBe(
    '+OK +QUEUED +QUEUED *2 -ERR CLIENT REPLY is not allowed inside a transaction +OK +PONG ',
  );
});

test('CLIENT REPLY OFF is for a loader: all of it is done, and nothing is said', async () => {
  const { one } = await start();
  one.send(
    'CLIENT REPLY OFF',
    ...Array.from({ length: 500 }, (_, i) => `RPUSH list ${i}`),
    'CLIENT REPLY ON',
    'LLEN list',
  );
  await one.expect('+OK :500');
});

test('INFO commandstats counts what EXEC runs, and not what is queued', async () => {
  const { one } = await start();
  one.send('MULTI', 'SET a x', 'INCR a', 'GET a', 'EXEC', 'MULTI', 'GET a', 'DISCARD', 'INFO commandstats');
  await waitFor(() => /cmdstat_.*\r\n\r\n$/s.test(one.received));
  const lines = one.received.split('\r\n').filter((line) => line.startsWith('cmdstat_'));
  expect(lines.sort()).toEqual([
    'cmdstat_client:calls=2,failed_calls=0',
    'cmdstat_discard:calls=1,failed_calls=0',
    'cmdstat_exec:calls=1,failed_calls=0',
    'cmdstat_get:calls=1,failed_calls=0',
    'cmdstat_incr:calls=1,failed_calls=1',
    'cmdstat_info:calls=1,failed_calls=0',
    'cmdstat_multi:calls=2,failed_calls=0',
    'cmdstat_set:calls=1,failed_calls=0',
  ]);
});
