/** Functions of text. */
import { compileRegex, type Regex } from '../../regex/index.js';
import { TemplateError } from './ast.js';
import { fromJson } from './from-json.js';
import type { TemplateFunction } from './function.js';
import { toInteger, toText, type Value } from './value.js';

/** Characters that one call may make; a repeat of a repeat ends here. */
const MAX_TEXT = 1024 * 1024;

type OnText = (text: string, ...before: string[]) => Value;

/** Of texts, the last of which is the one that is piped in. */
function ofTexts(count: number, call: (...texts: string[]) => Value): TemplateFunction {
  return { least: count, most: count, call: (values) => call(...values.map(toText)) };
}

/** Of numbers or texts, and a last text. */
function ofCount(call: (count: number, text: string) => Value): TemplateFunction {
  return { least: 2, most: 2, call: ([count, text]) => call(toInteger(count), toText(text)) };
}

const lower: OnText = (text) => text.toLowerCase();
const upper: OnText = (text) => text.toUpperCase();
const trimPrefix = (text: string, prefix: string) =>
  prefix !== '' && text.startsWith(prefix) ? text.slice(prefix.length) : text;
const trimSuffix = (text: string, suffix: string) =>
  suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;

export const TEXT_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  lower: ofTexts(1, lower),
  upper: ofTexts(1, upper),
  title: ofTexts(1, (text) =>
    text.replace(/(^|[^\p{L}\p{N}_'])(\p{L})/gu, (_all, before, letter) => before + letter.toUpperCase()),
  ),
  trunc: ofCount(truncate),
  substr: {
    least: 3,
    most: 3,
    call: ([start, end, text]) => substring(toInteger(start), toInteger(end), toText(text)),
  },
  contains: ofTexts(2, (part, text) => text.includes(part)),
  hasPrefix: ofTexts(2, (prefix, text) => text.startsWith(prefix)),
  hasSuffix: ofTexts(2, (suffix, text) => text.endsWith(suffix)),
  indent: ofCount((count, text) => indent(count, text)),
  nindent: ofCount((count, text) => `\n${indent(count, text)}`),
  replace: ofTexts(3, (from, to, text) => bounded(replaceText(text, from, to, -1))),
  repeat: ofCount((count, text) => repeat(text, count)),
  trim: ofTexts(1, (text) => text.trim()),
  trimAll: ofTexts(2, (set, text) => trimSet(text, set, true, true)),
  trimSuffix: ofTexts(2, (suffix, text) => trimSuffix(text, suffix)),
  trimPrefix: ofTexts(2, (prefix, text) => trimPrefix(text, prefix)),
  alignLeft: ofCount((count, text) => align(count, text, true)),
  alignRight: ofCount((count, text) => align(count, text, false)),
  b64enc: ofTexts(1, (text) => Buffer.from(text).toString('base64')),
  b64dec: ofTexts(1, (text) => Buffer.from(text, 'base64').toString('utf8')),
  urlencode: ofTexts(1, (text) => encodeURIComponent(text).replaceAll('%20', '+')),
  urldecode: ofTexts(1, urlDecode),
  fromJson: ofTexts(1, fromJson),
  count: ofTexts(2, (pattern, text) => countMatches(pattern, text)),
  regexReplaceAll: ofTexts(3, (pattern, text, replacement) => replaceMatches(pattern, text, replacement, true)),
  regexReplaceAllLiteral: ofTexts(3, (pattern, text, replacement) => replaceMatches(pattern, text, replacement, false)),
  // Loki's old names, with Go's order of arguments.
  ToLower: ofTexts(1, lower),
  ToUpper: ofTexts(1, upper),
  Replace: {
    least: 4,
    most: 4,
    call: ([text, from, to, count]) => bounded(replaceText(toText(text), toText(from), toText(to), toInteger(count))),
  },
  Trim: ofTexts(2, (text, set) => trimSet(text, set, true, true)),
  TrimLeft: ofTexts(2, (text, set) => trimSet(text, set, true, false)),
  TrimRight: ofTexts(2, (text, set) => trimSet(text, set, false, true)),
  TrimPrefix: ofTexts(2, trimPrefix),
  TrimSuffix: ofTexts(2, trimSuffix),
  TrimSpace: ofTexts(1, (text) => text.trim()),
};

function bounded(text: string): string {
  if (text.length > MAX_TEXT) throw new TemplateError(`a text is longer than ${MAX_TEXT} characters`);
  return text;
}

function repeat(text: string, count: number): string {
  if (count <= 0) return '';
  if (text.length * count > MAX_TEXT) throw new TemplateError(`a text is longer than ${MAX_TEXT} characters`);
  return text.repeat(count);
}

function indent(count: number, text: string): string {
  const blanks = repeat(' ', count);
  const lines = text.split('\n');
  if (lines.length * blanks.length > MAX_TEXT) throw new TemplateError(`a text is longer than ${MAX_TEXT} characters`);
  return lines.map((line) => blanks + line).join('\n');
}

/** At most `count` times; negative: all. */
function replaceText(text: string, from: string, to: string, count: number): string {
  const parts = text.split(from);
  const growth = (parts.length - 1) * Math.max(to.length - from.length, 0);
  if (text.length + growth > MAX_TEXT) throw new TemplateError(`a text is longer than ${MAX_TEXT} characters`);
  if (count < 0) return parts.join(to);
  const replaced = parts.slice(0, count + 1).join(to);
  return [replaced, ...parts.slice(count + 1)].join(from);
}

function trimSet(text: string, set: string, left: boolean, right: boolean): string {
  const characters = new Set(set);
  const letters = [...text];
  let [from, to] = [0, letters.length];
  while (left && from < to && characters.has(letters[from] ?? '')) from++;
  while (right && to > from && characters.has(letters[to - 1] ?? '')) to--;
  return letters.slice(from, to).join('');
}

function truncate(count: number, text: string): string {
  const letters = [...text];
  if (count < 0) return letters.length + count > 0 ? letters.slice(count).join('') : text;
  return letters.slice(0, count).join('');
}

function substring(start: number, end: number, text: string): string {
  const letters = [...text];
  if (start < 0) return end < 0 ? '' : letters.slice(0, end).join('');
  return letters.slice(start, end < 0 ? undefined : end).join('');
}

/** Cuts or fills up to `count` characters. */
function align(count: number, text: string, left: boolean): string {
  const letters = [...text];
  if (count < 0) return text;
  if (count <= letters.length) return (left ? letters.slice(0, count) : letters.slice(letters.length - count)).join('');
  const blanks = repeat(' ', count - letters.length);
  return left ? text + blanks : blanks + text;
}

function urlDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new TemplateError(`invalid URL escape in ${JSON.stringify(text.slice(0, 100))}`);
  }
}

