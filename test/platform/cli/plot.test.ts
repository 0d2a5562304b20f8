import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderPlot, roundUp, shortNumber, speaksUnicode } from '../../../src/platform/cli/plot.js';
import { renderBars, sparkline } from '../../../src/platform/cli/plot-bars.js';
import { textWidth } from '../../../src/platform/cli/text-width.js';
import { colored } from '../../../src/platform/colors.js';

const rising = Array.from({ length: 11 }, (_, i) => [i, i * 10] as const);

describe('renderPlot', () => {
  test('a rising line goes from the bottom left to the top right', () => {
    const text = renderPlot([{ label: '', points: rising }], { width: 30, height: 5 });
    const rows = text.split('\n');
    expect(rows[0]).toMatch(/^100 ┤\s+\S+$/);
    expect(rows[4]).toMatch(/^ {2}0 ┤⣀\S+$/);
    expect(rows[6]).toMatch(/^ {5}0\s+10$/);
  });

  test('without Unicode it is plain ASCII, a letter a series', () => {
    const series = [
      { label: 'a', points: rising },
      { label: 'b', points: rising.map(([x, y]) => [x, 100 - y] as const) },
    ];
    const text = renderPlot(series, { width: 40, height: 6, unicode: false });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
    expect(text).toMatch(/^[\x00-\x7f]*$/);
    expect(text.split('\n')[0]).toBe('a *  b +');
    expect(text).toContain('*');
    expect(text).toContain('+');
  });

  test('marks win over dots, and each series has its colour', () => {
    const text = renderPlot(
      [
        { label: 'passed', points: [[0, 1]], mark: '●', color: 'green' },
        { label: 'refused', points: [[1, 0]], mark: '×', color: 'red' },
      ],
      { width: 30, height: 2, paint: colored },
    );
    expect(text).toContain('\u001b[32m●\u001b[39m');
    expect(text).toContain('\u001b[31m×\u001b[39m');
    expect(text).toContain('\u001b[32mpassed ●\u001b[39m');
  });

  test('nothing to draw is nothing', () => {
    expect(renderPlot([], { width: 40, height: 5 })).toBe('');
    expect(renderPlot([{ label: 'x', points: [[Number.NaN, 1]] }], { width: 40, height: 5 })).toBe('');
  });

  test('no line is wider than told, whatever the points', () => {
    const point = fc.tuple(fc.double({ noNaN: false }), fc.double({ min: -1e12, max: 1e12 }));
    fc.assert(
      fc.property(
        fc.array(fc.array(point, { maxLength: 20 }), { maxLength: 3 }),
        fc.integer({ min: 20, max: 120 }),
        fc.integer({ min: 2, max: 12 }),
        fc.boolean(),
        (all, width, height, unicode) => {
          const series = all.map((points, i) => ({ label: `series ${i}`, points }));
          const text = renderPlot(series, { width, height, unicode });
          for (const line of text.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('axes end on round numbers', () => {
    expect([0.013, 7, 98, 101, 1234].map(roundUp).map(shortNumber)).toEqual(['0.015', '8', '100', '120', '1.5k']);
  });
});

test('bars are as long as their values, the longest as the room', () => {
  const bars = [
    { label: 'ok', value: 100 },
    { label: 'failed', value: 25 },
    { label: 'rare', value: 0.01, text: 'some' },
    { label: 'none', value: 0 },
  ];
  const lines = renderBars(bars, { width: 30 }).split('\n');
  expect(lines[0]).toBe(`    ok  ${'█'.repeat(17)} 100`);
  expect(lines[1]).toBe('failed  ████▎ 25');
  expect(lines[2]).toBe('  rare  ▏ some');
  expect(lines[3]).toBe('  none  0');
  expect(renderBars(bars.slice(0, 2), { width: 30, unicode: false })).toMatch(/^ {4}ok {2}#+ 100\nfailed {2}#+ 25\n$/);
});

test('a sparkline shows the last values that have room', () => {
  expect(sparkline([0, 1, 2, 4, 8], 8)).toBe('▁▂▃▅█');
  expect(sparkline([9, 9, 0, 8], 2)).toBe('▁█');
  expect(sparkline([0, 1], 4, false)).toBe('_@');
  expect(sparkline([], 4)).toBe('');
  expect(sparkline([0, 0], 4)).toBe('▁▁');
});

test('Unicode is spoken where the locale says so', () => {
  expect(speaksUnicode({ LANG: 'en_US.UTF-8' })).toBe(true);
  expect(speaksUnicode({ LC_ALL: 'C', LANG: 'en_US.UTF-8' })).toBe(false);
  expect(speaksUnicode({})).toBe(false);
});
