import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { startRedisServer } from '../helpers/redis-server.js';
import { runDs, runDsJson, spawnDs, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

function inHome(home = temporaryFolder(), target: readonly string[] = []) {
  return {
    home,
    kv: (...args: string[]) => runDs(['kv', ...args, ...target], { home, cwd: home }),
    json: (...args: string[]) => runDsJson(['kv', ...args, ...target], { home, cwd: home }),
  };
}

describe('values', () => {
  test('come back to the byte, from an argument, a file and stdin', async () => {
    const { kv, home } = inHome();
    const bytes = Buffer.from([0, 255, 10, 128, 13]);
    writeFileSync(join(home, 'value'), bytes);
    await kv('put', 'file', '--file', 'value');
    expect((await runDs(['kv', 'put', 'stdin', '-'], { home, input: bytes })).code).toBe(0);
    await kv('put', 'text', 'grüße\n');
    const read = (key: string) => kv('get', key, '--json').then(({ stdout }) => JSON.parse(stdout).value);
    expect(await read('file')).toEqual({ base64: bytes.toString('base64') });
    expect(await read('stdin')).toEqual({ base64: bytes.toString('base64') });
    expect((await kv('get', 'text')).stdout).toBe('grüße\n');
  });

  test('an absent key is exit code 1, without a word', async () => {
    const { kv } = inHome();
    expect(await kv('get', 'nobody')).toMatchObject({ code: 1, stdout: '', stderr: '' });
    expect(await kv('ttl', 'nobody')).toMatchObject({ code: 1, stdout: '', stderr: '' });
    expect(await kv('expire', 'nobody', '1h')).toMatchObject({ code: 1, stdout: '', stderr: '' });
  });

  test('conditions decide by their exit code', async () => {
    const { kv, json } = inHome();
    expect(await json('put', 'k', '1', '--if-absent')).toEqual({ key: 'k', stored: true, revision: 1 });
    expect((await kv('put', 'k', '2', '--if-absent')).code).toBe(1);
    expect((await kv('put', 'k', '2', '--if-equals', '0')).code).toBe(1);
    expect((await kv('put', 'k', '2', '--if-revision', '1')).stdout).toBe('k\t2\n');
    expect((await kv('put', 'k', '3', '--if-revision', '1')).code).toBe(1);
    expect((await kv('cas', 'k', '1', '3')).code).toBe(1);
    expect((await kv('cas', 'k', '2', '3')).code).toBe(0);
    expect((await kv('delete', 'k', '--if-equals', '1')).code).toBe(1);
    expect((await kv('delete', 'k')).stdout).toBe('k\tdeleted\n');
  });

  test.each([
    [['put', 'k', 'v', '--ttl', '0ms'], '--ttl'],
    [['put', 'k', 'v', '--file', 'x'], '--file'],
    [['put', 'k', '--file', 'nowhere'], 'nowhere'],
    [['incr', 'k', '--by', 'many'], 'many'],
    [['expire', 'k'], '--never'],
    [['expire', 'k', 'soon'], 'soon'],
    [['expire', 'k', '1h', '--never'], 'one of them'],
    [['expire', 'k', '0s'], 'ds kv delete'],
    [['expire', 'k', '--at', '4070908800'], '--at 4070908800000'],
    [['incr', 'k', '--by', '9223372036854775808'], '64 bits'],
    [['backup', '-'], 'stdout'],
    [['put', 'k', '\ufffd'], 'ds kv put KEY -'],
    [['delete', 'k', 'bad\ufffd', '--yes'], 'UTF-8'],
    [['scan', '--type', 'stream'], 'stream'],
    [['delete', 'a', 'b'], '--yes'],
    [['backup', 'x', '--url', 'redis://127.0.0.1:1'], '--db'],
    [['get', 'k', '--url', 'http://127.0.0.1:1'], 'http'],
  ])('refuses %j', async (args, told) => {
    const { code, stderr } = await inHome().kv(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(told);
  });

  test('what is no number is told with its key', async () => {
    const { kv } = inHome();
    await kv('put', 'k', 'x');
    expect(await kv('incr', 'k')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"k": value is not an integer'),
    });
  });

  test('what is too large is refused before it is stored', async () => {
    const { home } = inHome();
    const { code, stderr } = await runDs(['kv', 'put', 'k', '-'], { home, input: Buffer.alloc(8 * 1024 * 1024 + 1) });
    expect([code, stderr]).toEqual([2, expect.stringContaining('8 MiB')]);
    expect(existsSync(join(home, 'kv.db'))).toBe(false);
  });
});

describe('keys', () => {
  test('are listed in order, and found by patterns', async () => {
    const { kv } = inHome();
    for (const key of ['b:2', 'a:1', 'b:1', 'c']) await kv('put', key, 'x');
    expect((await kv('list')).stdout).toBe('a:1\tstring\t\nb:1\tstring\t\nb:2\tstring\t\nc\tstring\t\n');
    expect((await kv('list', 'b:')).stdout).toBe('b:1\tstring\t\nb:2\tstring\t\n');
    expect((await kv('list', '--limit', '1', '--json')).stdout).toBe('{"key":"a:1","type":"string"}\n');
    expect((await kv('scan', '--match', '?:1')).stdout).toBe('a:1\tstring\nb:1\tstring\n');
    expect((await kv('scan', '--match', 'nothing*')).code).toBe(1);
  });

  test('are told what the terminal would be driven by as what it is', async () => {
    const { kv } = inHome();
    await kv('put', 'a\tb\n', 'x');
    expect((await kv('list')).stdout.split('\n').length).toBe(2);
  });
});

test('export and import carry everything, in a pipe between two files', async () => {
  const { kv, home } = inHome();
  const lines = [
    '{"key":"h","type":"hash","elements":[["f","v"],["g",{"base64":"/w=="}]]}',
    '{"key":"l","type":"list","elements":["b","a"],"expires_at":"2099-01-01T00:00:00.000Z"}',
    '{"key":"s","type":"set","elements":["m"]}',
    '{"key":{"base64":"/w=="},"type":"string","value":"x"}',
    '{"key":"z","type":"zset","elements":[["a",1.5],["b","inf"]]}',
  ];
  const gone = '{"key":"old","type":"string","value":"x","expires_at":"2001-01-01T00:00:00.000Z"}';
  writeFileSync(join(home, 'in'), `${[...lines, '', gone].join('\n')}\n`);
  expect((await kv('import', 'in')).stdout).toBe('5\t1\n');
  const { stdout } = await kv('export');
  expect(stdout.trim().split('\n').sort()).toEqual([...lines].sort());
  writeFileSync(join(home, 'out'), stdout);
  await kv('import', 'out', '--db', 'other.db');
  expect((await kv('export', '--db', 'other.db')).stdout).toBe(stdout);
});

test('an import that waits for its input ends at the first Ctrl-C', async () => {
  const { home } = inHome();
  const child = spawnDs(['kv', 'import', '-'], { home });
  await waitFor(() => existsSync(join(home, 'kv.db')), { what: 'the store' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGINT');
  expect(await ended).toBe(130);
});

test.each([
  ['{', 'line 2'],
  ['{"key":"k","type":"stream"}', 'type'],
  ['{"key":{"base64":"?"},"type":"string","value":""}', 'key'],
  ['{"key":"k","type":"zset","elements":[["a","b"]]}', 'elements'],
  ['{"key":"k","type":"string","value":"","expires_at":"soon"}', 'expires_at'],
])('import refuses %s', async (line, told) => {
  const { home, kv } = inHome();
  writeFileSync(join(home, 'in'), `{"key":"good","type":"string","value":"x"}\n${line}\n`);
  const { code, stderr } = await kv('import', 'in');
  expect([code, stderr]).toEqual([2, expect.stringContaining(told)]);
});

test('a backup is a store of its own, and does not become what it copies', async () => {
  const { kv, home } = inHome();
  await kv('put', 'k', 'before');
  expect((await kv('backup', 'copy.db')).code).toBe(0);
  await kv('put', 'k', 'after');
  expect((await kv('get', 'k', '--db', 'copy.db')).stdout).toBe('before');
  expect((await kv('backup', join(home, 'kv.db'))).code).toBe(2);
  for (const words of [['backup', 'x.db'], ['get', 'k'], ['list'], ['scan'], ['ttl', 'k'], ['export'], ['stats']]) {
    const { code, stderr } = await kv(...words, '--db', 'nowhere.db');
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('nowhere.db does not exist') });
  }
});

test('a shell that works on a server does not get a backup of the file instead', async () => {
  const { kv, home } = inHome();
  await kv('put', 'k', 'v');
  const env = { DS_KV_URL: 'redis://127.0.0.1:1' };
  expect(await runDs(['kv', 'backup', 'copy.db'], { home, cwd: home, env })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('DS_KV_URL'),
  });
  expect((await runDs(['kv', 'backup', 'copy.db', '--db', 'kv.db'], { home, cwd: home, env })).code).toBe(0);
});

