/** Parameters of Loki's API, read as Loki reads them (pkg/loghttp/params.go). Times are nanoseconds since the Unix epoch. */
import type { DsError } from '../../../platform/errors.js';
import { parseDuration } from '../../../platform/units.js';
import type { Direction } from '../entry-source.js';
import { logErrors } from '../errors.js';
import type { TimeRange } from '../log-store.js';
import { readTime } from '../wire/time-text.js';

const DEFAULT_LIMIT = 100;
/** Loki's max_entries_limit_per_query is 5,000; here the size of the answer is bounded as well. */
export const MOST_ENTRIES = 50_000;
const DEFAULT_SINCE_NS = 3_600n * 1_000_000_000n;
/** Points of one series, as in Loki and Prometheus. */
const MOST_POINTS = 11_000n;
/** What a step is unless told: so many points, and not less than a second. */
const USUAL_POINTS = 250n;
const SECOND = 1_000_000_000n;
/** Integers of so few digits are seconds. */
const SECONDS_DIGITS = 10;

export class Params {
  readonly #params: URLSearchParams;

  constructor(params: URLSearchParams) {
    this.#params = params;
  }

  text(name: string): string | undefined {
    return this.#params.get(name) || undefined;
  }

  all(name: string): readonly string[] {
    return this.#params.getAll(name);
  }

  pairs(): Iterable<readonly [string, string]> {
    return this.#params;
  }

  /** Error: `log.bad_parameter`. */
  required(name: string): string {
    return this.text(name) ?? refuse(`the parameter ${name} is missing`);
  }

  limit(): number {
    return this.count('limit', DEFAULT_LIMIT);
  }

  /** Of entries, series, fields: from 1 to what a query may answer with. */
  count(name: string, usual: number): number {
    const text = this.text(name) ?? String(usual);
    const count = /^-?\d{1,9}$/.test(text) ? Number(text) : refuse(`${name} cannot be ${JSON.stringify(text)}`);
    if (count <= 0) refuse(`${name} must be a positive value`);
    if (count > MOST_ENTRIES) refuse(`max entries limit per query exceeded, ${name} > ${MOST_ENTRIES} (${count})`);
    return count;
  }

  direction(): Direction {
    const text = this.text('direction')?.toLowerCase() ?? 'backward';
    return text === 'forward' || text === 'backward' ? text : refuse(`direction cannot be ${JSON.stringify(text)}`);
  }

  time(name: string): bigint | undefined {
    const text = this.text(name);
    return text === undefined
      ? undefined
      : (readLokiTime(text) ?? refuse(`${name} is no time: ${JSON.stringify(text)}`));
  }

  /** `start` and `end`, or `since`: the last hour unless told. */
  range(now: bigint): TimeRange {
    const end = this.time('end') ?? now;
    const since = this.#duration('since') ?? DEFAULT_SINCE_NS;
    const start = this.time('start') ?? (end < now ? end : now) - since;
    if (end < start) refuse('the end is before the start');
    return { start, end };
  }

  step({ start, end }: TimeRange): bigint {
    const span = (end - start) / SECOND;
    const usual = span / USUAL_POINTS;
    const step = this.#duration('step') ?? (usual > 1n ? usual : 1n) * SECOND;
    if (step <= 0n) refuse('zero or negative query resolution step widths are not accepted. Try a positive integer');
    if ((end - start) / step > MOST_POINTS) {
      refuse(
        `exceeded maximum resolution of ${MOST_POINTS} points per time series. Try decreasing the query resolution (?step=XX)`,
      );
    }
    return step;
  }

  /** Nanoseconds that entries of an answer are apart at least; 0: all are answered. */
  interval(): bigint {
    return this.#duration('interval') ?? 0n;
  }

  /** `30s`, `1h30m`, or a number of seconds. */
  #duration(name: string): bigint | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (/^\d{1,12}(\.\d{1,9})?$/.test(text)) return BigInt(Math.round(Number(text) * 1e9));
    const ms = parseDuration(text) ?? refuse(`${name} is no duration: ${JSON.stringify(text)}`);
    return BigInt(ms) * 1_000_000n;
  }
}

/** `1700000000` seconds, `1700000000.5`, nanoseconds, or RFC 3339. */
function readLokiTime(text: string): bigint | undefined {
  if (/^-?\d{1,19}$/.test(text)) return text.length <= SECONDS_DIGITS ? BigInt(text) * SECOND : BigInt(text);
  const [, seconds, fraction] = /^(\d{1,11})\.(\d{1,9})\d*$/.exec(text) ?? [];
  if (seconds !== undefined && fraction !== undefined)
    return BigInt(seconds) * SECOND + BigInt(fraction.padEnd(9, '0'));
  return readTime(text);
}

function refuse(message: string): never {
  throw badParameter(message);
}

export function badParameter(message: string): DsError {
  return logErrors.error('log.bad_parameter', message);
}
