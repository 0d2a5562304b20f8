/**
 * What can be known of a pattern without running it: literals that a match must have, shapes that need no engine, and how large its
 * program will be. The reader knows RE2's syntax well enough to find the parts; what it is not sure of it calls `other`, which claims
 * nothing. Errors are left to the engine, which says them better.
 *
 *     \bfoo(?:bar|baz)\d{3}.*      boundary, literals {foobar, foobaz}, other, anyText
 */

import { appendPart, OTHER, type Part, partOf, type Quantifier, repeatedPart, requiredOf } from './parts.js';

export interface PatternAnalysis {
  /** The sequence, where the pattern is one. */
  readonly parts: readonly Part[];
  /** A text that is in every match; empty: none is known. */
  readonly required: string;
  /** Instructions of the compiled program, roughly and rather too many. */
  readonly size: number;
}

/** Deeper nesting is refused by RE2, too. */
const MAX_DEPTH = 1000;
const REPEAT = /\{(\d{1,9})(?:(,)(\d{0,9}))?\}/y;
const FLAGS = /\(\?([imsU]*)(?:-([imsU]+))?([:)])/y;
const NAMED_GROUP = /\(\?P?<\w+>/y;
const HEX_OR_OCTAL = /\\(?:x\{[0-9a-fA-F]*\}|x[0-9a-fA-F]{0,2}|[0-7]{1,3})/y;
const UNICODE_CLASS = /\\[pP](?:\{[^}]*\}|.)/sy;
const POSIX_CLASS = /\[:\^?\w*:\]/y;

const CONTROL_ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07' };

interface Flags {
  readonly insensitive: boolean;
  readonly dotAll: boolean;
  readonly multiLine: boolean;
}

interface Sized<T> {
  readonly value: T;
  readonly size: number;
}

/** Analyses a pattern; undefined where it nests too deeply. */
export function analysePattern(pattern: string, dotAll: boolean): PatternAnalysis | undefined {
  const reader = new PatternReader(pattern);
  const branches = reader.alternation({ insensitive: false, dotAll, multiLine: false }, 0);
  if (branches === undefined) return undefined;
  const whole = partOf(branches.value);
  const parts = branches.value.length === 1 ? (branches.value[0] ?? []) : [whole];
  return { parts, required: requiredOf(parts), size: branches.size };
}

class PatternReader {
  readonly #pattern: string;
  #at = 0;
  #flags: Flags = { insensitive: false, dotAll: false, multiLine: false };

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  /** Reads branches up to a closing parenthesis or the end. Flags that are set within hold up to its end. */
  alternation(flags: Flags, depth: number): Sized<Part[][]> | undefined {
    if (depth > MAX_DEPTH) return undefined;
    const outer = this.#flags;
    this.#flags = flags;
    const branches: Part[][] = [[]];
    let size = 2;
    while (this.#at < this.#pattern.length && this.#pattern[this.#at] !== ')') {
      if (this.#pattern[this.#at] === '|') {
        this.#at++;
        branches.push([]);
        size += 1;
        continue;
      }
      const item = this.#repeated(depth);
      if (item === undefined) return undefined;
      size += item.size;
      if (item.value !== undefined) appendPart(branches[branches.length - 1] ?? [], item.value);
    }
    this.#flags = outer;
    return { value: branches, size };
  }

