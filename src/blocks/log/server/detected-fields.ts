/** Fields of entries: their structured metadata, what the query extracted, and what their lines have that a parser would make labels of. */
import { logErrors } from '../errors.js';
import type { Entry } from '../log-store.js';
import { type FieldType, isMadeByQuery, LineFieldReader, typeOfValue } from '../logql/index.js';

/** Characters of names and values that are kept. */
const MOST_KEPT = 32 * 1024 * 1024;
/** Of a value and what keeps it. */
const VALUE_OVERHEAD = 64;

interface Field {
  type: FieldType;
  readonly values: Set<string>;
  readonly parsers: Set<string>;
}

export interface DetectedField {
  readonly label: string;
  readonly type: FieldType;
  readonly cardinality: number;
  /** Null: no parser is needed. */
  readonly parsers: readonly string[] | null;
}

export class DetectedFields {
  readonly #mostFields: number;
  /** The one field that is of interest. */
  readonly #only: string | undefined;
  readonly #reader = new LineFieldReader();
  readonly #fields = new Map<string, Field>();
  #kept = 0;

  constructor(mostFields: number, only?: string) {
    this.#mostFields = mostFields;
    this.#only = only;
  }

  /** Error: `log.query_limit`. */
  add({ line, labels, stream, metadata }: Entry): void {
    for (const name in labels) {
      const value = labels[name];
      if (value === undefined || stream[name] === value || isMadeByQuery(name)) continue;
      this.#note(name, value, metadata?.[name] === value ? undefined : '');
    }
    const { parser, fields } = this.#reader.read(line, stream);
    for (const [name, value] of fields) this.#note(name, value, parser);
  }

  get fields(): readonly DetectedField[] {
    const all = [...this.#fields].map(([label, { type, values, parsers }]) => ({
      label,
      type,
      cardinality: values.size,
      parsers: parsers.size === 0 ? null : [...parsers].sort(),
    }));
    return all.sort((a, b) => (a.label < b.label ? -1 : 1));
  }

  /** Of the one field. */
  get values(): readonly string[] {
    return [...(this.#fields.get(this.#only ?? '')?.values ?? [])].sort();
  }

  /** `parser`: absent where it is of metadata; empty where the query extracted it, and need not be asked to. */
  #note(name: string, value: string, parser: string | undefined): void {
    if (this.#only !== undefined && name !== this.#only) return;
    const field = this.#fields.get(name) ?? this.#newField(name, value);
    if (field === undefined) return;
    if (parser) field.parsers.add(parser);
    if (field.values.has(value)) return;
    this.#keep(value.length);
    field.values.add(value);
    field.type = common(field.type, typeOfValue(value));
  }

  #newField(name: string, value: string): Field | undefined {
    if (this.#fields.size >= this.#mostFields) return undefined;
    const field = { type: typeOfValue(value), values: new Set<string>(), parsers: new Set<string>() };
    this.#keep(name.length);
    this.#fields.set(name, field);
    return field;
  }

  #keep(length: number): void {
    this.#kept += length + VALUE_OVERHEAD;
    if (this.#kept <= MOST_KEPT) return;
    throw logErrors.error(
      'log.query_limit',
      `the fields of these lines have more than ${MOST_KEPT} bytes: ask with a lower line_limit`,
    );
  }
}

/** Of values that differ: a number where all are, else text. */
function common(a: FieldType, b: FieldType): FieldType {
  if (a === b) return a;
  return (a === 'int' && b === 'float') || (a === 'float' && b === 'int') ? 'float' : 'string';
}
