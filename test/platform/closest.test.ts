import { expect, test } from 'vitest';
import { closest } from '../../src/platform/closest.js';

const flags = ['layout', 'count', 'format', 'db', 'no-color'];

test.each([
  ['layuot', 'layout'],
  ['cuont', 'count'],
  ['COUNT', 'count'],
  ['bd', undefined],
  ['dbb', 'db'],
  ['zzzzzz', undefined],
  ['', undefined],
])('%j means %j', (typed, meant) => expect(closest(typed, flags)).toBe(meant));

test('the beginning of one word means that word', () => {
  expect(closest('lay', flags)).toBe('layout');
  expect(closest('no', flags)).toBe('no-color');
  expect(closest('se', ['set', 'self', 'other'])).toBe('set');
});

test('one letter means nothing: any two-letter word would be near', () => {
  expect(closest('x', flags)).toBeUndefined();
});
