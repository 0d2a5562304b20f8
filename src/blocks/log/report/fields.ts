/**
 * Which fields entries have: labels of streams, structured metadata, and what JSON and logfmt in the lines say; with how many have
 * each, of which type, how many different values, and the most frequent ones.
 */

import { NO_LABELS } from '../labels.js';
import type { Entry } from '../log-store.js';
import { EntryLabels } from '../logql/pipeline/entry-labels.js';
import { jsonStage } from '../logql/pipeline/json-stage.js';
import { logfmtStage } from '../logql/pipeline/logfmt-stage.js';

export type FieldSource = 'stream' | 'metadata' | 'json' | 'logfmt';
type FieldType = 'number' | 'boolean' | 'duration' | 'bytes' | 'text';

export interface FieldReport {
  readonly name: string;
  readonly source: FieldSource;
  readonly type: FieldType;
  /** Entries that have it. */
  readonly entries: number;
  /** Different values; `isLeast` where there are more than were counted. */
  readonly distinct: number;
  readonly isLeast: boolean;
  readonly top: readonly { readonly value: string; readonly entries: number }[];
}

/** Values of one field that are counted one by one, and characters of each. */
const MOST_VALUES = 1_000;
const LONGEST_VALUE = 200;
const MOST_FIELDS = 5_000;
/** Characters of a line that are looked into. */
const LONGEST_LINE = 256 * 1024;

export class FieldCounter {
  readonly #fields = new Map<string, Field>();
  readonly #labels = new EntryLabels();
  readonly #json = jsonStage(undefined);
  readonly #logfmt = logfmtStage({ strict: false, keepEmpty: true }, undefined);
  #entries = 0;

  get entries(): number {
    return this.#entries;
  }

  add(entry: Entry): void {
    this.#entries++;
    const { labels, stream } = entry;
    for (const name in labels) this.#count(name, name in stream ? 'stream' : 'metadata', labels[name] ?? '');
    if (entry.line.length <= LONGEST_LINE) this.#addLine(entry);
  }

  /** The most frequent first. @param most values of each field */
  report(most: number): FieldReport[] {
    const all = [...this.#fields.values()].map((field) => field.report(most));
    return all.sort((a, b) => b.entries - a.entries || (a.name < b.name ? -1 : 1));
  }

  #addLine({ line, timestamp, labels }: Entry): void {
    const source = line.trimStart().startsWith('{') ? 'json' : line.includes('=') ? 'logfmt' : undefined;
    if (source === undefined) return;
    this.#labels.reset(NO_LABELS, undefined);
    const state = { line, timestamp, labels: this.#labels };
    if (source === 'json') this.#json(state);
    else this.#logfmt(state);
    const found = this.#labels.toLabels();
    for (const name in found) {
      const value = found[name] ?? '';
      // A word by itself is a key without a value to logfmt, and a word to everybody else. What the query has extracted is counted.
      if (name.startsWith('__error') || (source === 'logfmt' && value === '') || name in labels) continue;
      this.#count(name, source, value);
    }
  }

  #count(name: string, source: FieldSource, value: string): void {
    const key = `${source} ${name}`;
    let field = this.#fields.get(key);
    if (field === undefined) {
      if (this.#fields.size >= MOST_FIELDS) return;
      field = new Field(name, source);
      this.#fields.set(key, field);
    }
    field.add(value);
  }
}

class Field {
  readonly #values = new Map<string, number>();
  readonly #types = new Map<FieldType, number>();
  #entries = 0;
  #isLeast = false;

  constructor(
    private readonly name: string,
    private readonly source: FieldSource,
  ) {}

  add(value: string): void {
    this.#entries++;
    const type = typeOf(value);
    this.#types.set(type, (this.#types.get(type) ?? 0) + 1);
    const short = value.slice(0, LONGEST_VALUE);
    const count = this.#values.get(short);
    if (count !== undefined || this.#values.size < MOST_VALUES) this.#values.set(short, (count ?? 0) + 1);
    else this.#isLeast = true;
  }

  report(most: number): FieldReport {
    const { name, source } = this;
    const values = [...this.#values].map(([value, entries]) => ({ value, entries }));
    values.sort((a, b) => b.entries - a.entries || (a.value < b.value ? -1 : 1));
    const [only, ...others] = this.#types.keys();
    return {
      name,
      source,
      type: only !== undefined && others.length === 0 ? only : 'text',
      entries: this.#entries,
      distinct: this.#values.size,
      isLeast: this.#isLeast,
      top: values.slice(0, most),
    };
  }
}

function typeOf(value: string): FieldType {
  if (/^[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(value)) return 'number';
  if (value === 'true' || value === 'false') return 'boolean';
  if (/^\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h)$/.test(value)) return 'duration';
  return /^\d+(?:\.\d+)? ?[KMGT]i?B$/i.test(value) ? 'bytes' : 'text';
}
