/**
 * Regular expressions that users and peers give: RE2's syntax, in time linear in the text, whatever the pattern. Nothing of theirs
 * ever becomes a RegExp.
 *
 *     pattern ──▶ analysis ──▶ a quick test without the engine, where the shape allows it
 *                     └──────▶ a required literal: most lines are refused by one search for it
 *            └──▶ re2js ─────▶ everything else
 *
 * re2js is given strings: on bytes (its UTF8 mode) it took 1.1 to 2 times as long on each of ten patterns over lines of 160 characters.
 */
import { type Matcher, RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';
import { logErrors } from '../errors.js';
import { analysePattern, type PatternAnalysis } from './analysis.js';
import { quickFoldedSearch, quickSearch, quickWholeTest, type TextTest } from './quick-test.js';

/** Characters. Grok's largest patterns, written out, have some 2,000. */
export const MAX_PATTERN_LENGTH = 16_384;
/** Instructions. The engine takes time in proportion to them: with so many some 15 µs a character at the very worst. */
const MAX_PROGRAM_SIZE = 10_000;

export interface RegexMatch {
  readonly index: number;
  /** Not included. */
  readonly end: number;
  /** Group 0 is the match; a group that took no part is undefined. */
  readonly groups: readonly (string | undefined)[];
}

export interface RegexOptions {
  /** The whole text must match (labels); `.` is then any character, line ends too, as in Loki. */
  readonly anchored?: boolean;
}

/** Compiles; an error `log.bad_pattern` says what is wrong and where. */
export function compileRegex(pattern: string, options: RegexOptions = {}): Regex {
  return new Regex(pattern, options.anchored === true);
}

export class Regex {
  readonly source: string;
  readonly anchored: boolean;
  /** Names of groups by number; group 0 and groups without a name are undefined. */
  readonly groupNames: readonly (string | undefined)[];
  /** A text that every match has in it, safe to be looked for among bytes of UTF-8, too. */
  readonly requiredLiteral: string | undefined;
  /** The pattern as a sequence of parts, for planning. */
  readonly analysis: PatternAnalysis;
  /** Whether the text (anchored: all of it) matches. */
  readonly test: TextTest;
  readonly #engine: RE2JS;
  #matcher: Matcher | undefined;

  constructor(pattern: string, anchored: boolean) {
    this.source = pattern;
    this.anchored = anchored;
    this.analysis = checkedAnalysis(pattern, anchored);
    this.#engine = compileEngine(pattern, anchored);
    this.requiredLiteral = this.analysis.required === '' ? undefined : this.analysis.required;
    this.groupNames = namesOfGroups(this.#engine);
    this.test = this.#chooseTest();
  }

  /** The leftmost match at or after `from` (a UTF-16 index); anchored: the match of the whole text. */
  find(text: string, from = 0): RegexMatch | undefined {
    if (this.requiredLiteral !== undefined && !text.includes(this.requiredLiteral, from)) return undefined;
    const matcher = this.#matcherOf(text);
    if (this.anchored ? !matcher.matches() : from > text.length || !matcher.find(from)) return undefined;
    return matchOf(matcher);
  }

  /** Replaces every match, from left to right, an empty match right behind a match counts as none, as in Go. */
  replaceAll(text: string, replacement: (match: RegexMatch) => string): string {
    if (this.requiredLiteral !== undefined && !text.includes(this.requiredLiteral)) return text;
    const matcher = this.#matcherOf(text);
    let result = '';
    let copied = 0;
    for (let first = true; matcher.find(); first = false) {
      const match = matchOf(matcher);
      if (!first && match.end === copied) continue;
      result += text.slice(copied, match.index) + replacement(match);
      copied = match.end;
    }
    return copied === 0 && result === '' ? text : result + text.slice(copied);
  }

  #chooseTest(): TextTest {
    const { parts } = this.analysis;
    const engine = this.#engine;
    if (this.anchored) return quickWholeTest(parts) ?? ((text) => engine.testExact(text));
    const search: TextTest = (text) => engine.test(text);
    const quick = quickSearch(parts) ?? quickFoldedSearch(this.source, search);
    if (quick !== undefined) return quick;
    const required = this.requiredLiteral;
    return required === undefined ? search : (text) => text.includes(required) && engine.test(text);
  }

  #matcherOf(text: string): Matcher {
    if (this.#matcher === undefined) this.#matcher = this.#engine.matcher(text);
    else this.#matcher.resetMatcherInput(text);
    return this.#matcher;
  }
}

function checkedAnalysis(pattern: string, anchored: boolean): PatternAnalysis {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw badPattern(pattern, `it has ${pattern.length} characters, more than ${MAX_PATTERN_LENGTH}`);
  }
  const analysis = analysePattern(pattern, anchored);
  if (analysis === undefined) throw badPattern(pattern, 'it nests too deeply');
  if (analysis.size > 2 * MAX_PROGRAM_SIZE) throw tooLarge(pattern, analysis.size);
  return analysis;
}

function compileEngine(pattern: string, anchored: boolean): RE2JS {
  try {
    const engine = RE2JS.compile(pattern, anchored ? RE2JS.DOTALL : 0);
    if (engine.programSize() > MAX_PROGRAM_SIZE) throw tooLarge(pattern, engine.programSize());
    return engine;
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) throw syntaxError(pattern, error);
    if (error instanceof RE2JSException) throw badPattern(pattern, error.message);
    throw error;
  }
}

function syntaxError(pattern: string, { error, input }: RE2JSSyntaxException) {
  const at = input === null || input === '' ? -1 : pattern.lastIndexOf(input);
  return badPattern(pattern, at === -1 ? error : `${error} at character ${at + 1}: ${input}`, at);
}

function tooLarge(pattern: string, size: number) {
  return badPattern(pattern, `its program has about ${size} steps, more than ${MAX_PROGRAM_SIZE}`);
}

function badPattern(pattern: string, reason: string, at = -1) {
  const shown = pattern.length > 100 ? `${pattern.slice(0, 100)}…` : pattern;
  return logErrors.error('log.bad_pattern', `bad pattern ${JSON.stringify(shown)}: ${reason}`, {
    hint: 'the syntax is RE2: https://github.com/google/re2/wiki/Syntax',
    ...(at !== -1 && { details: { character: at + 1 } }),
  });
}

function namesOfGroups(engine: RE2JS): readonly (string | undefined)[] {
  const names = new Array<string | undefined>(engine.groupCount() + 1).fill(undefined);
  for (const [name, number] of Object.entries(engine.namedGroups())) names[Number(number)] = name;
  return names;
}

function matchOf(matcher: Matcher): RegexMatch {
  const groups: (string | undefined)[] = [];
  for (let i = 0; i <= matcher.groupCount(); i++) groups.push(matcher.group(i) ?? undefined);
  return { index: matcher.start(), end: matcher.end(), groups };
}
