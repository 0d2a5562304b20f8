/** Parameters of CONFIG: what Redis's clients and tests ask for, as it is here. */
import type { ByteString } from '../../bytes.js';
import type { EncodingLimits } from '../encodings.js';
import { parseInteger } from '../numbers.js';

export const IMMUTABLE = "can't set immutable config";

export interface ConfigParameter {
  /** Lower case, as Redis's. */
  readonly name: string;
  get(): ByteString;
  /** Takes effect at once. Returns why the value is refused, in Redis's words, or undefined. Without it the parameter is fixed. */
  readonly set?: (value: ByteString) => string | undefined;
}

/** What Redis fixes when it starts. */
const fixedParameter = (name: string, value: ByteString): ConfigParameter => ({ name, get: () => value });

/** What could be set in Redis; here only to what it is. */
export const givenParameter = (name: string, value: ByteString): ConfigParameter => ({
  name,
  get: () => value,
  set: (wanted) => (wanted.toLowerCase() === value ? undefined : IMMUTABLE),
});

/** A whole number that can be set. */
function numberParameter(
  name: string,
  { least, most }: { readonly least: bigint; readonly most: bigint },
  get: () => number,
  set: (value: number) => void,
): ConfigParameter {
  return {
    name,
    get: () => `${get()}`,
    set: (text) => {
      const value = parseInteger(text);
      if (value === undefined) return "argument couldn't be parsed into an integer";
      if (value < least || value > most) return `argument must be between ${least} and ${most} inclusive`;
      set(Number(value));
      return undefined;
    },
  };
}

const COUNT = { least: 0n, most: 2n ** 63n - 1n };
const INT = { least: -(2n ** 31n), most: 2n ** 31n - 1n };

/** The old names, with ziplist, are still in use. */
const ENCODING_LIMITS: Readonly<Record<string, keyof EncodingLimits>> = {
  'hash-max-listpack-entries': 'hashEntries',
  'hash-max-ziplist-entries': 'hashEntries',
  'hash-max-listpack-value': 'hashBytes',
  'hash-max-ziplist-value': 'hashBytes',
  'set-max-intset-entries': 'setIntegers',
  'zset-max-listpack-entries': 'zsetEntries',
  'zset-max-ziplist-entries': 'zsetEntries',
  'zset-max-listpack-value': 'zsetBytes',
  'zset-max-ziplist-value': 'zsetBytes',
};

/** What OBJECT ENCODING answers by. */
export function encodingParameters(limits: EncodingLimits): readonly ConfigParameter[] {
  return Object.entries(ENCODING_LIMITS).map(([name, limit]) =>
    numberParameter(
      name,
      COUNT,
      () => limits[limit],
      (value) => {
        limits[limit] = value;
      },
    ),
  );
}

/**
 * How Redis is to lay values out in its memory; no answer of Redis 7.0's depends on them. Nothing is laid out so here: they are kept, so that
 * programs which tune them go on.
 */
export function layoutParameters(): readonly ConfigParameter[] {
  const kept = { listSize: -2, listDepth: 0, setEntries: 128, setBytes: 64 };
  const parameter = (name: string, key: keyof typeof kept) =>
    numberParameter(
      name,
      INT,
      () => kept[key],
      (value) => {
        kept[key] = value;
      },
    );
  return [
    parameter('list-max-listpack-size', 'listSize'),
    parameter('list-max-ziplist-size', 'listSize'),
    parameter('list-compress-depth', 'listDepth'),
    parameter('set-max-listpack-entries', 'setEntries'),
    parameter('set-max-listpack-value', 'setBytes'),
  ];
}

/** True of every store of this kind. */
export const storeParameters: readonly ConfigParameter[] = [
  // Each turn is in the file before it is answered; there are no snapshots beside it.
  givenParameter('save', ''),
  givenParameter('appendonly', 'yes'),
  fixedParameter('databases', '16'),
  // Keys are never evicted: what memory does not hold is read from the file.
  givenParameter('maxmemory', '0'),
  givenParameter('maxmemory-policy', 'noeviction'),
  givenParameter('lazyfree-lazy-expire', 'yes'),
  givenParameter('lazyfree-lazy-server-del', 'yes'),
  givenParameter('lazyfree-lazy-user-del', 'yes'),
  givenParameter('lazyfree-lazy-user-flush', 'yes'),
  fixedParameter('cluster-enabled', 'no'),
  givenParameter('notify-keyspace-events', ''),
];
