import { expect, test } from 'vitest';
import { progressText } from '../../../src/platform/cli/progress.js';

const MIB = 2 ** 20;

test('progress says how far, how fast and how long still', () => {
  expect(progressText('audit', 4 * MIB, 10 * MIB, 2_000)).toBe(
    'audit  ████████░░░░░░░░░░░░  40%  4 MiB/10 MiB  2 MiB/s  3s left',
  );
});

test('of a pipe nobody knows the end', () => {
  expect(progressText('audit', 4 * MIB, undefined, 2_000)).toBe('audit  4 MiB  2 MiB/s');
});

test('nothing yet, and an empty file, are no division by nothing', () => {
  expect(progressText('audit', 0, 10 * MIB, 0)).toBe('audit  ░░░░░░░░░░░░░░░░░░░░  0%  0 B/10 MiB');
  expect(progressText('audit', 0, 0, 5)).toBe('audit  ░░░░░░░░░░░░░░░░░░░░  0%  0 B/0 B');
});