describe('watch', () => {
  test('tells of what was changed, from a revision on', async () => {
    const { kv } = inHome();
    await kv('put', 'a:1', 'x', '--ttl', '1h');
    await kv('put', 'b', 'x');
    await kv('delete', 'a:1');
    const { stdout } = await kv('watch', 'a:', '--from-revision', '1', '-n', '2');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        ...{ revision: 1, at: expect.any(String), change: 'put', key: 'a:1', type: 'string', value: 'x' },
        expires_at: expect.any(String),
      },
      { revision: 3, at: expect.any(String), change: 'delete', key: 'a:1' },
    ]);
  });

  test('refuses to go on behind a revision that the store never had', async () => {
    const { kv } = inHome();
    await kv('put', 'k', 'x');
    expect(await kv('watch', '--from-revision', '3')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--from-revision 2'),
    });
  });

  test('goes on with what others change, until it is interrupted', async () => {
    const { kv, home } = inHome();
    await kv('put', 'before', 'x');
    const child = spawnDs(['kv', 'watch', '--from-revision', '1'], { home });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    await waitFor(() => stdout.includes('before'), { what: 'the change from before' });
    await kv('put', 'later', 'y');
    await waitFor(() => stdout.includes('later'), { what: 'the change of another process' });
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });
});

test('the shell runs the lines of stdin, and tells that one failed', async () => {
  const { home } = inHome();
  const input = 'RPUSH l a "b c"\nLRANGE l 0 -1\nMULTI\nSET n 1\nINCR n\nEXEC\n';
  expect(await runDs(['kv', 'shell'], { home, input })).toMatchObject({
    code: 0,
    stdout: '2\na\nb c\nOK\nQUEUED\nQUEUED\nOK\n2\n',
  });
  expect(await runDs(['kv', 'shell', '--json'], { home, input: 'GET l\nGET "\n\nGET n' })).toMatchObject({
    code: 1,
    stdout:
      '{"error":"WRONGTYPE Operation against a key holding the wrong kind of value"}\n{"error":"a quote is not closed"}\n{"reply":"2"}\n',
  });
});

