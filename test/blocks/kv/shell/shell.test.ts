import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withChannel } from '../../../../src/blocks/kv/index.js';
import {
  isSecret,
  openShell,
  rawLines,
  replyJson,
  replyLines,
  type Shell,
} from '../../../../src/blocks/kv/shell/index.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import type { WireReply } from '../../../../src/platform/protocol/resp-client/values.js';
import { makeTemporaryFolder } from '../../../helpers/temporary-folder.js';

function inShell(work: (shell: Shell) => Promise<void>): Promise<void> {
  const folder = makeTemporaryFolder();
  onTestFinished(() => folder.remove());
  const context = { clock: systemClock, random: systemRandom };
  return withChannel({ kind: 'file', path: join(folder.path, 'kv.db') }, context, (channel, store) =>
    work(openShell({ channel, store })),
  );
}

test('runs commands one after the other', () =>
  inShell(async (shell) => {
    expect(await shell.run('RPUSH l a b')).toEqual({ kind: 'reply', reply: '2' });
    expect(await shell.run('lrange l 0 -1')).toEqual({ kind: 'reply', reply: ['a', 'b'] });
    expect(await shell.run('  ')).toEqual({ kind: 'nothing' });
    expect(await shell.run('NOSUCH x')).toMatchObject({
      message: "ERR unknown command 'NOSUCH', with args beginning with: 'x' ",
    });
    expect(await shell.run('GET')).toEqual({
      kind: 'error',
      message: "ERR wrong number of arguments for 'get' command",
    });
    expect(await shell.run('MONITOR')).toMatchObject({ kind: 'error' });
    expect(await shell.run('BLPOP none 0')).toEqual({ kind: 'reply', reply: null });
    expect(await shell.run('exit')).toEqual({ kind: 'end' });
  }));

test('SELECT is for the commands behind it', () =>
  inShell(async (shell) => {
    await shell.run('SET k 0');
    await shell.run('SELECT 5');
    expect(shell.database).toBe(5);
    expect(await shell.run('GET k')).toEqual({ kind: 'reply', reply: null });
    expect(await shell.run('SELECT 16')).toMatchObject({ message: 'ERR DB index is out of range' });
    expect(await shell.run('SELECT x')).toMatchObject({ kind: 'error' });
    expect(shell.database).toBe(5);
  }));

test('a transaction on a file is made whole or not at all', () =>
  inShell(async (shell) => {
    expect(await shell.run('EXEC')).toMatchObject({ message: 'ERR EXEC without MULTI' });
    await shell.run('MULTI');
    expect(shell.gathering).toBe(true);
    expect(await shell.run('MULTI')).toMatchObject({ kind: 'error' });
    for (const line of ['SET n x', 'INCR n']) expect(await shell.run(line)).toEqual({ kind: 'reply', reply: 'QUEUED' });
    expect(await shell.run('EXEC')).toMatchObject({ message: 'ERR value is not an integer or out of range' });
    expect(await shell.run('GET n')).toEqual({ kind: 'reply', reply: null });
    await shell.run('MULTI');
    await shell.run('SET n 1');
    await shell.run('DISCARD');
    expect(await shell.run('EXISTS n')).toEqual({ kind: 'reply', reply: '0' });
  }));

test('completes commands, then keys', () =>
  inShell(async (shell) => {
    for (const key of ['user:1', 'user:2', '"user 3"', 'other']) await shell.run(`SET ${key} x`);
    expect((await shell.complete('zran')).candidates).toContain('zrange ');
    expect((await shell.complete('GETD')).candidates).toEqual(['GETDEL ']);
    expect(await shell.complete('GET us')).toEqual({ word: 'us', candidates: ['user:1', 'user:2'] });
    expect((await shell.complete('MGET user:1 ')).candidates).toContain('other');
  }));

test.each<[WireReply, string[], string[], unknown]>([
  [null, ['(nil)'], [''], null],
  ['a\nb', ['a\nb'], ['a\nb'], 'a\nb'],
  ['\xff\0', ['\\xff\\x00'], ['\xff\0'], { base64: '/wA=' }],
  [[], ['(empty)'], [], []],
  [
    ['a', ['b', null]],
    ['1) a', '2) 1) b', '   2) (nil)'],
    ['a', 'b', ''],
    ['a', ['b', null]],
  ],
])('shows %j', (reply, lines, raw, json) => {
  expect(replyLines(reply)).toEqual(lines);
  expect(rawLines(reply)).toEqual(raw);
  expect(replyJson(reply)).toEqual(json);
});

test('keeps no passwords', () => {
  for (const line of ['AUTH x', ' auth u x', 'ACL SETUSER x', 'CONFIG SET requirepass x'])
    expect(isSecret(line)).toBe(true);
  for (const line of ['GET auth', 'author']) expect(isSecret(line)).toBe(false);
});
