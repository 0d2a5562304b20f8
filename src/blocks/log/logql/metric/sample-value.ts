/** The number that a function of a range takes from an entry. */
import type { EntryLabels } from '../pipeline/entry-labels.js';
import { labelFilterStage } from '../pipeline/label-filter.js';
import type { EntryState, StageFunction } from '../pipeline/stage.js';
import type { LogRange, RangeOperation } from '../syntax/ast.js';
import { parseBytes, parseDuration, parseFloatText } from '../syntax/units.js';

export class SampleValue {
  readonly #label: string | undefined;
  readonly #read: (text: string) => number | undefined;
  readonly #conversion: string;
  readonly #filters: readonly StageFunction[];
  /** Whether it is the length of the line. */
  readonly isOfBytes: boolean;

  constructor({ unwrap }: LogRange, operation: RangeOperation) {
    this.#label = unwrap?.label;
    this.#conversion = unwrap?.conversion ?? 'number';
    this.#read = READERS[this.#conversion] ?? parseFloatText;
    this.#filters = (unwrap?.filters ?? []).map(labelFilterStage);
    this.isOfBytes = operation === 'bytes_over_time' || operation === 'bytes_rate';
  }

  /** Undefined where the entry has none; a value that cannot be read is an error of the entry, which a filter behind unwrap may take out. */
  of(state: EntryState & { readonly labels: EntryLabels }): number | undefined {
    if (this.#label === undefined) return this.isOfBytes ? Buffer.byteLength(state.line) : 1;
    const text = state.labels.get(this.#label);
    if (text === undefined || text === '') return undefined;
    const value = this.#read(text);
    if (value === undefined) {
      state.labels.setError(
        'SampleExtractionErr',
        `${this.#label} is no ${this.#conversion}: ${JSON.stringify(text.slice(0, 100))}`,
      );
    }
    for (const filter of this.#filters) if (!filter(state)) return undefined;
    return value ?? 0;
  }
}

function readSeconds(text: string): number | undefined {
  const nanos = parseDuration(text);
  return nanos === undefined ? undefined : nanos / 1e9;
}

const READERS: Readonly<Record<string, (text: string) => number | undefined>> = {
  bytes: parseBytes,
  duration: readSeconds,
  duration_seconds: readSeconds,
};
