import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { resolveCommand } from '../../../src/platform/cli/resolve.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

let commands: string;

beforeEach(() => {
  commands = temporaryFolder();
  for (const path of ['up', 'seq/next', 'seq/worker/list', 'seq/worker', 'a.b']) {
    mkdirSync(dirname(join(commands, path)), { recursive: true });
    writeFileSync(join(commands, `${path}.js`), '');
  }
});

const resolve = (line: string) => resolveCommand(line.split(' ').filter(Boolean), commands);

test('the path is the command', () => {
  expect(resolve('seq next -n 5')).toEqual({
    kind: 'command',
    id: 'seq:next',
    file: join(commands, 'seq/next.js'),
    argv: ['-n', '5'],
  });
});

test('the longest path wins over a command with an argument', () => {
  expect(resolve('seq worker list x')).toMatchObject({ id: 'seq:worker:list', argv: ['x'] });
  expect(resolve('seq worker 7')).toMatchObject({ id: 'seq:worker', argv: ['7'] });
});

test('flags of every command may come first', () => {
  expect(resolve('--json -q up x')).toMatchObject({ id: 'up', argv: ['--json', '-q', 'x'] });
});

test.each([
  ['', []],
  ['--json', []],
  ['seq', ['seq']],
  ['seq next --help', ['seq', 'next']],
  ['seq next 5 -h', ['seq', 'next']],
  ['seq --help', ['seq']],
  ['--help', []],
  ['help seq next', ['seq', 'next']],
  ['seq help', ['seq']],
  ['help exit-codes', ['exit-codes']],
])('%j asks for help', (line, words) => expect(resolve(line)).toEqual({ kind: 'help', words }));

test('after -- nothing asks for help', () => {
  expect(resolve('seq next -- --help')).toMatchObject({ kind: 'command', argv: ['--', '--help'] });
});

test.each(['seq nxt', 'seq nxt help', 'sqe', 'seq nxt -n 5', '-x', '../up', 'a.b', 'seq/next'])(
  '%j is unknown',
  (line) => {
    expect(resolve(line)).toMatchObject({ kind: 'unknown' });
  },
);

test('--version comes first or is not meant', () => {
  expect(resolve('--version')).toEqual({ kind: 'version' });
  expect(resolve('seq next --version')).toMatchObject({ kind: 'command' });
});