const MAX_PATTERNS = 64;
const patterns = new Map<string, Regex>();

/** Patterns in templates are nearly always the same for each line. */
function regexOf(pattern: string): Regex {
  let regex = patterns.get(pattern);
  if (regex === undefined) {
    if (patterns.size === MAX_PATTERNS) patterns.clear();
    try {
      regex = compileRegex(pattern);
    } catch (error) {
      throw new TemplateError(error instanceof Error ? error.message : String(error));
    }
    patterns.set(pattern, regex);
  }
  return regex;
}

function countMatches(pattern: string, text: string): number {
  let count = 0;
  regexOf(pattern).replaceAll(text, () => {
    count++;
    return '';
  });
  return count;
}

const REFERENCE = /\$(?:\$|\{(\w+)\}|(\w+))/g;

/** `expand`: `$1`, `${name}` in the replacement stand for groups, as in Go. */
function replaceMatches(pattern: string, text: string, replacement: string, expand: boolean): string {
  const regex = regexOf(pattern);
  let size = 0;
  return regex.replaceAll(text, ({ groups }) => {
    const filled = expand
      ? replacement.replace(REFERENCE, (all, braced, bare) => reference(regex, groups, all, braced ?? bare))
      : replacement;
    size += filled.length;
    if (size > MAX_TEXT) throw new TemplateError(`a text is longer than ${MAX_TEXT} characters`);
    return filled;
  });
}

function reference(
  regex: Regex,
  groups: readonly (string | undefined)[],
  all: string,
  name: string | undefined,
): string {
  if (all === '$$' || name === undefined) return '$';
  const index = /^\d+$/.test(name) ? Number(name) : regex.groupNames.indexOf(name);
  return groups[index] ?? '';
}
