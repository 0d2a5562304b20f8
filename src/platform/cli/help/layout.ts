/** Help as text: sections, two columns, wrapping. */
import type { Paint } from '../../colors.js';
import { textWidth } from '../text-width.js';

export interface HelpStyle {
  /** Columns to stay within. */
  readonly width: number;
  readonly paint: Paint;
}

const INDENT = '  ';
/** The left of two columns is cut off from the right beyond this width: its text then goes on a line of its own. */
const WIDEST_LEFT = 30;

export function section(title: string, body: readonly string[], { paint }: HelpStyle): string {
  return `${paint('bold', title)}\n${body.map((line) => (line === '' ? '' : INDENT + line)).join('\n')}\n`;
}

/** Paragraphs are filled to the width; lines that begin with white space stay as they are. */
export function paragraphs(text: string, width: number): string[] {
  return text
    .trim()
    .split(/\n{2,}/)
    .flatMap((paragraph, i) => [...(i > 0 ? [''] : []), ...fillParagraph(paragraph, width)]);
}

function fillParagraph(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  let flowing = '';
  for (const line of paragraph.split('\n')) {
    if (!/^\s/.test(line)) {
      flowing += ` ${line}`;
      continue;
    }
    if (flowing !== '') lines.push(...wrap(flowing, width));
    lines.push(line.trimEnd());
    flowing = '';
  }
  return flowing === '' ? lines : [...lines, ...wrap(flowing, width)];
}

/** Breaks between words only: a word longer than the width stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}

/** Names on the left, what they mean on the right, wrapped in its column. */
export function twoColumns(rows: readonly (readonly [string, string])[], { width }: HelpStyle): string[] {
  const widest = Math.max(0, ...rows.map(([left]) => textWidth(left)).filter((left) => left <= WIDEST_LEFT));
  const room = Math.max(20, width - INDENT.length - widest - 2);
  return rows.flatMap(([left, right]) => {
    const lines = wrap(right, room);
    const fits = textWidth(left) <= widest;
    const first = fits ? `${left}${' '.repeat(widest - textWidth(left))}  ${lines[0] ?? ''}`.trimEnd() : left;
    return [first, ...lines.slice(fits ? 1 : 0).map((line) => `${' '.repeat(widest)}  ${line}`)];
  });
}
