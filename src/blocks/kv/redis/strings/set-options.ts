/** What SET takes behind the value, and GETEX behind the key. */
import type { ByteString } from '../../bytes.js';
import { syntaxError } from '../../errors.js';
import { arg } from '../command.js';
import { type ExpiryUnit, unitOfOption } from '../expiry-options.js';

export interface SetOptions {
  /** Only where there is no such key, only where there is one. */
  condition: 'NX' | 'XX' | undefined;
  /** Valkey's: only where the key holds this. */
  equals: ByteString | undefined;
  /** Answers what the key held. */
  get: boolean;
  /** Keeps the key's time. */
  keep: boolean;
  unit: ExpiryUnit | undefined;
  /** The argument of the unit. */
  time: ByteString;
}

/** Error: syntax error, for unknown options and those that exclude each other. */
export function readSetOptions(args: readonly ByteString[], from: number): SetOptions {
  const options: SetOptions = {
    condition: undefined,
    equals: undefined,
    get: false,
    keep: false,
    unit: undefined,
    time: '',
  };
  for (let at = from; at < args.length; at++) {
    const name = arg(args, at).toUpperCase();
    const next = args[at + 1];
    if (name === 'GET') options.get = true;
    else if (name === 'KEEPTTL' && options.unit === undefined) options.keep = true;
    else if ((name === 'NX' || name === 'XX') && takesCondition(options, name)) options.condition = name;
    else if (next === undefined) throw syntaxError();
    else {
      if (name === 'IFEQ' && options.condition === undefined && options.equals === undefined) options.equals = next;
      else setUnit(options, name, next);
      at++;
    }
  }
  return options;
}

const takesCondition = ({ condition, equals }: SetOptions, name: 'NX' | 'XX'): boolean =>
  equals === undefined && (condition === undefined || condition === name);

function setUnit(options: SetOptions, name: string, time: ByteString): void {
  const unit = unitOfOption(name);
  // The same unit may be given again, the last one counts: Redis's own laxness.
  if (unit === undefined || options.keep || (options.unit !== undefined && options.unit !== unit)) throw syntaxError();
  options.unit = unit;
  options.time = time;
}

export interface GetExOptions {
  readonly persist: boolean;
  readonly unit: ExpiryUnit | undefined;
  readonly time: ByteString;
}

/** Error: syntax error. */
export function readGetExOptions(args: readonly ByteString[]): GetExOptions {
  let persist = false;
  let unit: ExpiryUnit | undefined;
  let time = '';
  for (let at = 1; at < args.length; at++) {
    const name = arg(args, at).toUpperCase();
    const next = args[at + 1];
    if (name === 'PERSIST' && unit === undefined) {
      persist = true;
      continue;
    }
    const named = unitOfOption(name);
    if (named === undefined || next === undefined || persist || (unit !== undefined && unit !== named)) {
      throw syntaxError();
    }
    unit = named;
    time = next;
    at++;
  }
  return { persist, unit, time };
}
