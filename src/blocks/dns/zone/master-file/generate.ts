/**
 * $GENERATE, as BIND has it (ARM, «BIND Primary File Extension»): one record for each number of a range.
 *
 *     $GENERATE 1-100/2  host$  300 IN  A  192.0.2.${-1}
 *
 *     $                      the number                              $$ and \$   a dollar sign
 *     ${offset}              the number plus the offset
 *     ${offset,width,base}   with zeros in front, at least so many characters; base d decimal, o octal, x or X hexadecimal,
 *                            n or N hexadecimal digits from the last to the first with dots between, as ip6.arpa has them
 *
 * Data of one quoted string is what stands in the string: `MX "10 mail$"`. Not quoted it may be several words, too, which
 * BIND refuses.
 */
import type { Context } from './context.js';
import { type FileWord, wordsOf } from './lexer.js';
import { badEntry, shown } from './problems.js';
import { type RecordEntry, readHead, readRecord } from './record-entry.js';

const HIGHEST = 2 ** 31 - 1;
/** As BIND: characters that a number can be widened to. */
const WIDEST = 255;

type Base = 'd' | 'o' | 'x' | 'X' | 'n' | 'N';

interface Variable {
  readonly offset: number;
  readonly width: number;
  readonly base: Base;
}

/** Text with variables in it. */
type Template = readonly (string | Variable)[];

interface Range {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** `words` are those behind the directive. The owner of the entry before stays. Error: `dns.bad_zone_file` and others. */
export function* generateRecords(
  words: readonly FileWord[],
  context: Context,
): Generator<RecordEntry, void, undefined> {
  const [rangeWord, ownerWord] = words;
  if (rangeWord === undefined || ownerWord === undefined || ownerWord.quoted) {
    throw badEntry('$GENERATE takes a range, an owner, a type and data', '$GENERATE 1-9 host$ A 192.0.2.$');
  }
  const { first, last, step } = readRange(rangeWord.text);
  const { dataAt } = readHead(words, 2, false);
  const owner = readTemplate(ownerWord.text);
  const head = words.slice(2, dataAt);
  const data = dataTemplate(words.slice(dataAt));
  const ownerBefore = context.owner;
  for (let number = first; number <= last; number += step) {
    const name: FileWord = { text: expand(owner, number), quoted: false, glued: false };
    const record = readRecord([name, ...head, ...data(number)], false, context);
    context.owner = ownerBefore;
    yield record;
  }
}

/** `1-100` or `1-100/2`. */
function readRange(text: string): Range {
  const match = /^(\d{1,10})-(\d{1,10})(?:\/(\d{1,10}))?$/.exec(text);
  const [first = 0, last = 0, step = 1] = match?.slice(1).map((part) => Number(part ?? 1)) ?? [];
  if (match === null || first > last || last > HIGHEST || step < 1) {
    throw badEntry(`${shown(text)} is no range such as 1-100 or 1-100/2, up to ${HIGHEST}`);
  }
  return { first, last, step };
}

/** The words of the data for each number. */
function dataTemplate(words: readonly FileWord[]): (number: number) => FileWord[] {
  const [word] = words;
  if (word?.quoted === true && words.length === 1) {
    const template = readTemplate(unquoted(word.text));
    return (number) => wordsOf(expand(template, number));
  }
  const templates = words.map((one) => ({ ...one, template: readTemplate(one.text) }));
  return (number) =>
    templates.map(({ quoted, glued, template }) => ({ text: expand(template, number), quoted, glued }));
}

/** Escaped quotes become quotes; other escapes are for whoever reads the data. */
function unquoted(text: string): string {
  return text.replace(/\\([\s\S])/g, (whole, character: string) => (character === '"' ? '"' : whole));
}

function readTemplate(text: string): Template {
  const parts: (string | Variable)[] = [];
  const pattern = /\\[\s\S]|\$\$|\$\{([^}]*)\}|\$\{?|[^\\$]+/g;
  for (const [part, inBraces] of text.matchAll(pattern)) {
    if (inBraces !== undefined) parts.push(readVariable(inBraces));
    else if (part === '${') throw badEntry(`${shown(text)} has a brace that is not closed`);
    else if (part === '$') parts.push({ offset: 0, width: 0, base: 'd' });
    else parts.push(part === '$$' ? '$' : part);
  }
  return parts;
}

function isBase(text: string): text is Base {
  return text.length === 1 && 'doxXnN'.includes(text);
}

function readVariable(text: string): Variable {
  const match = /^([+-]?\d{1,10})(?:,(\d{1,3})(?:,(.))?)?$/.exec(text);
  const [, offset, width = '0', base = 'd'] = match ?? [];
  if (!isBase(base) || Math.abs(Number(offset)) > HIGHEST || Number(width) > WIDEST || match === null) {
    throw badEntry(`${shown(`\${${text}}`)} is not \${offset,width,base} with base d, o, x, X, n or N`);
  }
  return { offset: Number(offset), width: Number(width), base };
}

function expand(template: Template, number: number): string {
  let text = '';
  for (const part of template) text += typeof part === 'string' ? part : format(number + part.offset, part);
  return text;
}

/** As C prints it: negative numbers with a sign in decimal, else modulo 2^32. */
function format(value: number, { width, base }: Variable): string {
  if (base === 'd') {
    const sign = value < 0 ? '-' : '';
    return sign + String(Math.abs(value)).padStart(width - sign.length, '0');
  }
  const unsigned = ((value % 2 ** 32) + 2 ** 32) % 2 ** 32;
  if (base === 'o') return unsigned.toString(8).padStart(width, '0');
  const hex = unsigned.toString(16);
  const digits = base === 'X' || base === 'N' ? hex.toUpperCase() : hex;
  return base === 'x' || base === 'X' ? digits.padStart(width, '0') : nibbles(digits, width);
}

/** The width counts the dots; where it ends in one, so does the text. */
function nibbles(digits: string, width: number): string {
  const last = digits
    .padStart(Math.ceil(width / 2), '0')
    .split('')
    .reverse()
    .join('.');
  return last.length < width ? `${last}.` : last;
}
