/** Sorted sets large enough to be counted by spans, against an array that is sorted. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { behind, type Place } from '../../../../src/blocks/kv/collections/place.js';
import { precedes, SortedSet } from '../../../../src/blocks/kv/collections/sorted-set.js';
import { Spans } from '../../../../src/blocks/kv/collections/spans.js';
import { CollectionEntry } from '../../../../src/blocks/kv/entry.js';
import { CommandHost } from '../command-host.js';

const KEY = 'z';

let host: CommandHost;

beforeEach(() => {
  host = new CommandHost([]);
});

afterEach(() => host.close());

const sorted = (scores: ReadonlyMap<string, number>): Place[] =>
  [...scores].map(([member, score]) => ({ member, score })).sort((a, b) => (precedes(a, b) ? -1 : 1));

/** Runs `work` on the set under the key, as one command. */
function onSet<T>(work: (set: SortedSet) => T): T {
  const { keyspace } = host;
  return keyspace.turn('write', () => {
    const database = keyspace.database(0);
    const entry = database.find(KEY);
    const head = entry instanceof CollectionEntry ? entry : keyspace.newCollection('zset');
    const set = new SortedSet(keyspace.store, head);
    const result = work(set);
    set.put(database, KEY);
    return result;
  });
}

function head(): CollectionEntry {
  const entry = host.keyspace.turn('read', () => host.keyspace.database(0).find(KEY));
  if (entry instanceof CollectionEntry) return entry;
  throw new TypeError('there is no set');
}

interface SpanRow {
  readonly level: number;
  readonly place: number;
  readonly member: Buffer;
  readonly count: number;
}

/** Each span counts the rows from its place to the next place of its level, and has a span of the level below at its place. */
function checkSpans(): number {
  const { owner, count } = head();
  const { store } = host.keyspace;
  const spans = store
    .statement<[number], SpanRow>(
      'SELECT level, place, member, count FROM span WHERE owner = ? ORDER BY level, place, member',
    )
    .all(owner);
  const rows = store
    .statement<[number], { score: number; member: Buffer }>(
      'SELECT score, member FROM ranked WHERE owner = ? ORDER BY score, member',
    )
    .all(owner);
  expect(rows.length).toBe(count);
  const levels = new Map<number, SpanRow[]>();
  for (const span of spans) levels.set(span.level, [...(levels.get(span.level) ?? []), span]);
  for (const [level, ofLevel] of levels) {
    expect(ofLevel[0]).toMatchObject({ place: Number.NEGATIVE_INFINITY, member: Buffer.alloc(0) });
    const counted = ofLevel.map(() => 0);
    let at = 0;
    for (const { score, member } of rows) {
      for (let next = ofLevel[at + 1]; next !== undefined; next = ofLevel[++at + 1]) {
        if (score < next.place || (score === next.place && member.compare(next.member) < 0)) break;
      }
      counted[at] = (counted[at] ?? 0) + 1;
    }
    expect([level, ofLevel.map((span) => span.count)]).toEqual([level, counted]);
    const below = new Set(levels.get(level - 1)?.map(placeText));
    if (level > 0) expect(ofLevel.filter((span) => !below.has(placeText(span)))).toEqual([]);
  }
  return levels.size;
}

const placeText = ({ place, member }: SpanRow): string => `${place} ${member.toString('latin1')}`;

function checkAgainst(model: ReadonlyMap<string, number>, probes: readonly number[]): void {
  const all = sorted(model);
  onSet((set) => {
    expect(set.count).toBe(all.length);
    for (const probe of probes) {
      const rank = Math.floor(probe * all.length);
      const element = all[rank] as Place;
      expect(set.at(rank)).toEqual(element);
      expect(set.before(element)).toBe(rank);
      expect(set.before(behind(element))).toBe(rank + 1);
      expect(set.score(element.member)).toBe(element.score);
      const last = Math.min(all.length - 1, rank + 7);
      expect(set.ranked(rank, last, false)).toEqual(all.slice(rank, last + 1));
      expect(set.ranked(rank, last, true)).toEqual(all.toReversed().slice(rank, last + 1));
      const range = { from: { score: element.score, member: '' }, to: { score: element.score + 1, member: '' } };
      const within = all.filter(({ score }) => score >= element.score && score < element.score + 1);
      expect(set.countIn(range)).toBe(within.length);
      expect(set.within(range, false, 600, 5)).toEqual(within.slice(600, 605));
      expect(set.within(range, true, 600, 5)).toEqual(within.toReversed().slice(600, 605));
      expect(set.within(range, true, 1, 3)).toEqual(within.toReversed().slice(1, 4));
    }
    expect([...set.all()]).toEqual(all);
  });
}

