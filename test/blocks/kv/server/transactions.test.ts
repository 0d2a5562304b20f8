import { describe, expect, test } from 'vitest';
import type { KvCommand } from '../../../../src/blocks/kv/redis/command.js';
import { EncodingLimits } from '../../../../src/blocks/kv/redis/encodings.js';
import { createKeyCommands } from '../../../../src/blocks/kv/redis/keys/index.js';
import { listCommands } from '../../../../src/blocks/kv/redis/lists/index.js';
import { stringCommands } from '../../../../src/blocks/kv/redis/strings/index.js';
import { Keyspace } from '../../../../src/blocks/kv/store/keyspace.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { serveCommands, type TextClient } from './serve-commands.js';

const allCommands = [...listCommands, ...stringCommands, ...createKeyCommands(new EncodingLimits())];
const ABORTED = '-EXECABORT Transaction discarded because of previous errors.';

async function start() {
  const served = await serveCommands(allCommands);
  return { served, one: served.client(), two: served.client() };
}

async function answers(client: TextClient, dialogue: readonly (readonly [string, string])[]): Promise<void> {
  for (const [line, answer] of dialogue) expect([line, await client.ask(line)]).toEqual([line, answer]);
}

describe('MULTI', () => {
  test('gathers, and EXEC answers all', async () => {
    const { one } = await start();
    await answers(one, [
      ['MULTI', '+OK'],
      ['SET a 1', '+QUEUED'],
      ['PING', '+QUEUED'],
      ['INCR a', '+QUEUED'],
      ['GET none', '+QUEUED'],
      ['EXEC', '*4 +OK +PONG :2 $-1'],
      ['GET a', '$1 2'],
      ['MULTI', '+OK'],
      ['EXEC', '*0'],
    ]);
  });

  test('runs nothing before EXEC, and nothing after DISCARD', async () => {
    const { one, two } = await start();
    await answers(one, [
      ['MULTI', '+OK'],
      ['SET a 1', '+QUEUED'],
    ]);
    expect(await two.ask('EXISTS a')).toBe(':0');
    await answers(one, [
      ['DISCARD', '+OK'],
      ['EXISTS a', ':0'],
      ['DISCARD', '-ERR DISCARD without MULTI'],
      ['EXEC', '-ERR EXEC without MULTI'],
    ]);
  });

  test('cannot be nested, which does no harm; neither does WATCH', async () => {
    const { one } = await start();
    await answers(one, [
      ['MULTI', '+OK'],
      ['MULTI', '-ERR MULTI calls can not be nested'],
      ['WATCH a', '-ERR WATCH inside MULTI is not allowed'],
      ['PING', '+QUEUED'],
      ['EXEC', '*1 +PONG'],
    ]);
  });

  test.each([
    ['FOO', "-ERR unknown command 'FOO', with args beginning with: "],
    ['GET', "-ERR wrong number of arguments for 'get' command"],
    ['EXEC x', "-ERR wrong number of arguments for 'exec' command"],
  ])('is refused by EXEC after %s', async (line, answer) => {
    const { one } = await start();
    await answers(one, [
      ['MULTI', '+OK'],
      ['SET a 1', '+QUEUED'],
    ]);
    one.send(line);
    await one.expectLine(answer);
    await answers(one, [
      ['SET b 1', '+QUEUED'],
      ['EXEC', ABORTED],
      ['EXISTS a b', ':0'],
      ['EXEC', '-ERR EXEC without MULTI'],
    ]);
  });

  test('refuses commands that are not for transactions', async () => {
    const save: KvCommand = { name: 'save', arity: 1, flags: ['no_multi'], summary: 'For tests.', run: () => 1 };
    const client = (await serveCommands([save])).client();
    await answers(client, [
      ['SAVE', ':1'],
      ['MULTI', '+OK'],
      ['SAVE', '-ERR Command not allowed inside a transaction'],
      ['EXEC', ABORTED],
    ]);
  });

  test('goes on after a command that fails when it runs', async () => {
    const { one } = await start();
    await answers(one, [
      ['SET a x', '+OK'],
      ['MULTI', '+OK'],
      ['INCR a', '+QUEUED'],
      ['LPUSH a y', '+QUEUED'],
      ['SET b 1', '+QUEUED'],
      [
        'EXEC',
        '*3 -ERR value is not an integer or out of range -WRONGTYPE Operation against a key holding the wrong kind of value +OK',
      ],
      ['GET b', '$1 1'],
    ]);
  });

  test('does not wait, as if the time were over', async () => {
    const { one } = await start();
    await answers(one, [
      ['MULTI', '+OK'],
      ['BLPOP a 0', '+QUEUED'],
      ['BLMOVE a b left right 0', '+QUEUED'],
      ['BLMPOP 0 1 a left', '+QUEUED'],
      ['RPUSH a x', '+QUEUED'],
      ['BRPOP a 0', '+QUEUED'],
      ['EXEC', '*5 *-1 $-1 *-1 :1 *2 $1 a $1 x'],
    ]);
  });

  test('selects databases when it runs, and the last one stays', async () => {
    const { one } = await start();
    await answers(one, [
      ['MULTI', '+OK'],
      ['SET a 0', '+QUEUED'],
      ['SELECT 1', '+QUEUED'],
      ['SET a 1', '+QUEUED'],
      ['EXEC', '*3 +OK +OK +OK'],
      ['GET a', '$1 1'],
      ['SELECT 0', '+OK'],
      ['GET a', '$1 0'],
    ]);
  });

  test('shows in CLIENT LIST, and RESET ends it and what is watched', async () => {
    const { one, two } = await start();
    await answers(one, [
      ['SELECT 2', '+OK'],
      ['WATCH a', '+OK'],
      ['MULTI', '+OK'],
    ]);
    expect(await two.ask('CLIENT LIST')).toMatch(/ flags=x db=2 /);
    await answers(one, [
      ['SET b 1', '+QUEUED'],
      ['RESET', '+RESET'],
      ['EXEC', '-ERR EXEC without MULTI'],
      ['SELECT 2', '+OK'],
      ['SET a 1', '+OK'],
      ['MULTI', '+OK'],
      ['EXEC', '*0'],
    ]);
  });

  test('keeps copies of arguments, of as many bytes as were sent', async () => {
    const { one } = await start();
    one.send('MULTI', `SET a ${'a'.repeat(50_000)}`);
    await one.expect('+OK +QUEUED');
    for (let i = 0; i < 20; i++) expect(await one.ask(`SETRANGE b 0 ${'b'.repeat(50_000)}`)).toBe('+QUEUED');
    one.send('EXEC');
    await one.expect(`*21 +OK${' :50000'.repeat(20)}`);
    expect(await one.ask('GETRANGE a 49990 -1')).toBe(`$10 ${'a'.repeat(10)}`);
  });
});

