/** A YAML text as a tree whose errors name file and line. */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { closest } from '../../../platform/closest.js';
import { DsError } from '../../../platform/errors.js';
import { limitErrors } from '../errors.js';
import { MOST_POLICY_BYTES } from './policy.js';

export interface Entry {
  readonly key: string;
  readonly value: unknown;
  /** For errors: where the key stands. */
  readonly at: unknown;
}

export class YamlReader {
  readonly root: Node | null;
  readonly #filename: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  constructor(text: string, filename: string) {
    this.#filename = filename;
    if (Buffer.byteLength(text) > MOST_POLICY_BYTES) {
      throw this.#error(undefined, `it is longer than ${MOST_POLICY_BYTES} bytes`);
    }
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const [problem] = this.#document.errors;
    if (problem !== undefined) throw this.#error(this.#lines.linePos(problem.pos[0]).line, problem.message);
    this.root = this.#document.contents;
  }

  /** The pairs of a mapping, of known keys only. An empty value is an empty mapping. */
  entries(node: unknown, what: string, known?: readonly string[]): Entry[] {
    const mapping = this.#resolve(node);
    if (isEmpty(mapping)) return [];
    if (!isMap(mapping)) throw this.fail(node, `${what} must be a mapping of keys to values`);
    return mapping.items.map((pair) => {
      if (!isScalar(pair.key)) throw this.fail(pair.key, 'a key must be a word');
      const key = String(pair.key.value);
      if (known !== undefined && !known.includes(key)) throw this.#unknown(pair.key, what, key, known);
      return { key, value: pair.value, at: pair.key };
    });
  }

  /** The members of a list; a single value is a list of one. */
  items(node: unknown): unknown[] {
    const list = this.#resolve(node);
    if (isEmpty(list)) return [];
    return isSeq(list) ? [...list.items] : [node];
  }

  /** A single value as it is written. */
  text(node: unknown, what: string): string {
    const scalar = this.#resolve(node);
    if (!isScalar(scalar) || scalar.value === null) throw this.fail(node, `${what} needs a value`);
    return typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? String(scalar.value));
  }

  number(node: unknown, what: string, least: number, most: number): number {
    const text = this.text(node, what);
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw this.fail(
      node,
      `${what} is ${JSON.stringify(text.slice(0, 64))}, not a whole number from ${least} to ${most}`,
    );
  }

  flag(node: unknown, what: string): boolean {
    const scalar = this.#resolve(node);
    if (isScalar(scalar) && typeof scalar.value === 'boolean') return scalar.value;
    throw this.fail(node, `${what} is true or false`);
  }

  /** The result; an error of `make` gets the place of the node in front. */
  within<T>(node: unknown, make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof DsError) || error.code === 'limit.bad_policy') throw error;
      throw this.fail(node, error.message, error.hint);
    }
  }

  /** Makes the error `limit.bad_policy` (details: path, line). */
  fail(node: unknown, message: string, hint?: string): DsError {
    return this.#error(this.#lineOf(node), message, hint);
  }

  #unknown(node: unknown, what: string, key: string, known: readonly string[]): DsError {
    const nearest = closest(key, known);
    const hint = nearest === undefined ? `known are: ${known.join(', ')}` : `did you mean ${nearest}?`;
    return this.fail(node, `${what} has no ${JSON.stringify(key.slice(0, 64))}`, hint);
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  #lineOf(node: unknown): number | undefined {
    const start = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
    return start === undefined ? undefined : this.#lines.linePos(start).line;
  }

  #error(line: number | undefined, message: string, hint?: string): DsError {
    const place = line === undefined ? this.#filename : `${this.#filename}:${line}`;
    return limitErrors.error('limit.bad_policy', `${place}: ${message}`, {
      ...(hint !== undefined && { hint }),
      details: { path: this.#filename, ...(line !== undefined && { line }) },
    });
  }
}

function isEmpty(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}