type Step =
  | {
      readonly kind: 'add';
      readonly first: number;
      readonly count: number;
      readonly score: number;
      readonly slope: number;
    }
  | { readonly kind: 'remove'; readonly from: number; readonly count: number }
  | { readonly kind: 'removeAll'; readonly from: number; readonly part: number };

const anyScore = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -50, max: 50 }) },
  { weight: 2, arbitrary: fc.double({ noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, Number.MIN_VALUE) },
);

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      first: fc.integer({ min: 0, max: 4_000 }),
      count: fc.integer({ min: 1, max: 1_200 }),
      score: anyScore,
      slope: fc.constantFrom(0, 0, 0.25, 1, -3),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('remove' as const),
      from: fc.double({ min: 0, max: 0.999, noNaN: true }),
      count: fc.integer({ min: 1, max: 600 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('removeAll' as const),
      from: fc.double({ min: 0, max: 0.999, noNaN: true }),
      part: fc.double({ min: 0, max: 0.7, noNaN: true }),
    }),
  },
);

/** Any byte is in some of them, zero bytes and none at all included. */
const memberOf = (number: number): string =>
  number === 0 ? '' : String.fromCharCode(number & 255, (number * 7) & 255, number >> 8);

function apply(set: SortedSet, model: Map<string, number>, step: Step): void {
  if (step.kind === 'add') {
    for (let i = 0; i < step.count; i++) {
      const member = memberOf(step.first + i);
      // SQLite keeps no sign of 0.
      const score = step.score + i * step.slope + 0;
      set.set(member, score, model.get(member));
      model.set(member, score);
    }
    return;
  }
  const all = sorted(model);
  const from = Math.floor(step.from * all.length);
  const gone = all.slice(from, from + (step.kind === 'remove' ? step.count : Math.floor(step.part * all.length)));
  // The head of an empty set is removed, and this one is to be gone on with.
  if (gone.length === all.length) gone.pop();
  for (const { member } of gone) model.delete(member);
  if (step.kind === 'removeAll') set.removeAll(gone);
  else for (const { member } of gone) expect(set.remove(member)).toBe(true);
}

test('whatever comes and goes, ranks and ranges are those of a sorted array', { timeout: 120_000 }, () => {
  const anyRun = fc.tuple(
    fc.array(anyStep, { minLength: 4, maxLength: 16 }),
    fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
  );
  fc.assert(
    fc.property(anyRun, ([steps, probes]) => {
      host.keyspace.turn('write', () => host.keyspace.database(0).remove(KEY));
      const model = new Map<string, number>();
      onSet((set) => apply(set, model, { kind: 'add', first: 1_000, count: 700, score: 1, slope: 0.5 }));
      for (const step of steps) {
        onSet((set) => apply(set, model, step));
        checkSpans();
      }
      checkAgainst(model, [...probes.take(6)]);
    }),
    { numRuns: 25 },
  );
});

test.each<[string, (i: number) => number]>([
  ['rising', (i) => i],
  ['falling', (i) => 1 - i],
  ['equal', () => 3],
  ['in no order', (i) => (i * 7_919) % 40_009],
])('40,000 rows whose scores are %s', { timeout: 60_000 }, (_title, scoreOf) => {
  const model = new Map<string, number>();
  for (let first = 0; first < 40_000; first += 2_000) {
    onSet((set) => {
      for (let i = first; i < first + 2_000; i++) {
        const member = `member ${(i * 31) % 40_009}`;
        set.set(member, scoreOf(i), undefined);
        model.set(member, scoreOf(i));
      }
    });
  }
  expect(checkSpans()).toBeGreaterThanOrEqual(2);
  checkAgainst(model, [0, 0.25, 0.5, 0.999]);
  const gone = sorted(model).slice(5_000, 39_000);
  onSet((set) => {
    for (const { member } of gone) set.remove(member);
  });
  for (const { member } of gone) model.delete(member);
  checkSpans();
  host.reopen();
  checkAgainst(model, [0, 0.4, 0.9, 0.999]);
  const built = new Spans(host.keyspace.store, head().owner);
  host.keyspace.turn('write', () => built.build());
  checkSpans();
  checkAgainst(model, [0, 0.4, 0.9, 0.999]);
});
