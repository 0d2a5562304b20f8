/**
 * The labels of the entry that goes through a pipeline. One object serves all entries: nothing is made for a label that is only looked at.
 *
 *     stream      {app="shop"}           never changed; what a stage sets or drops lies over it
 *     metadata    {trace="4f2a"}         the same; a name that the stream has gets `_extracted` behind it
 *     extracted   parsers and formats
 *     error       the first thing that went wrong: __error__ and __error_details__
 */
import { emptyLabels, type Labels } from '../../labels.js';

export const ERROR_LABEL = '__error__';
export const ERROR_DETAILS_LABEL = '__error_details__';
const DUPLICATE_SUFFIX = '_extracted';

export type StageError =
  | 'JSONParserErr'
  | 'LogfmtParserErr'
  | 'SampleExtractionErr'
  | 'LabelFilterErr'
  | 'TemplateFormatErr';

export class EntryLabels {
  #stream: Labels = emptyLabels();
  #metadata: Labels | undefined;
  readonly #extracted = new Map<string, string>();
  readonly #removed = new Set<string>();
  #error: string | undefined;
  #errorDetails: string | undefined;

  /** Begins anew for an entry. */
  reset(stream: Labels, metadata: Labels | undefined): void {
    this.#stream = stream;
    this.#metadata = metadata === undefined ? undefined : withoutDuplicates(stream, metadata);
    if (this.#extracted.size > 0) this.#extracted.clear();
    if (this.#removed.size > 0) this.#removed.clear();
    this.#error = undefined;
    this.#errorDetails = undefined;
  }

  get(name: string): string | undefined {
    if (name === ERROR_LABEL) return this.#error;
    if (name === ERROR_DETAILS_LABEL) return this.#errorDetails;
    const extracted = this.#extracted.get(name);
    if (extracted !== undefined) return extracted;
    if (this.#removed.size > 0 && this.#removed.has(name)) return undefined;
    return this.#stream[name] ?? this.#metadata?.[name];
  }

  set(name: string, value: string): void {
    this.#extracted.set(name, value);
  }

  /** What a parser found: of two values for one name the first stands. */
  setParsed(name: string, value: string): void {
    if (!this.#extracted.has(name)) this.#extracted.set(name, value);
  }

  /** The name under which a parser may set `name`: what stream and metadata have is not overwritten. Metadata that was dropped counts no more. */
  nameFor(name: string): string {
    const inMetadata = this.#metadata?.[name] !== undefined && !this.#removed.has(name);
    return inMetadata || this.#stream[name] !== undefined ? name + DUPLICATE_SUFFIX : name;
  }

  delete(name: string): void {
    if (name === ERROR_LABEL) this.#error = undefined;
    else if (name === ERROR_DETAILS_LABEL) this.#errorDetails = undefined;
    else {
      this.#extracted.delete(name);
      this.#removed.add(name);
    }
  }

  get hasError(): boolean {
    return this.#error !== undefined;
  }

  setError(error: StageError, details: string): void {
    this.#error = error;
    this.#errorDetails = details;
  }

  /** As `setError`, unless there is an error: the first one says more. */
  setFirstError(error: StageError, details: string): void {
    if (this.#error === undefined) this.setError(error, details);
  }

  /** Whether the labels are those of the stream, and nothing else. */
  get untouched(): boolean {
    const { size } = this.#extracted;
    return size === 0 && this.#removed.size === 0 && this.#metadata === undefined && this.#error === undefined;
  }

  /** All of them; those with an empty value count as absent, but the ones of the stream. */
  toLabels(): Labels {
    if (this.untouched) return this.#stream;
    const labels = emptyLabels();
    for (const layer of [this.#metadata, this.#stream]) {
      if (layer === undefined) continue;
      for (const name in layer) if (!this.#removed.has(name)) labels[name] = layer[name] ?? '';
    }
    for (const [name, value] of this.#extracted) labels[name] = value;
    if (this.#error !== undefined) labels[ERROR_LABEL] = this.#error;
    if (this.#errorDetails !== undefined) labels[ERROR_DETAILS_LABEL] = this.#errorDetails;
    return labels;
  }

  names(): string[] {
    return Object.keys(this.toLabels());
  }
}

function withoutDuplicates(stream: Labels, metadata: Labels): Labels {
  let renamed: Record<string, string> | undefined;
  for (const name in metadata) {
    if (stream[name] === undefined) continue;
    renamed ??= Object.assign(emptyLabels(), metadata);
    delete renamed[name];
    renamed[name + DUPLICATE_SUFFIX] = metadata[name] ?? '';
  }
  return renamed ?? metadata;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const NOT_OF_A_NAME = /[^A-Za-z0-9_]/gu;
const MAX_CACHED_NAMES = 4096;
const MAX_CACHED_LENGTH = 64;

/** Keys of lines as names of labels: `a-b` is `a_b`, `9x` is `_9x`. The same keys come with each line, so answers are kept. */
export class LabelNames {
  readonly #names = new Map<string, string>();

  /** Empty where nothing of the key is left. */
  nameOf(key: string): string {
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = sanitize(key, true);
    if (key.length <= MAX_CACHED_LENGTH && this.#names.size < MAX_CACHED_NAMES) this.#names.set(key, name);
    return name;
  }
}

/** `first`: the key begins a name, which may not begin with a digit. */
export function sanitize(key: string, first: boolean): string {
  if (NAME.test(key)) return key;
  const trimmed = key.trim();
  if (trimmed === '') return '';
  const digit = first && /^\d/.test(trimmed);
  return `${digit ? '_' : ''}${trimmed.replace(NOT_OF_A_NAME, '_')}`;
}
