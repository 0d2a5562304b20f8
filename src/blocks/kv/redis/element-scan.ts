/** HSCAN, SSCAN and ZSCAN: elements in the order of their names, so that whatever is there throughout is found. */
import { bytes, type Reply } from '../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../bytes.js';
import { fieldsAfter, type ScannedField, scoresAfter } from '../collections/members.js';
import type { CollectionEntry } from '../entry.js';
import { syntaxError } from '../errors.js';
import type { Call } from './command.js';
import { Glob } from './glob.js';
import { placeOf, readCursor } from './keys/scan-options.js';
import { readCount } from './numbers.js';

const DEFAULT_COUNT = 10;
/** A collection of so many elements is answered whole, as Redis answers one that it holds in one piece. */
const AT_ONCE = 128;
/** Elements that one call looks at, at most. */
const MOST_COUNT = 100_000;

interface ElementScanOptions {
  readonly glob: Glob;
  readonly count: number;
  /** NOVALUES, NOSCORES: names alone. */
  readonly namesOnly: boolean;
}

/** `namesOnly`: the option's name, where there is one. Errors: syntax error; not an integer. */
function readOptions(args: readonly ByteString[], namesOnly: string | undefined): ElementScanOptions {
  let pattern: ByteString = '*';
  let count = DEFAULT_COUNT;
  let only = false;
  for (let i = 0; i < args.length; i++) {
    const option = args[i]?.toLowerCase();
    if (option === namesOnly) {
      only = true;
      continue;
    }
    const value = args[++i];
    if (value === undefined) throw syntaxError();
    if (option === 'match') pattern = value;
    else if (option === 'count') count = readCount(value);
    else throw syntaxError();
    if (count < 1) throw syntaxError();
  }
  return { glob: new Glob(pattern), count, namesOnly: only };
}

/**
 * `args` begin with the cursor. `find` gives the collection, after the cursor has been read; `value` what is told of an element beside
 * its name.
 */
export function scanElements(
  call: Call,
  args: readonly ByteString[],
  find: () => CollectionEntry | undefined,
  { value, namesOnly }: { value?: (field: ScannedField) => ByteString; namesOnly?: string },
): Reply {
  const cursor = readCursor(args[0] ?? '');
  const collection = find();
  if (collection === undefined) return ['0', []];
  const options = readOptions(args.slice(1), namesOnly);
  const whole = collection.count <= AT_ONCE;
  const after = cursor === 0n ? undefined : placeOf(call, cursor);
  const limit = whole ? AT_ONCE : Math.min(options.count, MOST_COUNT);
  const pageAfter = collection.type === 'zset' ? scoresAfter : fieldsAfter;
  const page: readonly ScannedField[] = pageAfter(call.keyspace.store, collection.owner, after, limit);
  const last = page.length === limit && !(whole && after === undefined) ? page.at(-1)?.member : undefined;
  const found: Reply[] = [];
  for (const field of page) {
    if (!options.glob.matches(field.member)) continue;
    found.push(bytes(field.member));
    if (value !== undefined && !options.namesOnly) found.push(bytes(value(field)));
  }
  return [last === undefined ? '0' : `${call.cursors.give(last)}`, found];
}
