/**
 * What options a daemon takes, as data: checked alike whether they come as flags of `serve` or from ds.yaml, and the
 * source of the file that `ds init` writes.
 */

import { closest } from '../closest.js';
import type { DsError } from '../errors.js';
import { parseCount, parseDuration } from '../units.js';
import { configErrors } from './errors.js';

interface OptionBase {
  /** One line, with unit and effect, for ds.yaml and for people. */
  readonly about: string;
  /**
   * Key of the option without which this one says nothing. Its flag is then refused; ds.yaml may have both the way
   * `ds init` writes them, the other one commented out.
   */
  readonly onlyWith?: string;
}

export type OptionSpec =
  /** HOST:PORT, or `off` where the endpoint can be left out. */
  | (OptionBase & { readonly kind: 'address'; readonly default: string; readonly optional?: boolean })
  | (OptionBase & { readonly kind: 'path' })
  /** Any number of files, in the order given: the flag is repeated, ds.yaml has a list or a single one. */
  | (OptionBase & { readonly kind: 'paths' })
  /** Any text but an empty one, absent unless given; `value` is what help calls it: `URL`. The block reads it. */
  | (OptionBase & { readonly kind: 'text'; readonly value: string })
  /** Any number of them, in the order given, as `paths` are. */
  | (OptionBase & { readonly kind: 'texts'; readonly value: string })
  /** Mappings and lists, absent unless given, in ds.yaml alone: the block reads them. `value` is one such, to be filled in. */
  | (OptionBase & { readonly kind: 'tree'; readonly value: string })
  /** A whole number, both bounds included: `50000`, `50_000`, `5e4`. */
  | (OptionBase & { readonly kind: 'count'; readonly min: number; readonly max: number; readonly default: number })
  | (OptionBase & { readonly kind: 'switch'; readonly default: boolean })
  | (OptionBase & { readonly kind: 'choice'; readonly choices: readonly string[]; readonly default: string })
  /** `250ms`, `10s`; milliseconds once checked. */
  | (OptionBase & { readonly kind: 'duration'; readonly default: string });

export type OptionSchema = Readonly<Record<string, OptionSpec>>;

interface ValueOfKind {
  readonly address: string;
  readonly path: string | undefined;
  readonly paths: readonly string[];
  readonly text: string | undefined;
  readonly texts: readonly string[];
  readonly tree: unknown;
  readonly switch: boolean;
  readonly choice: string;
  readonly duration: number;
  readonly count: number;
}

type ValueOf<Spec extends OptionSpec> = ValueOfKind[Spec['kind']];

/** Options once checked: every one present, defaults filled in, durations in milliseconds, lists empty unless given. */
export type Checked<Schema extends OptionSchema> = { readonly [Key in keyof Schema]: ValueOf<Schema[Key]> };

/**
 * Checks options as they come from flags or ds.yaml. Undefined means absent.
 * Error: `config.invalid` (details: key, and the nearest known key for an unknown one).
 */
export function checkOptions<Schema extends OptionSchema>(
  schema: Schema,
  raw: Readonly<Record<string, unknown>>,
): Checked<Schema> {
  for (const key of Object.keys(raw)) {
    if (!Object.hasOwn(schema, key)) throw unknownKey(kebab(key), Object.keys(schema).map(kebab));
  }
  const checked: Record<string, unknown> = {};
  for (const [key, spec] of Object.entries(schema)) checked[key] = checkValue(kebab(key), spec, raw[key]);
  return checked as Checked<Schema>;
}

/** `config.invalid` for a key that nobody knows, with the nearest known one. */
export function unknownKey(key: string, known: readonly string[]): DsError {
  const nearest = closest(key, known);
  return configErrors.error('config.invalid', `there is no option "${key}"`, {
    hint: nearest === undefined ? `known are: ${known.join(', ')}` : `did you mean ${nearest}?`,
    details: { key, ...(nearest !== undefined && { nearest }) },
  });
}

/** The options that `ds init` writes: those with a default. Keys in lower camel case. */
export function defaultsOf(schema: OptionSchema): Record<string, string | boolean | number> {
  const defaults: Record<string, string | boolean | number> = {};
  for (const [key, spec] of Object.entries(schema)) if ('default' in spec) defaults[key] = spec.default;
  return defaults;
}

/** `onClockBack` → `on-clock-back`: in ds.yaml an option is called what its flag is called. */
export function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Of which any number can be given. */
export function isList(spec: OptionSpec): spec is Extract<OptionSpec, { readonly kind: 'paths' | 'texts' }> {
  return spec.kind === 'paths' || spec.kind === 'texts';
}

export function camel(key: string): string {
  return key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function checkValue(key: string, spec: OptionSpec, value: unknown): unknown {
  if (isList(spec)) return checkList(key, spec, value);
  if (spec.kind === 'tree') return value;
  if (spec.kind === 'path' || spec.kind === 'text') {
    return value === undefined || isText(value) ? value : refuse(key, value, wantedText(spec));
  }
  const given = value === undefined ? spec.default : value;
  switch (spec.kind) {
    case 'address':
      if (typeof given === 'number' && Number.isInteger(given)) return String(given);
      return isText(given) ? given : refuse(key, given, 'HOST:PORT');
    case 'switch':
      return typeof given === 'boolean' ? given : refuse(key, given, 'true or false');
    case 'choice':
      if (typeof given === 'string' && spec.choices.includes(given)) return given;
      return refuse(key, given, `one of ${spec.choices.join(', ')}`);
    case 'duration':
      return (
        (typeof given === 'string' ? parseDuration(given) : undefined) ?? refuse(key, given, 'a duration such as 10s')
      );
    case 'count':
      return checkCount(key, spec, given);
  }
}

/** One text is a list of one, so that ds.yaml needs no brackets where there is one file. */
function checkList(key: string, spec: OptionSpec, value: unknown): readonly string[] {
  const list: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return list.map((item) => (isText(item) ? item : refuse(key, item, `${wantedText(spec)}, or a list of such`)));
}

function checkCount(key: string, { min, max }: { readonly min: number; readonly max: number }, given: unknown): number {
  const count = typeof given === 'string' ? parseCount(given) : given;
  if (typeof count === 'number' && Number.isInteger(count) && count >= min && count <= max) return count;
  return refuse(key, given, `a whole number from ${min} to ${max}`);
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

function wantedText({ kind, about }: OptionSpec): string {
  return kind === 'path' || kind === 'paths' ? 'the path of a file' : `a text: ${about}`;
}

function refuse(key: string, value: unknown, wanted: string): never {
  throw configErrors.error('config.invalid', `${key} cannot be ${JSON.stringify(value)}`, {
    hint: `${key} is ${wanted}`,
    details: { key },
  });
}
