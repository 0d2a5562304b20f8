/**
 * YAML of whoever wrote it, parsed within bounds. The library is quick with files that people write; what is nested thousands deep, has
 * millions of values or aliases takes it minutes and the memory of the machine, so that parsing ends where a bound is passed.
 */
import { Composer, type Document, isScalar, type LineCounter, Parser, visit, type YAMLMap } from 'yaml';
import type { DsError } from '../../../platform/errors.js';

/** Of jobs six or so are needed. */
const MOST_DEPTH = 64;
/** Words, marks, blanks and line ends: a job of ten keys has about a hundred. */
const MOST_LEXEMES = 2_000_000;
/** Each is looked for among all anchors. */
const MOST_ALIASES = 1_000;

/** An offset in the text, and what is wrong there. */
export type Refuse = (offset: number, problem: string) => DsError;

/** The first document. `refuse` makes the error of what is no YAML, is beyond the bounds, or has a key twice. */
export function parseBoundedYaml(
  text: string,
  lines: LineCounter,
  refuse: Refuse,
  mostLexemes = MOST_LEXEMES,
): Document {
  const parser = new BoundedParser(lines.addNewLine, refuse, mostLexemes);
  // The library compares each key with all others of its mapping.
  const composer = new Composer({ uniqueKeys: false });
  const [document, second] = composer.compose(parser.parse(text), true, text.length);
  if (document === undefined) throw refuse(0, 'it is empty');
  const [problem] = document.errors;
  if (problem !== undefined) throw refuse(problem.pos[0], problem.message);
  if (second !== undefined) throw refuse(second.range[0], 'there is a second document behind ---');
  visit(document, { Map: (_key, map) => checkKeys(map, refuse) });
  return document;
}

class BoundedParser extends Parser {
  readonly #refuse: Refuse;
  readonly #mostLexemes: number;
  #lexemes = 0;
  #aliases = 0;

  constructor(onNewLine: (offset: number) => void, refuse: Refuse, mostLexemes: number) {
    super(onNewLine);
    this.#refuse = refuse;
    this.#mostLexemes = mostLexemes;
  }

  override *next(lexeme: string) {
    if (++this.#lexemes > this.#mostLexemes) throw this.#tooMuch('words and marks', this.#mostLexemes);
    if (lexeme.startsWith('*') && ++this.#aliases > MOST_ALIASES) throw this.#tooMuch('aliases', MOST_ALIASES);
    yield* super.next(lexeme);
    if (this.stack.length > MOST_DEPTH) throw this.#refuse(this.offset, `it is nested more than ${MOST_DEPTH} deep`);
  }

  #tooMuch(what: string, most: number): DsError {
    return this.#refuse(this.offset, `it has more than ${most.toLocaleString('en-US')} ${what}`);
  }
}

function checkKeys(map: YAMLMap, refuse: Refuse): void {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    if (seen.has(name))
      throw refuse(key.range?.[0] ?? 0, `the key ${JSON.stringify(name.slice(0, 64))} is there twice`);
    seen.add(name);
  }
}
