/** What SORT takes behind the key. */
import type { ByteString } from '../../bytes.js';
import { syntaxError } from '../../errors.js';
import { readCount } from '../numbers.js';

export interface SortOptions {
  readonly descending: boolean;
  /** By bytes; otherwise by numbers. */
  readonly alpha: boolean;
  /** First place, and how many; negative: all. */
  readonly offset: number;
  readonly count: number;
  /** Pattern of what stands for an element; undefined: the element itself. */
  readonly by: ByteString | undefined;
  /** Patterns of what is answered for each element; none: the element. */
  readonly get: readonly ByteString[];
  readonly store: ByteString | undefined;
}

interface Option {
  /** Arguments behind its name. */
  readonly takes: number;
  apply(values: readonly ByteString[], before: SortOptions): Partial<SortOptions>;
}

const OPTIONS: Readonly<Record<string, Option>> = {
  asc: { takes: 0, apply: () => ({ descending: false }) },
  desc: { takes: 0, apply: () => ({ descending: true }) },
  alpha: { takes: 0, apply: () => ({ alpha: true }) },
  limit: {
    takes: 2,
    apply: ([offset = '', count = '']) => ({ offset: readCount(offset), count: readCount(count) }),
  },
  by: { takes: 1, apply: ([by]) => ({ by }) },
  get: { takes: 1, apply: (patterns, { get }) => ({ get: [...get, ...patterns] }) },
  store: { takes: 1, apply: ([store]) => ({ store }) },
};

const DEFAULTS: SortOptions = {
  descending: false,
  alpha: false,
  offset: 0,
  count: -1,
  by: undefined,
  get: [],
  store: undefined,
};

/** Errors: syntax error; not an integer. */
export function readSortOptions(args: readonly ByteString[], readOnly: boolean): SortOptions {
  let options = DEFAULTS;
  for (let i = 0; i < args.length; ) {
    const name = args[i]?.toLowerCase() ?? '';
    const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (option === undefined || (readOnly && name === 'store')) throw syntaxError();
    const end = i + 1 + option.takes;
    if (end > args.length) throw syntaxError();
    options = { ...options, ...option.apply(args.slice(i + 1, end), options) };
    i = end;
  }
  return options;
}
