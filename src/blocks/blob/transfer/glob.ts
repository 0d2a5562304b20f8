// Patterns for keys and paths:
//
//     *        any characters but /          ?        one character that is no /
//     **       any characters                [a-z]    one of these, [!a-z] none of these, never a /
//     **/      folders, or none              {a,b}    one of these patterns, which may be nested
//     \c       the character c itself
//
// A pattern is run as a set of places in it at once, so that its time is length × length whatever it is: backtracking could take years.

import { blobErrors } from '../errors.js';

type Token =
  | { readonly kind: 'text'; readonly character: string }
  | { readonly kind: 'one' | 'star' | 'deep' | 'folders' }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] };

/** Patterns that one with braces may stand for. */
const MOST_ALTERNATIVES = 1000;
const MOST_CHARACTERS = 4096;

/** Whether it has a character that means something in a pattern, and no backslash before it. */
export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text.replace(/\\./gs, ''));
}

/** Tells whether the whole of a text is as the pattern says. Error: `blob.invalid_argument`. */
export function globMatcher(pattern: string): (text: string) => boolean {
  const alternatives = expand(pattern).map(tokenize);
  return (text) => {
    const characters = [...text];
    return alternatives.some((tokens) => matches(tokens, characters));
  };
}

/** What all that match begin with, for lists. */
export function literalPrefix(pattern: string): string {
  const prefixes = expand(pattern).map((alternative) => textBefore(tokenize(alternative)));
  return prefixes.reduce((common, prefix) => sharedStart(common, prefix));
}

function textBefore(tokens: readonly Token[]): string {
  let text = '';
  for (const token of tokens) {
    if (token.kind !== 'text') break;
    text += token.character;
  }
  return text;
}

function sharedStart(a: string, b: string): string {
  const left = [...a];
  const right = [...b];
  const end = left.findIndex((character, index) => character !== right[index]);
  return end === -1 ? a : left.slice(0, end).join('');
}

/** `a{b,c{d,e}}` → ab, acd, ace. A brace without its other half, or without a comma, is itself. */
function expand(pattern: string): readonly string[] {
  if (pattern.length > MOST_CHARACTERS) throw badPattern(pattern, `it has more than ${MOST_CHARACTERS} characters`);
  const done: string[] = [];
  const open = [pattern];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const braces = firstBraces(next);
    if (braces === undefined) done.push(next);
    else {
      const { before, choices, after } = braces;
      open.push(...choices.map((choice) => before + choice + after).reverse());
    }
    if (done.length + open.length > MOST_ALTERNATIVES) throw badPattern(pattern, 'its braces stand for too many');
  }
  return done;
}

function firstBraces(pattern: string) {
  for (let start = 0; start < pattern.length; start += 1) {
    if (pattern[start] === '\\') start += 1;
    else if (pattern[start] === '{') {
      const found = bracesAt(pattern, start);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function bracesAt(pattern: string, start: number) {
  const commas: number[] = [];
  let depth = 0;
  for (let at = start; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === '\\') at += 1;
    else if (character === '{') depth += 1;
    else if (character === ',' && depth === 1) commas.push(at);
    else if (character === '}' && --depth === 0) {
      if (commas.length === 0) return undefined;
      const ends = [...commas, at];
      const choices = ends.map((end, index) => pattern.slice((ends[index - 1] ?? start) + 1, end));
      return { before: pattern.slice(0, start), choices, after: pattern.slice(at + 1) };
    }
  }
  return undefined;
}

function tokenize(pattern: string): readonly Token[] {
  const characters = [...pattern];
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    if (character === '\\' && at + 1 < characters.length) {
      at += 1;
      tokens.push({ kind: 'text', character: characters[at] ?? '' });
    } else if (character === '?') tokens.push({ kind: 'one' });
    else if (character === '*') {
      const { token, end } = starsAt(characters, at);
      tokens.push(token);
      at = end;
    } else {
      const found = character === '[' ? classAt(characters, at) : undefined;
      tokens.push(found?.token ?? { kind: 'text', character });
      at = found?.end ?? at;
    }
  }
  return tokens;
}

function starsAt(characters: readonly string[], start: number): { readonly token: Token; readonly end: number } {
  let end = start;
  while (characters[end + 1] === '*') end += 1;
  if (end === start) return { token: { kind: 'star' }, end };
  const ownFolder = (start === 0 || characters[start - 1] === '/') && characters[end + 1] === '/';
  return ownFolder ? { token: { kind: 'folders' }, end: end + 1 } : { token: { kind: 'deep' }, end };
}

/** Undefined where nothing closes it: then it is a bracket. A `]` that comes first is one of the characters. */
function classAt(characters: readonly string[], start: number) {
  const negated = characters[start + 1] === '!' || characters[start + 1] === '^';
  const first = start + (negated ? 2 : 1);
  const ranges: [number, number][] = [];
  for (let at = first; at < characters.length; at += 1) {
    if (characters[at] === ']' && at > first) {
      return { token: { kind: 'class', negated, ranges } satisfies Token, end: at };
    }
    if (characters[at] === '\\') at += 1;
    const from = codeAt(characters, at);
    const isRange = characters[at + 1] === '-' && characters[at + 2] !== undefined && characters[at + 2] !== ']';
    if (isRange) at += 2;
    ranges.push([from, codeAt(characters, at)]);
  }
  return undefined;
}

function codeAt(characters: readonly string[], index: number): number {
  return characters[index]?.codePointAt(0) ?? -1;
}

/** `places` has index i where tokens before i match what was read. */
function matches(tokens: readonly Token[], characters: readonly string[]): boolean {
  let places = withSkips(new Set([0]), tokens, true);
  for (const character of characters) {
    const next = new Set<number>();
    for (const place of places) {
      const token = tokens[place];
      if (token === undefined) continue;
      if (token.kind === 'star' || token.kind === 'deep' || token.kind === 'folders') {
        if (token.kind !== 'star' || character !== '/') next.add(place);
      } else if (accepts(token, character)) next.add(place + 1);
    }
    places = withSkips(next, tokens, character === '/');
    if (places.size === 0) return false;
  }
  return places.has(tokens.length);
}

/** Stars may stand for nothing; folders end only behind a slash, or where they began. */
function withSkips(places: Set<number>, tokens: readonly Token[], behindSlash: boolean): Set<number> {
  // Grows while it is walked.
  for (const place of places) {
    const kind = tokens[place]?.kind;
    if (kind === 'star' || kind === 'deep' || (kind === 'folders' && behindSlash)) places.add(place + 1);
  }
  return places;
}

function accepts(token: Token, character: string): boolean {
  if (token.kind === 'text') return token.character === character;
  if (character === '/') return false;
  if (token.kind !== 'class') return true;
  const code = character.codePointAt(0) ?? -1;
  return token.ranges.some(([first, last]) => first <= code && code <= last) !== token.negated;
}

function badPattern(pattern: string, why: string) {
  return blobErrors.error(
    'blob.invalid_argument',
    `the pattern ${JSON.stringify(pattern.slice(0, 80))} cannot be used: ${why}`,
  );
}
