import { expect, test } from 'vitest';
import { makeContext } from '../../../src/platform/cli/context.js';
import { fileFlags, resolveFile, resolveTarget, sameTarget } from '../../../src/platform/cli/targets.js';
import { DsError } from '../../../src/platform/errors.js';

const context = (env: Record<string, string>) =>
  makeContext({ root: '/', version: '0' }, { DS_HOME: '/home/ds', ...env });

test("without flags it is the block's file", () => {
  expect(resolveTarget({}, 'seq', context({}))).toEqual({ kind: 'file', path: '/home/ds/seq.db' });
});

test('the environment names a server, a flag goes before it', () => {
  const env = context({ DS_SEQ_URL: 'redis://a:1' });
  expect(resolveTarget({}, 'seq', env)).toEqual({ kind: 'url', url: 'redis://a:1' });
  expect(resolveTarget({ url: 'redis://b:2' }, 'seq', env)).toEqual({ kind: 'url', url: 'redis://b:2' });
  expect(resolveTarget({ db: '/x.db' }, 'seq', env)).toEqual({ kind: 'file', path: '/x.db' });
  expect(resolveTarget({}, 'kv', env)).toEqual({ kind: 'file', path: '/home/ds/kv.db' });
});

test('a relative path is one of the working directory', () => {
  expect(resolveTarget({ db: 'x.db' }, 'seq', context({}))).toEqual({ kind: 'file', path: `${process.cwd()}/x.db` });
});

test.each(['', 'nonsense', 'host:1', '://x'])('a URL %j is refused, with its name', (url) => {
  expect(() => resolveTarget({ url }, 'seq', context({}))).toThrow(`--url is ${JSON.stringify(url)}, not a URL`);
});

test('the hint shows the URL of the block that was asked for', () => {
  const hintOf = (...example: string[]) => {
    try {
      resolveTarget({ url: 'x' }, 'limit', context({}), ...example);
    } catch (error) {
      return error instanceof DsError ? error.hint : undefined;
    }
    return undefined;
  };
  expect(hintOf('redis://127.0.0.1:6391')).toBe('write it as redis://127.0.0.1:6391');
  expect(hintOf()).toBe('write it as redis://127.0.0.1:6379');
});

test('a wrong variable is named as such', () => {
  expect(() => resolveTarget({}, 'seq', context({ DS_SEQ_URL: 'x' }))).toThrow('DS_SEQ_URL is "x", not a URL');
});

test.each([
  [{ DS_HOME: '/a' }, '/a'],
  [{ DS_HOME: '', XDG_DATA_HOME: '/x' }, '/x/ds'],
  [{ DS_HOME: '', XDG_DATA_HOME: 'relative', HOME: '/h' }, '/h/.local/share/ds'],
])('the home from %j', (env, home) => {
  expect(context(env as Record<string, string>).home).toBe(home);
});

test('a command to be pasted finds the same store, and repeats no password', () => {
  expect(sameTarget({})).toBe('');
  expect(sameTarget({ db: 'my file.db' })).toBe(" --db 'my file.db'");
  expect(sameTarget({ url: 'redis://10.0.0.1:6379' })).toBe(' --url redis://10.0.0.1:6379');
  expect(sameTarget({ url: 'redis://:hunter2@10.0.0.1:6379' })).toBe(' --url URL');
});

test('commands that work on a file only take --db, and say why there is no --url', async () => {
  expect(resolveFile({}, 'dns', context({ DS_DNS_URL: 'udp://192.0.2.1' }))).toBe('/home/ds/dns.db');
  expect(resolveFile({ db: 'x.db' }, 'dns', context({}))).toBe(`${process.cwd()}/x.db`);
  expect(() => resolveFile({ db: '' }, 'dns', context({}))).toThrow('--db is "", not a path');
  const { parser } = await import('@oclif/core').then(({ Parser }) => ({ parser: Parser }));
  const flags = fileFlags('dns', 'dynamic update is not there yet');
  await expect(parser.parse(['--db', 'a.db'], { flags })).resolves.toMatchObject({ flags: { db: 'a.db' } });
  await expect(parser.parse(['--url', 'udp://192.0.2.1'], { flags })).rejects.toThrow(
    'there is no --url here: dynamic update is not there yet',
  );
});
