/** `| json`: all members of the line's object as labels, those of nested objects as `outer_inner`; arrays are left out. */
import { type EntryLabels, LabelNames, sanitize } from './entry-labels.js';
import type { JsonPath } from './json-path.js';
import { JsonError, JsonScanner, MAX_JSON_DEPTH } from './json-scanner.js';
import type { NeededLabels, StageFunction } from './stage.js';

export function jsonStage(needed: NeededLabels): StageFunction {
  const parser = new JsonLabels(needed);
  return ({ line, labels }) => {
    parser.parse(line, labels);
    return true;
  };
}

class JsonLabels {
  readonly #needed: NeededLabels;
  /** Names of objects that have a needed label in them; undefined: all. */
  readonly #neededPrefixes: ReadonlySet<string> | undefined;
  readonly #names = new LabelNames();
  readonly #scanner = new JsonScanner();
  #labels: EntryLabels | undefined;

  constructor(needed: NeededLabels) {
    this.#needed = needed;
    this.#neededPrefixes = needed === undefined ? undefined : prefixesOf(needed);
  }

  parse(line: string, labels: EntryLabels): void {
    if (this.#needed?.size === 0) return;
    this.#labels = labels;
    try {
      this.#scanner.begin(line);
      if (this.#scanner.kind() !== 'object') throw new JsonError('the line is no JSON object');
      this.#object('', 1);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      labels.setError('JSONParserErr', error.message);
    }
  }

  #object(prefix: string, depth: number): void {
    if (depth > MAX_JSON_DEPTH) throw new JsonError(`objects nest deeper than ${MAX_JSON_DEPTH}`);
    if (!this.#scanner.enter()) return;
    do this.#member(prefix, depth);
    while (this.#scanner.more('}'));
  }

  #member(prefix: string, depth: number): void {
    const scanner = this.#scanner;
    const key = scanner.key();
    const name = prefix === '' ? this.#names.nameOf(key) : nestedName(prefix, key);
    const kind = scanner.kind();
    if (kind === 'object' && (this.#neededPrefixes === undefined || this.#neededPrefixes.has(name))) {
      this.#object(name, depth + 1);
    } else if (kind === 'object' || kind === 'array' || kind === 'null' || name === '') scanner.skip();
    else this.#value(name, kind === 'string');
  }

  #value(name: string, isString: boolean): void {
    const labels = this.#labels;
    const free = labels?.nameFor(name) ?? name;
    if (this.#needed !== undefined && !this.#needed.has(free)) this.#scanner.skip();
    else labels?.setParsed(free, isString ? this.#scanner.string() : this.#scanner.word());
  }
}

function nestedName(prefix: string, key: string): string {
  const name = sanitize(key, false);
  return name === '' ? prefix : `${prefix}_${name}`;
}

/** `a_b_c` may be c in b in a, or b_c in a; and what is there already gets `_extracted` behind it. */
function prefixesOf(needed: ReadonlySet<string>): ReadonlySet<string> {
  // The name of an object whose key has nothing of a name in it is empty: what is in it, is as if it were outside.
  const prefixes = new Set<string>(['']);
  for (const name of needed) {
    for (let at = name.indexOf('_'); at !== -1; at = name.indexOf('_', at + 1)) prefixes.add(name.slice(0, at));
    // A key that is blank adds nothing to the name of its object.
    prefixes.add(name);
    if (name.endsWith('_extracted')) prefixes.add(name.slice(0, -'_extracted'.length));
  }
  return prefixes;
}

export interface JsonExtraction {
  readonly name: string;
  readonly path: JsonPath;
}

/** `| json first="servers[0].name"`: the values at these paths; empty where there is none. */
export function jsonExpressionStage(extractions: readonly JsonExtraction[], needed: NeededLabels): StageFunction {
  const scanner = new JsonScanner();
  return ({ line, labels }) => {
    for (const { name, path } of extractions) {
      const free = labels.nameFor(name);
      if (needed !== undefined && !needed.has(free)) continue;
      try {
        scanner.begin(line);
        if (scanner.kind() === 'number' || line === '') throw new JsonError('the line is no JSON');
        labels.set(free, valueAt(scanner, path) ?? '');
      } catch (error) {
        if (!(error instanceof JsonError)) throw error;
        labels.setError('JSONParserErr', error.message);
        if (labels.get(name) === undefined) labels.set(name, '');
      }
    }
    return true;
  };
}

function valueAt(scanner: JsonScanner, path: JsonPath): string | undefined {
  for (const step of path) {
    const found = typeof step === 'number' ? enterElement(scanner, step) : enterMember(scanner, step);
    if (!found) return undefined;
  }
  const kind = scanner.kind();
  if (kind === 'string') return scanner.string();
  if (kind === 'object' || kind === 'array') return scanner.raw();
  const word = scanner.word();
  return word === 'null' ? '' : word;
}

function enterMember(scanner: JsonScanner, key: string): boolean {
  if (scanner.kind() !== 'object' || !scanner.enter()) return false;
  do {
    if (scanner.key() === key) return true;
    scanner.skip();
  } while (scanner.more('}'));
  return false;
}

function enterElement(scanner: JsonScanner, index: number): boolean {
  if (scanner.kind() !== 'array' || !scanner.enter()) return false;
  for (let at = 0; at < index; at++) {
    scanner.skip();
    if (!scanner.more(']')) return false;
  }
  return true;
}
