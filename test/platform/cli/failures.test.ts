import { expect, test } from 'vitest';
import { EXIT_CODES, exitCodeOf } from '../../../src/platform/cli/exit-codes.js';
import { reportFailure } from '../../../src/platform/cli/failures.js';
import { ClosedPipe } from '../../../src/platform/cli/standard-output.js';
import { DsError, type ErrorKind } from '../../../src/platform/errors.js';

test.each<[ErrorKind, number]>([
  ['no', 1],
  ['usage', 2],
  ['peer', 3],
  ['storage', 4],
  ['internal', 70],
  ['interrupted', 130],
])('the exit code of kind %s is %i, and listed', (kind, code) => {
  expect(exitCodeOf(kind)).toBe(code);
  expect(EXIT_CODES.map((entry) => entry.code)).toContain(code);
});

test('a closed pipe and an interruption end without a word', async () => {
  const written: unknown[] = [];
  const write = process.stderr.write;
  process.stderr.write = (text: unknown) => written.push(text) > 0;
  try {
    expect(await reportFailure(new ClosedPipe(), [])).toBe(0);
    expect(await reportFailure(new DsError('cli.interrupted', 'interrupted', 'stopped by SIGINT'), [])).toBe(130);
  } finally {
    process.stderr.write = write;
  }
  expect(written).toEqual([]);
});
