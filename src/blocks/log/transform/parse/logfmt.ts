/**
 * `parse=logfmt`: `level=warn msg="disk \"sda\" is full" retry`. A name without a value has an empty one. A line is of this form if it has a
 * pair at all; words between pairs are let be.
 */
import { textParser } from './parser.js';

const PAIR = /([^\s="]{1,128})=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))(?=\s|$)/y;
const WORD = /\S+/y;
const SPACE = /\s+/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

export const logfmtParser = textParser('logfmt', (line, fields) => {
  let found = false;
  for (let at = 0; at < line.length; ) {
    SPACE.lastIndex = at;
    if (SPACE.test(line)) at = SPACE.lastIndex;
    PAIR.lastIndex = at;
    const pair = PAIR.exec(line);
    if (pair === null) {
      WORD.lastIndex = at;
      if (!WORD.test(line)) break;
      at = WORD.lastIndex;
      continue;
    }
    const [whole, name = '', quoted, bare = ''] = pair;
    fields.set(name, quoted === undefined ? bare : unquoted(quoted));
    found = true;
    at += whole.length;
  }
  return found;
});

function unquoted(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? character);
}