test('the shell takes lines of any bytes', async () => {
  const { home } = inHome();
  const input = Buffer.from('SET k \xff\xa0\x85\nGET k\n', 'latin1');
  const { stdout } = await runDs(['kv', 'shell', '--json'], { home, input });
  expect(stdout).toBe(`{"reply":"OK"}\n{"reply":{"base64":"${Buffer.from([0xff, 0xa0, 0x85]).toString('base64')}"}}\n`);
});

test('file, commands and daemon share one store', async () => {
  const { home, kv } = inHome();
  await kv('put', 'k', 'file');
  const daemon = await startDs(['kv', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off'], { home });
  const url = ['--url', daemon.ready.endpoints['redis'] ?? ''];
  const there = inHome(home, url);
  expect((await there.kv('get', 'k')).stdout).toBe('file');
  await there.kv('put', 'k', 'daemon');
  expect((await kv('get', 'k')).stdout).toBe('daemon');
  await kv('incr', 'n');
  expect((await there.kv('incr', 'n')).stdout).toBe('2\n');
  expect(await there.json('stats')).toMatchObject({ server: 'ds', databases: [{ database: 0, keys: 2 }], revision: 4 });
  expect((await there.kv('watch', '--from-revision', '4', '-n', '1')).stdout).toContain('"key":"n"');
  expect((await runDs(['kv', 'bench', '-d', '200ms', '-c', '4', '--keys', '10', ...url], { home })).code).toBe(0);
  expect((await daemon.stop()).code).toBe(0);
  expect((await there.kv('get', 'k')).code).toBe(3);
});

test.runIf(hasPackages('redis-server'))('a Redis is used as it is, and what it has not is refused', async () => {
  const redis = await startRedisServer();
  try {
    const { kv, home } = inHome(temporaryFolder(), ['--url', redis.url]);
    expect((await kv('put', 'k', 'v', '--if-absent')).stdout).toBe('k\t\n');
    expect((await kv('cas', 'k', 'v', 'w')).code).toBe(0);
    expect((await kv('get', 'k', '--json')).stdout).toBe('{"key":"k","value":"w"}\n');
    expect(await runDs(['kv', 'get', 'k', '--url', `${redis.url}/16`], { home })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('DB index is out of range'),
    });
    for (const args of [['watch'], ['put', 'k', 'v', '--if-revision', '1']]) {
      const { code, stderr } = await kv(...args);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/is a Redis.*\nhint:.*ds kv serve/)]);
    }
    const shell = await runDs(['kv', 'shell', '--url', redis.url], {
      home,
      input: 'AUTH x\nXADD stream 1-1 field value\n',
    });
    expect(shell).toMatchObject({ code: 1, stdout: '1-1\n', stderr: expect.stringContaining('(error)') });
    expect(await kv('export')).toMatchObject({
      code: 0,
      stdout: '{"key":"k","type":"string","value":"w"}\n',
      stderr: expect.stringMatching(/^warning: keys left out.*: 1\n$/),
    });
    expect(existsSync(join(home, 'kv.db'))).toBe(false);
  } finally {
    await redis.stop();
  }
});
