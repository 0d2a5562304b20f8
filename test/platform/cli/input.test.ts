import { expect, test } from 'vitest';
import { cutLines } from '../../../src/platform/cli/input.js';

async function linesOf(...chunks: string[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of cutLines(
    (async function* () {
      yield* chunks;
    })(),
  )) {
    lines.push(line);
  }
  return lines;
}

test('lines end with a line feed, perhaps after a carriage return; the last need not', async () => {
  expect(await linesOf('a\nb\r\n\nc')).toEqual(['a', 'b', '', 'c']);
  expect(await linesOf()).toEqual([]);
  expect(await linesOf('a\n')).toEqual(['a']);
});

test('lines may be cut into chunks anywhere', async () => {
  expect(await linesOf('a', 'b\r', '\nc', '\n')).toEqual(['ab', 'c']);
});

test('a byte order mark is no part of the first line', async () => {
  expect(await linesOf('\ufeffa\n', '\ufeffb')).toEqual(['a', '\ufeffb']);
});

test('a line without end does not fill the memory', async () => {
  const chunk = 'x'.repeat(100_000);
  const [line, next] = await linesOf(...new Array(1000).fill(chunk), '\nshort');
  expect(line).toBe('x'.repeat(65_536));
  expect(next).toBe('short');
});
