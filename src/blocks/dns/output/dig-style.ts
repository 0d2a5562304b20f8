/**
 * How dig lays out records. The columns are those of its three styles, counted in characters; a tab leads to the next
 * multiple of 8.
 *
 *     usual                    name      24 ttl   32 class   40 type   48 data
 *     +nottlid or +noclass     name      24 ttl or class     32 type   40 data
 *     +multiline, or neither   name      24 ttl class type             32 data
 */
export interface DigStyle {
  readonly multiline: boolean;
  readonly ttl: boolean;
  readonly class: boolean;
  /** `1h30m` in place of seconds. */
  readonly ttlUnits: boolean;
  /** Characters of a piece of base64 or hexadecimal; 0 does not split. Default 56, in several lines 44. */
  readonly split?: number;
  /** Without, keys and signatures are left out. */
  readonly crypto: boolean;
  /** Comments behind records: what kind of key it is. */
  readonly recordComments: boolean;
  /** All data as of an unknown type (RFC 3597). */
  readonly unknownFormat: boolean;
  /** IPv6 addresses in full. */
  readonly expandAaaa: boolean;
}

export const USUAL_STYLE: DigStyle = {
  multiline: false,
  ttl: true,
  class: true,
  ttlUnits: false,
  crypto: true,
  recordComments: false,
  unknownFormat: false,
  expandAaaa: false,
};

export interface DigColumns {
  readonly ttl: number;
  readonly class: number;
  readonly type: number;
  readonly data: number;
}

export function columnsOf({ multiline, ttl, class: rrClass }: DigStyle): DigColumns {
  if (multiline || (!ttl && !rrClass)) return { ttl: 24, class: 24, type: 24, data: 32 };
  if (!ttl || !rrClass) return { ttl: 24, class: 24, type: 32, data: 40 };
  return { ttl: 24, class: 32, type: 40, data: 48 };
}

const TAB = 8;

/** A line that knows how far it has come. */
export class DigLine {
  #text = '';
  #column = 0;

  add(text: string): this {
    this.#text += text;
    this.#column += text.length;
    return this;
  }

  /** Tabs, then spaces, to the column; at least one of them. */
  indent(column: number): this {
    const to = Math.max(column, this.#column + 1);
    const tabs = Math.max(0, Math.floor(to / TAB) - Math.floor(this.#column / TAB));
    const from = tabs > 0 ? Math.floor(to / TAB) * TAB : this.#column;
    this.#text += '\t'.repeat(tabs) + ' '.repeat(to - from);
    this.#column = to;
    return this;
  }

  toString(): string {
    return this.#text;
  }
}

const UNITS = [
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** Seconds → `1w2d`, or in words `1 week 2 days`. */
export function digPeriod(seconds: number, inWords: boolean): string {
  let left = seconds;
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0 || (size === 1 && parts.length === 0)) {
      parts.push(inWords ? `${count} ${unit}${count === 1 ? '' : 's'}` : `${count}${unit[0]}`);
    }
  }
  return parts.join(inWords ? ' ' : '');
}
