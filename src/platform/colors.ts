/** The three colours that carry meaning, and dim and bold. */

export type Color = 'green' | 'yellow' | 'red' | 'dim' | 'bold';

const CODES: Readonly<Record<Color, readonly [number, number]>> = {
  green: [32, 39],
  yellow: [33, 39],
  red: [31, 39],
  dim: [2, 22],
  bold: [1, 22],
};

export type Paint = (color: Color, text: string) => string;

export const plain: Paint = (_color, text) => text;

export const colored: Paint = (color, text) => {
  const [on, off] = CODES[color];
  return `\u001b[${on}m${text}\u001b[${off}m`;
};

/**
 * Whether to colour a stream. In this order: `--no-color` and a non-empty NO_COLOR (no-color.org) turn it off;
 * FORCE_COLOR turns it on (`0` and `false`: off); TERM=dumb turns it off; else a terminal gets it.
 */
export function wantsColor(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
  noColorFlag: boolean,
): boolean {
  if (noColorFlag || env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  return isTerminal && env['TERM'] !== 'dumb';
}
