/** How many terminal columns a text takes, and cutting it to so many. Control characters are escaped before. */

/** East Asian wide and fullwidth blocks and emoji, after UAX #11; combining marks and joiners take no column. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const ZERO = /\p{Mn}|\p{Me}|\u200c|\u200d/u;

function characterWidth(character: string): number {
  if (character < '\u0300') return 1;
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Pieces with two spaces between them, on as many lines as `width` takes; all but the first are indented. */
export function foldPieces(pieces: readonly string[], width: number, indent: number): string[] {
  const lines: string[] = [];
  for (const piece of pieces) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(piece);
    else if (textWidth(last) + 2 + textWidth(piece) <= width) lines[lines.length - 1] = `${last}  ${piece}`;
    else lines.push(' '.repeat(indent) + piece);
  }
  return lines;
}

/** The text, or as much of it as fits before a final `…`. */
export function cutToWidth(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let left = width - 1;
  let cut = '';
  for (const character of text) {
    left -= characterWidth(character);
    if (left < 0) break;
    cut += character;
  }
  return `${cut}…`;
}
