import { expect, test } from 'vitest';
import { Slot } from '../../../../src/blocks/kv/store/slot.js';
import { SlotTable } from '../../../../src/blocks/kv/store/slot-table.js';
import { seededNumbers } from '../../../helpers/mutate.js';

const slot = (key: string) => new Slot(0, key, undefined);
const keysOf = (table: SlotTable) => [...table.values()].map(({ key }) => key).sort();

const PRIME = 0x01000193;
const step = (hash: number, character: number) => Math.imul(hash ^ character, PRIME);

/** Two texts of four characters that lead from one state of FNV-1a to one other: the last character takes the low eight bits back. */
function fork(state: number): { readonly texts: readonly [string, string]; readonly state: number } {
  const seen = new Map<number, string>();
  for (let i = 0; ; i++) {
    const characters = [i & 0xff, (i >> 8) & 0xff, (i >> 16) & 0xff];
    const reached = characters.reduce(step, state);
    const text = String.fromCharCode(...characters, reached & 0xff);
    const other = seen.get(reached & ~0xff);
    if (other !== undefined) return { texts: [other, text], state: step(reached, reached & 0xff) };
    seen.set(reached & ~0xff, text);
  }
}

/** 512 keys of one hash, as many forks one after the other make them (Joux, Multicollisions in Iterated Hash Functions, 2004). */
function collidingKeys(): string[] {
  let keys = [''];
  let state = 0x811c9dc5 | 0;
  for (let i = 0; i < 9; i++) {
    const { texts, state: next } = fork(state);
    keys = keys.flatMap((key) => texts.map((text) => key + text));
    state = next;
  }
  return keys;
}

test('what is added is found until it is removed, beside a Map that is treated alike', () => {
  const random = seededNumbers(7);
  const below = (bound: number) => random() % bound;
  const table = new SlotTable();
  const model = new Map<string, Slot>();
  for (let i = 0; i < 60_000; i++) {
    const key = `key:${below(4_000)}`;
    expect(table.get(key)).toBe(model.get(key));
    if (!model.has(key)) {
      const added = slot(key);
      table.add(added);
      model.set(key, added);
    }
    if (i % 5_000 === 4_999) {
      table.sweep(1_500, ({ key: swept }) => (below(2) === 0 && model.delete(swept) ? 'remove' : 'keep'));
      expect(keysOf(table)).toEqual([...model.keys()].sort());
    }
  }
  expect(table.size).toBe(model.size);
});

test('a sweep goes on where the last one stopped, and once around at most', () => {
  const table = new SlotTable();
  for (let i = 0; i < 1_000; i++) table.add(slot(`${i}`));
  const asked: string[] = [];
  const ask = ({ key }: Slot) => {
    asked.push(key);
    return 'keep' as const;
  };
  expect(table.sweep(400, ask)).toBe(400);
  expect(table.sweep(600, ask)).toBe(600);
  expect(new Set(asked).size).toBe(1_000);
  expect(table.sweep(5_000, ask)).toBe(1_000);
  expect(table.sweep(5_000, () => 'stop')).toBe(0);
});

test('keys that are made to collide are found all the same, and removed', () => {
  const table = new SlotTable();
  const keys = collidingKeys();
  expect(keys.length).toBe(512);
  for (const key of keys) table.add(slot(key));
  expect(keys.every((key) => table.get(key)?.key === key)).toBe(true);
  expect(keysOf(table)).toEqual([...keys].sort());
  expect(table.get('absent')).toBeUndefined();
  expect(table.sweep(keys.length * 2, () => 'remove')).toBe(keys.length);
  expect(table.size).toBe(0);
  expect(keys.some((key) => table.get(key) !== undefined)).toBe(false);
});
