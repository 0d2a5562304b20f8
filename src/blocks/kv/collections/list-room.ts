/**
 * Room for an element between two others.
 *
 *     256       512       768                256       512       768
 *      a ──────── b ──────── c    between a and b   a ─── x ─── b ──────── c        x at 384
 *
 * The middle of the gap, as long as there is one: eight times at the same place. Then the elements around are spread anew, as few of them
 * as have enough positions among them: a window that is doubled until its mean gap is large enough. Larger windows must have larger gaps
 * (a fifth more with each doubling), so that one which was spread stays wide for a number of insertions in proportion to its size; an
 * insertion so moves some 10 log₂ n elements on average, wherever it goes (labels in an ordered list: Itai, Konheim and Rodeh, 1981).
 * Beyond the ends of the list there is always room.
 */
import type { Store } from '../../../platform/store/store.js';
import { moveItem, positionsFrom } from './list-statements.js';

/** Between neighbours of a list that was only changed at its ends: eight halvings, and 2^45 pushes until positions leave 2^53. */
export const STRIDE = 256;

const SMALLEST_WINDOW = 32;
const SMALLEST_GAP = 4;
const GAP_GROWTH = 1.2;

/** A free position between two neighbouring elements, either of which may be missing at an end of the list. */
export function makeRoom(store: Store, owner: number, left: number | undefined, right: number | undefined): number {
  const free = between(left, right);
  if (free !== undefined) return free;
  // Both are there, or there had been room.
  const [before, after] = [left ?? 0, right ?? 0];
  for (let size = SMALLEST_WINDOW, gap = SMALLEST_GAP; ; size *= 2, gap *= GAP_GROWTH) {
    const lower = positionsFrom(store, owner, 'right', before, size / 2).reverse();
    const upper = positionsFrom(store, owner, 'left', after, size / 2);
    const places = spread(lower, upper, size / 2, gap);
    if (places === undefined) continue;
    move(store, owner, [...lower, ...upper], [...places.slice(0, lower.length), ...places.slice(lower.length + 1)]);
    return places[lower.length] ?? 0;
  }
}

function between(left: number | undefined, right: number | undefined): number | undefined {
  if (left === undefined) return (right ?? 0) - (right === undefined ? 0 : STRIDE);
  if (right === undefined) return left + STRIDE;
  return right - left > 1 ? Math.floor((left + right) / 2) : undefined;
}

/**
 * Places for the elements of a window and for a new one between its halves; undefined where they would be too close. The outermost
 * stay, but those at an end of the list (a half that is not full) go as far out as is good.
 */
function spread(lower: readonly number[], upper: readonly number[], half: number, gap: number): number[] | undefined {
  const steps = lower.length + upper.length;
  const [low, high] = [lower[0] ?? 0, upper.at(-1) ?? 0];
  if (lower.length < half) return Array.from({ length: steps + 1 }, (_, i) => high - (steps - i) * STRIDE);
  if (upper.length < half) return Array.from({ length: steps + 1 }, (_, i) => low + i * STRIDE);
  if (high - low < steps * gap) return undefined;
  return Array.from({ length: steps + 1 }, (_, i) => low + Math.floor(((high - low) * i) / steps));
}

/**
 * Those that go right are moved from the right, those that go left from the left: each then finds its place free, since the order stays.
 */
function move(store: Store, owner: number, from: readonly number[], to: readonly number[]): void {
  for (let i = 0; i < from.length; i++) moveIf(store, owner, from[i], to[i], (old, place) => place < old);
  for (let i = from.length - 1; i >= 0; i--) moveIf(store, owner, from[i], to[i], (old, place) => place > old);
}

function moveIf(
  store: Store,
  owner: number,
  from: number | undefined,
  to: number | undefined,
  wanted: (from: number, to: number) => boolean,
): void {
  if (from !== undefined && to !== undefined && wanted(from, to)) moveItem(store, owner, from, to);
}