  /** One atom with its quantifiers. A value of undefined: it matches nothing and asks nothing (flags). */
  #repeated(depth: number): Sized<Part | undefined> | undefined {
    const atom = this.#atom(depth);
    if (atom === undefined) return undefined;
    let { value, size } = atom;
    for (let quantifier = this.#quantifier(); quantifier !== undefined; quantifier = this.#quantifier()) {
      size = size * Math.max(quantifier.copies, 1) + 1;
      if (value === undefined) continue;
      value = repeatedPart(value, quantifier);
    }
    return { value, size };
  }

  #quantifier(): Quantifier | undefined {
    const character = this.#pattern[this.#at];
    if (character === '*' || character === '+' || character === '?') {
      this.#at++;
      this.#skip('?');
      const least = character === '+' ? 1 : 0;
      return { least, most: character === '?' ? 1 : Number.POSITIVE_INFINITY, copies: 1 };
    }
    const match = character === '{' ? this.#match(REPEAT) : undefined;
    if (match === undefined) return undefined;
    this.#skip('?');
    const least = Number(match[1]);
    const open = match[2] !== undefined && match[3] === '';
    const most = open ? Number.POSITIVE_INFINITY : Number(match[3] ?? least);
    return { least, most, copies: open ? least + 1 : most };
  }

  #atom(depth: number): Sized<Part | undefined> | undefined {
    const character = this.#pattern[this.#at] ?? '';
    if (character === '(') return this.#group(depth);
    if (character === '[') return { value: this.#characterClass(), size: 1 };
    if (character === '\\') return this.#escape();
    if (character === '.') {
      this.#at++;
      return { value: { kind: 'dot', newlines: this.#flags.dotAll }, size: 1 };
    }
    if (character === '^' || character === '$') {
      this.#at++;
      if (this.#flags.multiLine) return { value: OTHER, size: 1 };
      return { value: { kind: character === '^' ? 'begin' : 'end' }, size: 1 };
    }
    const literal = String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0);
    this.#at += literal.length;
    return { value: this.#literal(literal), size: 1 };
  }

  #group(depth: number): Sized<Part | undefined> | undefined {
    let inner = this.#flags;
    const flags = this.#match(FLAGS);
    if (flags !== undefined) {
      inner = withFlags(inner, flags[1] ?? '', flags[2] ?? '');
      if (flags[3] === ')') {
        this.#flags = inner;
        return { value: undefined, size: 0 };
      }
    } else if (this.#match(NAMED_GROUP) === undefined) this.#at++;
    const branches = this.alternation(inner, depth + 1);
    if (branches === undefined) return undefined;
    this.#skip(')');
    return { value: partOf(branches.value), size: branches.size };
  }

  #characterClass(): Part {
    const begin = this.#at++;
    this.#skip('^');
    this.#skip(']');
    while (this.#at < this.#pattern.length && this.#pattern[this.#at] !== ']') {
      const character = this.#pattern[this.#at];
      if (character === '\\') this.#at += 2;
      else if (character !== '[' || this.#match(POSIX_CLASS) === undefined) this.#at++;
    }
    this.#at++;
    const text = this.#pattern.slice(begin, this.#at);
    // A class of one character is how people write a dot: [.]
    return text.length === 3 && !/[\\^[\]]/.test(text[1] ?? '') ? this.#literal(text[1] ?? '') : OTHER;
  }

  #escape(): Sized<Part> {
    const next = this.#pattern[this.#at + 1] ?? '';
    if (next === 'Q') return this.#quoted();
    if (this.#match(HEX_OR_OCTAL) !== undefined || this.#match(UNICODE_CLASS) !== undefined)
      return { value: OTHER, size: 1 };
    const literal = String.fromCodePoint(this.#pattern.codePointAt(this.#at + 1) ?? 0);
    this.#at += 1 + literal.length;
    if (next === 'b') return { value: { kind: 'boundary' }, size: 1 };
    if (next === 'A') return { value: { kind: 'begin' }, size: 1 };
    if (next === 'z') return { value: { kind: 'end' }, size: 1 };
    const control = CONTROL_ESCAPES[next];
    if (control !== undefined) return { value: { kind: 'literals', literals: [control] }, size: 1 };
    return { value: /[^\w]/.test(next) ? this.#literal(literal) : OTHER, size: 1 };
  }

  /** `\Q…\E`. A quantifier after it holds for its last character, hence it claims nothing. */
  #quoted(): Sized<Part> {
    const close = this.#pattern.indexOf('\\E', this.#at + 2);
    const end = close === -1 ? this.#pattern.length : close;
    const size = end - this.#at;
    this.#at = close === -1 ? end : end + 2;
    return { value: OTHER, size };
  }

  #literal(character: string): Part {
    if (!this.#flags.insensitive || isCaseless(character)) return { kind: 'literals', literals: [character] };
    return OTHER;
  }

  #skip(character: string): void {
    if (this.#pattern[this.#at] === character) this.#at++;
  }

  #match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#pattern);
    if (match === null) return undefined;
    this.#at = expression.lastIndex;
    return match;
  }
}

function withFlags(flags: Flags, on: string, off: string): Flags {
  const flag = (letter: string, before: boolean) => (before || on.includes(letter)) && !off.includes(letter);
  return {
    insensitive: flag('i', flags.insensitive),
    dotAll: flag('s', flags.dotAll),
    multiLine: flag('m', flags.multiLine),
  };
}

function isCaseless(character: string): boolean {
  return character < '\x80' && character.toLowerCase() === character.toUpperCase();
}
