/** Flags that mean the same in every command: units, bounds and one way to say what is wrong. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { OptionFlag } from '@oclif/core/interfaces';
import { systemClock } from '../clock.js';
import type { TextFlag } from '../config/text-flag.js';
import type { DsError } from '../errors.js';
import {
  formatDuration,
  formatSize,
  parseCount,
  parseDuration,
  parseInstant,
  parseRate,
  parseSize,
  type Rate,
} from '../units.js';
import { cliErrors } from './errors.js';

/** `--timeout` was given `5 parsecs`: what was wrong, with the value, and how it is written. */
export function invalidValue(what: string, input: string, expected: string, hint?: string): DsError {
  return cliErrors.error('usage.invalid_value', `${what} is ${JSON.stringify(input)}, not ${expected}`, {
    ...(hint === undefined ? {} : { hint }),
    details: { flag: what, value: input },
  });
}

/** Both ends included. */
interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

function checkBounds(
  flag: string,
  input: string,
  value: number,
  bounds: Bounds,
  show: (value: number) => string,
): number {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = bounds;
  if (value >= min && value <= max) return value;
  const bound = show(value < min ? min : max);
  throw invalidValue(flag, input, `${bound} or ${value < min ? 'more' : 'less'}`, `write ${flag} ${bound}`);
}

/** `250ms 5s 2m 1h 7d` → milliseconds. */
export const durationFlag = Flags.custom<number, { min?: number; max?: number }>({
  helpValue: 'DURATION',
  defaultHelp: async ({ options }) =>
    typeof options.default === 'number' ? formatDuration(options.default) : undefined,
  parse: async (input, _context, options) => {
    const flag = `--${options.name}`;
    const ms = parseDuration(input);
    if (ms === undefined) throw invalidValue(flag, input, 'a duration', `write ${flag} 250ms, 5s, 2m, 1h or 7d`);
    return checkBounds(flag, input, ms, options, formatDuration);
  },
});

/** `64KB 10MiB` → bytes. */
export const sizeFlag = Flags.custom<number, { min?: number; max?: number }>({
  helpValue: 'SIZE',
  defaultHelp: async ({ options }) => (typeof options.default === 'number' ? formatSize(options.default) : undefined),
  parse: async (input, _context, options) => {
    const flag = `--${options.name}`;
    const bytes = parseSize(input);
    if (bytes === undefined) throw invalidValue(flag, input, 'a size', `write ${flag} 4096, 64KB or 10MiB`);
    return checkBounds(flag, input, bytes, options, (value) => formatSize(value).replace(' ', ''));
  },
});

/** `100/s 5/min` → a Rate. */
export const rateFlag = Flags.custom<Rate>({
  helpValue: 'RATE',
  defaultHelp: async ({ options }) =>
    typeof options.default === 'object'
      ? `${options.default.count}/${formatDuration(options.default.perMs)}`
      : undefined,
  parse: async (input, _context, options) => {
    const rate = parseRate(input);
    if (rate === undefined)
      throw invalidValue(`--${options.name}`, input, 'a rate', `write --${options.name} 100/s or 5/min`);
    return rate;
  },
});

/** For commands that read a time of their own: in a zone. */
export function invalidTime(flag: string, input: string): DsError {
  return invalidValue(flag, input, 'a time', `write ${flag} 2026-01-31T12:00:00Z, 1769860800000 or -1h`);
}

/** ISO 8601, epoch milliseconds, `now`, or relative (`-1h`) → milliseconds since the Unix epoch. */
export const timeFlag = Flags.custom<number>({
  helpValue: 'TIME',
  parse: async (input, _context, options) => {
    const instant = parseInstant(input, systemClock.now());
    if (instant === undefined) throw invalidTime(`--${options.name}`, input);
    return instant;
  },
});

/** As {@link timeFlag}, or a duration: `30d` is 30 days ago. */
export const sinceFlag = Flags.custom<number>({
  helpValue: 'TIME',
  parse: async (input, _context, options) => {
    const now = systemClock.now();
    const ago = parseDuration(input);
    const instant = ago === undefined ? parseInstant(input, now) : now - ago;
    if (instant !== undefined) return instant;
    const flag = `--${options.name}`;
    throw invalidValue(flag, input, 'a time', `write ${flag} 30d, 2h or 2026-01-31T12:00:00Z`);
  },
});

/** A whole number within bounds; from 1 to 2^53 - 1 unless told otherwise. `1_000_000` and `1e6` are read too. */
export const countFlag = Flags.custom<number, { min?: number; max?: number }>({
  helpValue: 'N',
  parse: async (input, _context, options) => {
    const flag = `--${options.name}`;
    const value = parseCount(input);
    if (value === undefined) throw invalidValue(flag, input, 'a whole number', `write ${flag} 10`);
    const bounds = { min: options.min ?? 1, max: options.max ?? Number.MAX_SAFE_INTEGER };
    return checkBounds(flag, input, value, bounds, String);
  },
});

const HIGHEST_UINT32 = 2 ** 32 - 1;

/** Serial numbers and the like: 0 to 2^32 - 1, decimal. */
export const uint32Arg = Args.custom<number>({
  parse: async (input, _context, options) => {
    const value = /^\d{1,10}$/.test(input) ? Number(input) : Number.NaN;
    if (value <= HIGHEST_UINT32) return value;
    throw invalidValue(options.name.toUpperCase(), input, `a number from 0 to ${HIGHEST_UINT32}`);
  },
});

const HIGHEST_INT64 = 2n ** 63n - 1n;

/** Numbers and tokens that stores keep in signed 64-bit integers: 1 to 2^63 - 1, decimal. */
export const int64Arg = Args.custom<bigint>({
  parse: async (input, _context, options) => {
    const value = /^\d{1,19}$/.test(input) ? BigInt(input) : 0n;
    if (value >= 1n && value <= HIGHEST_INT64) return value;
    throw invalidValue(options.name.toUpperCase(), input, `a number from 1 to ${HIGHEST_INT64}`);
  },
});

type TextFlags<Specs extends Readonly<Record<string, TextFlag>>> = {
  -readonly [Name in keyof Specs]: Specs[Name] extends { readonly multiple: true }
    ? OptionFlag<string[] | undefined>
    : Specs[Name] extends { readonly choices: readonly (infer Choice extends string)[] }
      ? OptionFlag<Choice | undefined>
      : OptionFlag<string | undefined>;
};

/** Flags that a block describes as data and reads itself; those that are not given are absent. */
export function textFlags<const Specs extends Readonly<Record<string, TextFlag>>>(specs: Specs): TextFlags<Specs> {
  const flags = Object.entries(specs).map(([name, { value, about, choices, byDefault, multiple }]) => {
    const flag = {
      ...{ description: about, helpValue: value },
      ...(choices === undefined ? {} : { options: [...choices] }),
      ...(byDefault === undefined ? {} : { defaultHelp: async () => byDefault }),
    };
    return [
      name,
      multiple === true ? Flags.string({ ...flag, multiple: true, multipleNonGreedy: true }) : Flags.string(flag),
    ] as const;
  });
  return Object.fromEntries(flags) as TextFlags<Specs>;
}
