/** The command line as a whole process: what every command inherits. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const RUN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

describe('wrong usage exits 2 with what was wrong and what was meant', () => {
  test.each([
    [['seq', 'nxt'], 'error: there is no command "seq nxt"', 'hint:  did you mean ds seq next?'],
    [['sqe', 'next'], 'error: there is no command "sqe next"', 'hint:  did you mean ds seq next?'],
    [['seq', 'zzzzzz'], 'error: there is no command "seq zzzzzz"', 'hint:  ds seq --help'],
    [['seq', 'next', '--cuont', '5'], 'error: ds seq next has no flag --cuont', 'hint:  did you mean --count?'],
    [['seq', 'next', '--zzzzzz=1'], 'error: ds seq next has no flag --zzzzzz', 'hint:  ds seq next --help'],
    [['seq', 'next', '-n', '-5'], 'error: --count is "-5", not 1 or more', 'hint:  write --count 1'],
    [['seq', 'next', '-n', '1e99'], 'not 9007199254740991 or less', 'hint:  write --count 9007199254740991'],
    [['seq', 'next', '--lay', 'ulid'], 'error: ds seq next has no flag --lay', 'hint:  did you mean --layout?'],
    [['seq', 'next', '-x'], 'error: ds seq next has no flag -x', 'hint:  ds seq next --help'],
    [
      ['dns', 'record', 'set', 'a.test', 'TXT', 'v=spf1', '-all'],
      'error: ds dns record set has no flag -all',
      'dash comes after --',
    ],
    [['seq', '--limit', '5'], 'error: ds seq needs a verb', 'hint:  ds seq --help'],
    [['--vresion'], 'error: ds has no flag --vresion', 'hint:  did you mean --version?'],
    [['version'], 'error: there is no command "version"', 'hint:  ds --version'],
    [['seq', 'next', '-n', 'x'], 'error: --count is "x", not a whole number', 'hint:  write --count 10'],
    [['seq', 'next', '-n'], 'error: --count needs a value', 'hint:  ds seq next --help'],
    [['seq', 'next', '-n', '1', '-n', '2'], 'error: --count is given twice', 'hint:  ds seq next --help'],
    [['seq', 'next', '-f', 'hxe'], 'error: --format "hxe" is none of', 'hint:  did you mean --format hex?'],
    [['seq', 'next', 'x'], 'error: unexpected argument "x"', 'hint:  ds seq next --help'],
    [['seq', 'ticket'], 'error: missing NAME', 'hint:  ds seq ticket --help'],
    [
      ['seq', 'next', '--db', 'x', '--url', 'redis://x'],
      'error: --url and --db exclude each other',
      'hint:  ds seq next --help',
    ],
    [['seq', 'next', '--timeout', '5'], 'error: --timeout is "5", not a duration', 'hint:  write --timeout 250ms'],
  ])('ds %j', async (args, error, hint) => {
    const { code, stdout, stderr } = await runDs(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(error);
    expect(stderr.split('\n')).toHaveLength(hint === undefined ? 2 : 3);
    if (hint !== undefined) expect(stderr).toContain(hint);
  });

  test('under --json it is an object on stdout', async () => {
    const { code, stdout, stderr } = await runDs(['seq', 'next', '--cuont', '5', '--json']);
    expect(code).toBe(2);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'usage.unknown_flag',
        message: 'ds seq next has no flag --cuont',
        hint: 'did you mean --count?',
        flag: '--cuont',
        nearest: '--count',
      },
    });
  });

  test('a stack is shown only when DEBUG asks for it', async () => {
    const { stderr } = await runDs(['seq', 'next', '-n', 'x'], { env: { DEBUG: 'ds' } });
    expect(stderr).toMatch(/^error: .*\nhint: .*\nDsError: .*\n {4}at /);
  });
});

describe('help', () => {
  test.each([
    [[], 'BLOCKS'],
    [['--help'], 'BLOCKS'],
    [['seq'], 'VERBS'],
    [['seq', '--help'], 'EXAMPLE'],
    [['seq', 'worker'], 'VERBS'],
    [['seq', 'next', '--help'], 'EXAMPLES'],
    [['seq', 'next', '-h'], 'USAGE\n  $ ds seq next [flags]'],
    [['dns', 'record', 'set', '-h'], 'USAGE\n  $ ds dns record set NAME TYPE VALUE... [flags]'],
    [['dns', 'compare', '-h'], 'USAGE\n  $ ds dns compare NAME [TYPE] @SERVER @SERVER... [flags]'],
    [['limit', 'serve', '-h'], "  $ cat > policies.yaml <<'YAML'\n  policies:\n"],
    [['help', 'seq', 'next'], 'EXAMPLES'],
    [['help', 'exit-codes'], '130  interrupted'],
    [['help', 'errors'], 'usage.unknown_flag'],
    [['help', 'errors', 'usage'], 'usage.unknown_flag'],
  ])('ds %j', async (args, text) => {
    const { code, stdout, stderr } = await runDs(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(text);
    for (const line of stdout.split('\n')) {
      if (!line.startsWith('  $ ')) expect(line.length, line).toBeLessThanOrEqual(80);
    }
  });

  test('of what is not there exits 2', async () => {
    expect((await runDs(['help', 'nonsense'])).code).toBe(2);
    expect((await runDs(['help', 'errors', 'nonsense.x'])).code).toBe(2);
  });
});

test('--version says which ds and which node', async () => {
  expect((await runDs(['--version'])).stdout).toMatch(/^ds \d+\.\d+\.\d+ \(\S+, node v\d+\.\d+\.\d+\)\n$/);
});

test('a reader that goes away ends the command at once, quietly, with 0', async () => {
  const args = ['seq', 'next', '-n', '1000000000'];
  const env = { ...process.env, DS_HOME: temporaryFolder() };
  const child = spawn(process.execPath, [RUN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = await once(child, 'close');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends a stream with 130 and without a word', async (signal) => {
  const args = ['seq', 'next', '-n', '1000000000'];
  const env = { ...process.env, DS_HOME: temporaryFolder() };
  const child = spawn(process.execPath, [RUN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout.once('data', () => child.kill(signal)).resume();
  const [code] = await once(child, 'close');
  expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
});

describe('colour', () => {
  const ESC = '\u001b[';
  test('a pipe gets none, FORCE_COLOR some, --no-color and NO_COLOR none again', async () => {
    expect((await runDs([])).stdout).not.toContain(ESC);
    expect((await runDs([], { env: { FORCE_COLOR: '1' } })).stdout).toContain(`${ESC}1mBLOCKS`);
    expect((await runDs(['--no-color', 'help'], { env: { FORCE_COLOR: '1' } })).stdout).not.toContain(ESC);
    expect((await runDs([], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout).not.toContain(ESC);
  });
});

test('a terminal that does not know its width gets whole tables and no endless progress', async () => {
  const home = temporaryFolder();
  await runDs(['seq', 'next', '-n', '100'], { home });
  const command = `${process.execPath} ${RUN} seq worker list; ${process.execPath} ${RUN} seq next | ${process.execPath} ${RUN} seq audit -`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, DS_HOME: home, CI: undefined },
    timeout: 15_000,
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  expect(text).toContain('twitter');
  expect(text).toContain('high water');
});

describe.skipIf(process.platform !== 'linux')(
  'a full disk under stdout exits 4, since what was asked for did not arrive',
  () => {
    test.each([
      [['--help']],
      [['seq', 'plan']],
      [['seq', 'next', '-n', '100000']],
      [['seq', 'plan', '--json']],
      [['seq', 'nxt', '--json'], 2, 'there is no command'],
    ])('ds %j', async (args, exitCode = 4, says = 'stdout cannot be written: ENOSPC') => {
      const full = openSync('/dev/full', 'w');
      const env = { ...process.env, DS_HOME: temporaryFolder() };
      const child = spawn(process.execPath, [RUN, ...args], { stdio: ['ignore', full, 'pipe'], env });
      closeSync(full);
      const stderr = Buffer.concat((await child.stderr?.toArray()) ?? []).toString();
      expect([child.exitCode ?? (await once(child, 'exit'))[0], stderr]).toEqual([
        exitCode,
        expect.stringContaining(says),
      ]);
      expect(stderr.split('\n').length).toBeLessThanOrEqual(3);
    });
  },
);
