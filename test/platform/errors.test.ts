import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { whyUnreadable } from '../../src/platform/errors.js';

const reading = (path: string) => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return whyUnreadable(error);
  }
};

test('why a file cannot be read is said without the path and the system call', () => {
  expect(reading('/no/such/file')).toBe('there is no such file');
  expect(reading('/')).toBe('illegal operation on a directory');
  expect(whyUnreadable(new Error('something else'))).toBe('something else');
});