describe('WATCH', () => {
  test.each<[string, string[], boolean]>([
    ['a change', ['SET a 2'], true],
    ['the same value again', ['SET a 1'], true],
    ['a removal', ['DEL a'], true],
    ['a removal and the same value again', ['DEL a', 'SET a 1'], true],
    ['a time to live', ['PEXPIRE a 100000'], true],
    ['a rename of it', ['RENAME a other'], true],
    ['a key in another database', ['SELECT 1', 'SET a 2'], false],
    ['another key', ['SET b 2'], false],
    ['a read', ['GET a', 'DEL none', 'SETNX a 3'], false],
  ])('%s', async (_what, lines, fails) => {
    const { one, two } = await start();
    await answers(one, [
      ['SET a 1', '+OK'],
      ['WATCH none a', '+OK'],
    ]);
    for (const line of lines) await two.ask(line);
    await answers(one, [
      ['MULTI', '+OK'],
      ['PING', '+QUEUED'],
      ['EXEC', fails ? '*-1' : '*1 +PONG'],
      ['MULTI', '+OK'],
      ['EXEC', '*0'],
    ]);
  });

  test('a key that comes into being, and one that is changed by who watches', async () => {
    const { one, two } = await start();
    await one.ask('WATCH a');
    await two.ask('LPUSH a x');
    await answers(one, [
      ['MULTI', '+OK'],
      ['EXEC', '*-1'],
      ['WATCH a', '+OK'],
      ['LPUSH a y', ':2'],
      ['MULTI', '+OK'],
      ['EXEC', '*-1'],
    ]);
  });

  test('a key whose time comes counts, one whose time had come does not', async () => {
    const { one, served } = await start();
    await answers(one, [
      ['SET a 1 PX 100', '+OK'],
      ['WATCH a', '+OK'],
    ]);
    served.clock.advance(100);
    await answers(one, [
      ['MULTI', '+OK'],
      ['EXEC', '*-1'],
      ['WATCH a', '+OK'],
      ['DEL a', ':0'],
      ['MULTI', '+OK'],
      ['EXEC', '*0'],
    ]);
  });

  test('is ended by UNWATCH, DISCARD and EXEC', async () => {
    const { one } = await start();
    for (const end of [['UNWATCH'], ['MULTI', 'DISCARD'], ['MULTI', 'EXEC']]) {
      await one.ask('WATCH a');
      for (const line of end) await one.ask(line);
      await one.ask('INCR a');
      await answers(one, [
        ['MULTI', '+OK'],
        ['EXEC', '*0'],
      ]);
    }
  });

  test('sees what another process writes', async () => {
    const { one, served } = await start();
    await one.ask('WATCH a');
    const other = new Keyspace({ path: served.path, clock: served.clock });
    other.turn('write', () => {
      other.database(0).setString('a', 'x', undefined);
    });
    other.close();
    await answers(one, [
      ['MULTI', '+OK'],
      ['SET a y', '+QUEUED'],
      ['EXEC', '*-1'],
      ['GET a', '$1 x'],
    ]);
  });

  test('counts what was moved for a client that waited, not the waiting', async () => {
    const { one, two, served } = await start();
    await one.ask('WATCH b');
    const three = served.client();
    three.send('BRPOPLPUSH a b 0');
    await waitFor(async () => (await two.ask('CLIENT LIST')).includes(' flags=b '));
    await answers(one, [
      ['MULTI', '+OK'],
      ['EXEC', '*0'],
      ['WATCH b', '+OK'],
    ]);
    await two.ask('RPUSH a x');
    await answers(one, [
      ['MULTI', '+OK'],
      ['EXEC', '*-1'],
    ]);
  });
});

test('when the file is full, nothing of a transaction is there, and it is over', async () => {
  const served = await serveCommands(allCommands, { maxPages: 20 });
  const client = served.client();
  client.send('MULTI', 'SET a 1', `SET large ${'x'.repeat(50_000)}`, 'RPUSH l x');
  await client.expect('+OK +QUEUED +QUEUED +QUEUED');
  expect(await client.ask('EXEC')).toMatch(/^-MISCONF /);
  served.clock.advance(2_000);
  await answers(client, [
    ['EXISTS a large l', ':0'],
    ['EXEC', '-ERR EXEC without MULTI'],
    ['SET a 1', '+OK'],
  ]);
});
