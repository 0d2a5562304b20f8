/** Structured metadata of entries: what transforms add to it, and the bounds of it (Loki's own: 128 fields, 64 KB an entry). */
import { emptyLabels, type Labels } from '../labels.js';

const MOST_FIELDS = 128;
const MOST_BYTES = 64 * 1024;
const LONGEST_NAME = 128;

/** The names that came last, cleaned; a program uses a few dozen. */
const cleaned = new Map<string, string>();
const REMEMBERED = 1000;

/** A name as Loki has it: letters, digits and `_`, no digit first. Other characters become `_`; empty is `_`. */
export function cleanName(name: string): string {
  const known = cleaned.get(name);
  if (known !== undefined) return known;
  const short = name.slice(0, LONGEST_NAME);
  const clean = short.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d|$)/, '_');
  if (name.length <= LONGEST_NAME) {
    if (cleaned.size >= REMEMBERED) cleaned.clear();
    cleaned.set(name, clean);
  }
  return clean;
}

/** Collects fields of one entry within the bounds; what is beyond them is left to the line, which is kept. */
export class Fields {
  readonly #labels: Record<string, string> = emptyLabels();
  #count = 0;
  #size = 0;

  constructor(before?: Labels) {
    if (before !== undefined) for (const name of Object.keys(before)) this.set(name, before[name] ?? '');
  }

  /** A field that is there already is replaced. False where there is no room. */
  set(name: string, value: string): boolean {
    const clean = cleanName(name);
    const old = this.#labels[clean];
    const size = this.#size + value.length - (old?.length ?? -clean.length);
    if (size > MOST_BYTES || (old === undefined && this.#count >= MOST_FIELDS)) return false;
    if (old === undefined) this.#count++;
    this.#size = size;
    this.#labels[clean] = value;
    return true;
  }

  get(name: string): string | undefined {
    return this.#labels[name];
  }

  /** Undefined where there is no field. */
  labels(): Labels | undefined {
    return this.#count === 0 ? undefined : this.#labels;
  }
}
