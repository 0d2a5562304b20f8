/** The files of variables and headers. */
import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEnvironmentFile } from '../../../../src/blocks/cron/runner/environment-file.js';
import { parseHeadersFile, secretsOfHeaders } from '../../../../src/blocks/cron/runner/headers-file.js';
import { readValuesFile } from '../../../../src/blocks/cron/runner/values-file.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

describe('environment file', () => {
  test.each([
    ['', {}],
    ['# comment\n\n  \nA=1\n', { A: '1' }],
    ['export A=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['A= spaces around \nB=', { A: 'spaces around', B: '' }],
    ['A=x#y # comment', { A: 'x#y' }],
    [`A='it $is # "plain"\\n'`, { A: 'it $is # "plain"\\n' }],
    ['A="one\\ntwo \\"q\\" \\$5 \\` \\\\ \\d" # comment', { A: 'one\ntwo "q" $5 ` \\ \\d' }],
    ['KEY="-----BEGIN\nabc=\n-----END"\nA=1', { KEY: '-----BEGIN\nabc=\n-----END', A: '1' }],
    ['A=$HOME\nA=2', { A: '2' }],
    ['A=b=c', { A: 'b=c' }],
  ])('%j', (text, values) => {
    expect(parseEnvironmentFile(text)).toEqual({ values });
  });

  test.each([
    ['A=1\nnonsense s3cr3t', 'not a line of NAME=VALUE', 2],
    ['1A=s3cr3t', 'not a line of NAME=VALUE', 1],
    ['A = s3cr3t', 'not a line of NAME=VALUE', 1],
    ['\n\nA="s3cr3t\nB=2', 'the value of A has no closing quote', 3],
    ['A="s3cr3t"s3cr3t', 'something stands behind the quoted value of A', 1],
    ['A=1\nB=s3\0cr3t', 'a NUL character', 2],
  ])('%j is refused, without its value', (text, problem, line) => {
    expect(parseEnvironmentFile(text)).toEqual({ problem, line });
  });

  test('what is quoted comes back; any text ends in values or a problem', () => {
    const value = fc.string({
      unit: fc.constantFrom('a', '"', "'", '\\', '\n', '\r', '\t', ' ', '#', '$', '=', 'ü', '😀'),
    });
    fc.assert(
      fc.property(value, (text) => {
        const quoted = text.replace(/[\\"]/g, '\\$&').replaceAll('\r', '\\r');
        expect(parseEnvironmentFile(`A="${quoted}"`)).toEqual({ values: { A: text } });
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('A', '=', '"', "'", '\\', '\n', ' ', '#') }), (text) => {
        const parsed = parseEnvironmentFile(text);
        if ('problem' in parsed) expect(parsed.line).toBeLessThanOrEqual(text.split('\n').length);
      }),
    );
  });

  test('a large value is read in no time, and deep in no stack', () => {
    expect(parseEnvironmentFile(`A="${'\\n'.repeat(100_000)}"`)).toEqual({ values: { A: '\n'.repeat(100_000) } });
    expect(parseEnvironmentFile(`A=${' '.repeat(200_000)}x`)).toEqual({ values: { A: 'x' } });
    const blanks = ' '.repeat(200_000);
    expect(parseEnvironmentFile(`A=x${blanks}x # y`)).toEqual({ values: { A: `x${blanks}x` } });
  });
});

describe('headers file', () => {
  test('names, values and comments; tokens are secrets of their own', () => {
    const parsed = parseHeadersFile('# comment\r\nAuthorization: Bearer abc.def\r\n\nX-Key:\tk 1 2 \n');
    expect(parsed).toEqual({ values: { Authorization: 'Bearer abc.def', 'X-Key': 'k 1 2' } });
    expect(secretsOfHeaders('values' in parsed ? parsed.values : {})).toEqual(['Bearer abc.def', 'abc.def', 'k 1 2']);
  });

  test.each(['s3cr3t', 'X Y: s3cr3t', 'X: s3\u0001cr3t', ': s3cr3t'])('%j is refused, without its value', (line) => {
    expect(parseHeadersFile(`A: 1\n${line}`)).toEqual({ problem: 'not a line of Name: value', line: 2 });
  });
});

test('what is no small, plain file is refused at once: none is waited for, none fills the memory', () => {
  const folder = temporaryFolder();
  const make = (name: string, size: number) => {
    const path = join(folder, name);
    writeFileSync(path, '', { mode: 0o600 });
    truncateSync(path, size);
    return path;
  };
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const read = (path: string) => readValuesFile('file', path, (text) => ({ values: { text } }));
  for (const path of [fifo, folder, '/dev/zero', '/dev/tty']) {
    expect(read(path)).toEqual({ problem: expect.stringMatching(/not a plain file|no such device/) });
  }
  for (const path of [make('large', 1024 ** 3), '/proc/kallsyms']) {
    expect(read(path)).toEqual({ problem: `file ${path}: it is larger than 256 KiB` });
  }
  expect(read(make('small', 256 * 1024))).toEqual({ values: { text: '\0'.repeat(256 * 1024) } });
  // Of no size, as all in /proc.
  expect(read('/proc/self/status')).toEqual({ values: { text: expect.stringMatching(/^Name:/) } });
});
