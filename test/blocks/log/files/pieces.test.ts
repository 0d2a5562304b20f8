/** Files are cut into pieces of whole lines, and lines, whatever they are made of. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { familiesOf } from '../../../../src/blocks/log/files/families.js';
import { allLines, linesWith } from '../../../../src/blocks/log/files/piece.js';
import { LONGEST_LINE, WholeLines } from '../../../../src/blocks/log/files/whole-lines.js';

function piecesOf(chunks: readonly string[]): string[] {
  const lines = new WholeLines();
  const pieces: string[] = [];
  for (const chunk of chunks) {
    const piece = lines.take(Buffer.concat([lines.rest, Buffer.from(chunk)]));
    if (piece !== undefined) pieces.push(piece.toString());
  }
  const last = lines.last();
  if (last !== undefined) pieces.push(last.toString());
  return pieces;
}

const text = fc.array(fc.constantFrom('a', 'b', 'needle', '\n', '\r\n', 'é', ' '), { maxLength: 40 });

test('pieces are whole lines and together what was read, wherever it was cut', () => {
  fc.assert(
    fc.property(fc.array(text), (chunks) => {
      const pieces = piecesOf(chunks.map((parts) => parts.join('')));
      expect(pieces.join('')).toBe(chunks.flat().join(''));
      for (const piece of pieces.slice(0, -1)) expect(piece.endsWith('\n')).toBe(true);
    }),
  );
});

test('a line without end is cut, and what follows it is read', () => {
  const long = 'x'.repeat(LONGEST_LINE);
  const pieces = piecesOf(['a\n', `${long}yy`, 'y'.repeat(100), 'y\nb\n', 'c']);
  expect(pieces).toEqual(['a\n', long, 'b\n', 'c']);
});

test('lines with a text are those that have it, and no line twice', () => {
  fc.assert(
    fc.property(text, (parts) => {
      const bytes = Buffer.from(parts.join(''));
      const cut = ({ count, starts, ends }: ReturnType<typeof allLines>) =>
        Array.from({ length: count }, (_, i) => bytes.toString('utf8', starts[i], ends[i]));
      const all = cut(allLines(bytes));
      expect(all).toEqual(bytes.length === 0 ? [] : bytes.toString().replace(/\n$/, '').split('\n').map(withoutReturn));
      expect(cut(linesWith(bytes, Buffer.from('needle')))).toEqual(all.filter((line) => line.includes('needle')));
    }),
  );
});

const withoutReturn = (line: string) => (line.endsWith('\r') ? line.slice(0, -1) : line);

test('rotated files are of the log that they were, oldest first', () => {
  expect(
    familiesOf([
      ...['/l/app.log', '/l/app.log.1', '/l/app.log.10.gz', '/l/app.log.2.gz', '/l/app.log'],
      ...['b-2024-01-02.log', 'b.log', 'b-2024-01-01.log.gz', 'c.log-20240102', 'c.log-20231231.gz', 'c.log'],
      ...['trace.5', '-'],
    ]),
  ).toEqual([
    ['/l/app.log.10.gz', '/l/app.log.2.gz', '/l/app.log.1', '/l/app.log'],
    ['b-2024-01-01.log.gz', 'b-2024-01-02.log', 'b.log'],
    ['c.log-20231231.gz', 'c.log-20240102', 'c.log'],
    ['trace.5'],
    ['-'],
  ]);
});
