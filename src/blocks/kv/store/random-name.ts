/**
 * A key of the table at random, without counting all. Behind the beginning that all keys share, one of the bytes that come next is picked,
 * and so on, until few keys are left that begin so: of those one is picked evenly.
 *
 *     user: ─┬─ 0 ─┬─ 0 … up to 512 keys: one of them        chance = 1/10 × 1/10 × … × 1/keys
 *            ├─ 1  ├─ 1
 *            ┊     ┊
 *
 * Keys of a branch that has few would come more often. So some keys are picked, and of these one is taken with a weight of one by its
 * chance: where a million keys begin with `user:` and ten with `z`, one of the ten comes once in 2^PICKS.
 */
import type { Store } from '../../../platform/store/store.js';
import { type ByteString, byteStringOf, bytesOf } from '../bytes.js';

/** Keys that are counted one by one, ~100 ns each. */
const FEW = 512;
const PICKS = 4;

interface Pick {
  readonly key: ByteString;
  readonly chance: number;
  /** Out of all keys, so that nothing has to be made good. */
  readonly evenly: boolean;
}

/** Keys from `from` on and before `below`; undefined: to the last. */
interface Range {
  readonly space: number;
  readonly from: ByteString;
  readonly below: ByteString | undefined;
}

/** undefined where the space has no rows. `random`: uniform in [0, 1). */
export function randomName(store: Store, space: number, random: () => number): ByteString | undefined {
  const picks: Pick[] = [];
  const tree = new Tree(store);
  for (let i = 0; i < PICKS; i++) {
    const pick = descend(tree, { space, from: '', below: undefined }, random);
    if (pick === undefined) return undefined;
    if (pick.evenly) return pick.key;
    picks.push(pick);
  }
  let weight = random() * picks.reduce((sum, { chance }) => sum + 1 / chance, 0);
  for (const { key, chance } of picks) {
    weight -= 1 / chance;
    if (weight < 0) return key;
  }
  return picks[0]?.key;
}

function descend(tree: Tree, whole: Range, random: () => number): Pick | undefined {
  let range = whole;
  let chance = 1;
  for (;;) {
    const { count, branches } = tree.node(range);
    if (count <= FEW) {
      const key = keyAt(tree.store, range, Math.floor(random() * count));
      return key === undefined ? undefined : { key, chance: chance / count, evenly: range === whole };
    }
    range = branches[Math.floor(random() * branches.length)] ?? range;
    chance /= branches.length;
  }
}

interface Node {
  /** Keys; of more than a few it is only known that they are. */
  readonly count: number;
  /** Of more than a few keys. */
  readonly branches: readonly Range[];
}

/** What the picks of one call have seen, so that they do not look at it twice. */
class Tree {
  readonly #nodes = new Map<ByteString, Node>();

  constructor(readonly store: Store) {}

  node(range: Range): Node {
    // No two ranges begin and end at the same keys.
    const name = `${range.from.length} ${range.from}${range.below ?? ''}`;
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const count = countUpTo(this.store, range, FEW + 1);
    const node = { count, branches: count <= FEW ? [] : branchesOf(this.store, range) };
    this.#nodes.set(name, node);
    return node;
  }
}

/** The range by the first byte in which its keys differ; at most 256 branches, and one of a key that ends there. */
function branchesOf(store: Store, range: Range): Range[] {
  const first = keyAt(store, range, 0) ?? '';
  const last = lastKey(store, range) ?? first;
  let shared = 0;
  while (shared < first.length && first[shared] === last[shared]) shared++;
  const branches: Range[] = [];
  for (let key: ByteString | undefined = first; key !== undefined; ) {
    const from = key.slice(0, shared + 1);
    const below: ByteString | undefined = key.length === shared ? `${key}\0` : behindAll(from);
    branches.push({ ...range, from, below: below ?? range.below });
    key = below === undefined ? undefined : keyAt(store, { ...range, from: below }, 0);
  }
  return branches;
}

/** The first text that comes after all that begin so; undefined: there is none. */
function behindAll(beginning: ByteString): ByteString | undefined {
  for (let length = beginning.length; length > 0; length--) {
    const code = beginning.charCodeAt(length - 1);
    if (code < 255) return beginning.slice(0, length - 1) + String.fromCharCode(code + 1);
  }
  return undefined;
}

const within = ({ below }: Range): string => `space = ? AND key >= ?${below === undefined ? '' : ' AND key < ?'}`;

function bounds({ space, from, below }: Range): [number, Buffer, ...Buffer[]] {
  return below === undefined ? [space, bytesOf(from)] : [space, bytesOf(from), bytesOf(below)];
}

function countUpTo(store: Store, range: Range, most: number): number {
  const sql = `SELECT count(*) AS count FROM (SELECT 1 FROM entry WHERE ${within(range)} LIMIT ${most})`;
  return store.statement<(number | Buffer)[], { count: number }>(sql).get(...bounds(range))?.count ?? 0;
}

function keyAt(store: Store, range: Range, offset: number): ByteString | undefined {
  const sql = `SELECT key FROM entry WHERE ${within(range)} ORDER BY key LIMIT 1 OFFSET ?`;
  const row = store.statement<(number | Buffer)[], { key: Buffer }>(sql).get(...bounds(range), offset);
  return row && byteStringOf(row.key);
}

function lastKey(store: Store, range: Range): ByteString | undefined {
  const sql = `SELECT key FROM entry WHERE ${within(range)} ORDER BY key DESC LIMIT 1`;
  const row = store.statement<(number | Buffer)[], { key: Buffer }>(sql).get(...bounds(range));
  return row && byteStringOf(row.key);
}
