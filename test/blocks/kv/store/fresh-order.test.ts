import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FreshOrder, type KeyRange } from '../../../../src/blocks/kv/store/fresh-order.js';
import { inOrder, Slot } from '../../../../src/blocks/kv/store/slot.js';

function slotOf(database: number, key: string): Slot {
  const slot = new Slot(database, key, undefined);
  slot.fresh = true;
  return slot;
}

/** What the order is to find, by sorting everything. */
function expected(slots: readonly Slot[], { database, after, end }: KeyRange, limit: number): string[] {
  const inside = [...new Set(slots)].filter(
    (slot) =>
      slot.fresh &&
      slot.database === database &&
      (after === undefined || slot.key > after) &&
      (end === undefined || slot.key <= end),
  );
  return inside
    .sort(inOrder)
    .slice(0, limit)
    .map(({ key }) => key);
}

/** In an order that has nothing to do with that of the keys. */
const shuffled = (count: number) => Array.from({ length: count }, (_, i) => `key:${(i * 7_919) % count}`);

test('the first slots of a range are found, whether sorted yet or not, added since, folded or removed', () => {
  const order = new FreshOrder();
  const fresh: Slot[] = [];
  const folding = shuffled(9_000).map((key) => slotOf(0, `old:${key}`));
  const add = (keys: readonly string[]) => fresh.push(...keys.map((key) => slotOf(key.length % 2, key)));
  const ranges: readonly KeyRange[] = [
    { database: 0, after: undefined, end: undefined },
    { database: 1, after: 'key:5', end: undefined },
    { database: 0, after: 'key:77', end: 'old:key:2' },
    { database: 1, after: 'zzz', end: undefined },
    { database: 2, after: undefined, end: undefined },
  ];
  const check = () => {
    for (const range of ranges) {
      const found = order.slots({ fresh, folding }, range, 11).map(({ key }) => key);
      expect(found).toEqual(expected([...fresh, ...folding], range, 11));
    }
  };
  add(shuffled(30_000));
  for (let look = 0; look < 3; look++) check();
  add(['a', 'ab', 'zz', 'key:50001']);
  check();
  for (const slot of fresh.slice(0, 20_000)) slot.fresh = false;
  check();
  // A slot that is folded and changed again stands in both.
  fresh.push(folding[0] ?? slotOf(0, 'none'));
  check();
});

test('other arrays are other slots', () => {
  const order = new FreshOrder();
  const all: KeyRange = { database: 0, after: undefined, end: undefined };
  const keysOf = (keys: readonly string[]) => keys.map((key) => slotOf(0, key));
  const key = fc.string({ maxLength: 3, unit: fc.constantFrom('a', 'b', '\0', '\xff') });
  fc.assert(
    fc.property(fc.uniqueArray(key), fc.integer({ min: 1, max: 5 }), (keys, limit) => {
      const found = order.slots({ fresh: keysOf(keys), folding: [] }, all, limit);
      expect(found.map((slot) => slot.key)).toEqual([...keys].sort().slice(0, limit));
    }),
  );
});
