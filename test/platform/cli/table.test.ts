import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Column, renderTable, renderTabs } from '../../../src/platform/cli/table.js';
import { foldPieces, textWidth } from '../../../src/platform/cli/text-width.js';
import { colored, plain } from '../../../src/platform/colors.js';

interface Row {
  readonly name: string;
  readonly count: number;
}
const rows: Row[] = [
  { name: 'orders', count: 12_408 },
  { name: 'a', count: 7 },
];
const columns: Column<Row>[] = [
  { header: 'NAME', value: (row) => row.name },
  { header: 'COUNT', value: (row) => row.count, display: (row) => row.count.toLocaleString('en-US') },
];

describe('a pipe', () => {
  test('gets exact values between tabs, without a header', () => {
    expect(renderTabs(columns, rows)).toBe('orders\t12408\na\t7\n');
  });

  test('one record stays one line and one field one field, whatever is in it', () => {
    expect(renderTabs(columns, [{ name: 'a\tb\nc', count: 1 }])).toBe('a\\tb\\nc\t1\n');
  });
});

describe('a terminal', () => {
  test('gets a header and humanised numbers, right-aligned', () => {
    expect(renderTable(columns, rows, { width: 80, paint: plain })).toBe(
      ['NAME     COUNT', 'orders  12,408', 'a            7', ''].join('\n'),
    );
  });

  test('cells are cut with … where the window is narrow', () => {
    const text = renderTable(columns, [{ name: 'a-very-long-name-of-a-sequence', count: 1 }], {
      width: 20,
      paint: plain,
    });
    expect(text).toContain('…');
    for (const line of text.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(20);
  });

  test('no line is wider than the window, with any text in the cells', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 20, max: 200 }), (names, width) => {
        const text = renderTable(
          columns,
          names.map((name) => ({ name, count: 1 })),
          { width, paint: plain },
        );
        expect(text.split('\n')).toHaveLength(names.length + 2);
        for (const line of text.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(width);
      }),
      { numRuns: 30 },
    );
  });

  test('what is of no use in part is cut last', () => {
    const [name, count] = columns;
    if (name === undefined || count === undefined) throw new Error('two columns');
    const id: Column<Row> = { header: 'id', value: () => '2124902601886531584', keep: true };
    const wide = [{ name: 'a-very-long-name-of-a-sequence', count: 1 }];
    expect(renderTable([id, name, count], wide, { width: 40, paint: plain })).toContain('2124902601886531584  a-');
    const narrow = renderTable([id, name, count], wide, { width: 20, paint: plain });
    for (const line of narrow.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(20);
  });

  test('optional columns are left out, the last first, until the rest fits', () => {
    const extra = (header: string): Column<Row> => ({ header, value: () => 'x'.repeat(10), optional: true });
    const header = (width: number) =>
      renderTable([...columns, extra('one'), extra('two')], rows, { width, paint: plain }).split('\n')[0];
    expect(header(38)).toMatch(/one +two$/);
    expect(header(37)).toMatch(/COUNT +one$/);
    expect(header(25)).toMatch(/COUNT$/);
  });

  test('outside text cannot drive it', () => {
    const text = renderTable(columns, [{ name: '\u001b[2Jgone', count: 1 }], { width: 80, paint: plain });
    expect(text).toContain('\\x1b[2Jgone');
    expect(text).not.toContain('\u001b');
  });

  test('colours do not shift the columns', () => {
    const [name, count] = columns;
    if (name === undefined || count === undefined) throw new Error('two columns');
    const green: Column<Row>[] = [{ ...name, color: () => 'green' }, count];
    const text = renderTable(green, rows, { width: 80, paint: colored });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with ESC
    expect(text.replaceAll(/\u001b\[\d+m/g, '')).toBe(renderTable(columns, rows, { width: 80, paint: plain }));
  });
});

test('pieces are folded between two of them, never within one', () => {
  const pieces = ['seq ready', 'redis://127.0.0.1:6390', 'http://127.0.0.1:8390', '(0 sequences)'];
  expect(foldPieces(pieces, 100, 11)).toEqual([pieces.join('  ')]);
  expect(foldPieces(pieces, 60, 11)).toEqual([
    'seq ready  redis://127.0.0.1:6390  http://127.0.0.1:8390',
    '           (0 sequences)',
  ]);
  expect(foldPieces(pieces, 5, 2)).toEqual(['seq ready', ...pieces.slice(1).map((piece) => `  ${piece}`)]);
});
