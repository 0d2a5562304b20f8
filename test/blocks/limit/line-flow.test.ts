import fc from 'fast-check';
import { expect, test } from 'vitest';
import { paceLines } from '../../../src/blocks/limit/line-flow.js';
import type { Pace } from '../../../src/blocks/limit/pace.js';

async function* chunksOf(chunks: readonly Uint8Array[]) {
  yield* chunks;
}

/** Lets through as many as the list says, over and over, and keeps what it was asked. */
function pacedBy(grants: readonly number[]): Pace & { readonly granted: () => number } {
  let calls = 0;
  let sum = 0;
  return {
    granted: () => sum,
    take: async (wanted) => {
      const lines = Math.min(wanted, grants[calls++ % grants.length] ?? 1);
      sum += lines;
      return lines;
    },
  };
}

/** Line ends are frequent, so that chunks begin and end at all places of a line. */
const bytes = fc.array(fc.oneof(fc.constant(10), fc.constant(13), fc.constant(0), fc.integer({ min: 0, max: 255 })), {
  maxLength: 60,
});

test('bytes pass untouched, each line takes one slot, and none is written before its slot', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(bytes, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      async (parts, grants) => {
        const pace = pacedBy(grants);
        const written: number[] = [];
        const lines = await paceLines(chunksOf(parts.map((part) => Uint8Array.from(part))), pace, async (out) => {
          written.push(...out);
          // Lines begun so far: each line end begins the next one only when something follows.
          const begun = written.filter((_, i) => i === 0 || written[i - 1] === 10).length;
          if (begun > pace.granted()) throw new Error(`${begun} lines begun, ${pace.granted()} granted`);
        });
        const all = parts.flat();
        if (Buffer.compare(Buffer.from(written), Buffer.from(all)) !== 0) throw new Error('changed');
        const expected = all.filter((_, i) => i === 0 || all[i - 1] === 10).length;
        if (lines !== expected || pace.granted() !== expected) throw new Error(`${lines} lines, not ${expected}`);
      },
    ),
    { numRuns: 500 },
  );
});

test('a line without an end is not collected: its bytes pass as they come', async () => {
  const sizes: number[] = [];
  const chunk = new Uint8Array(65_536).fill(97);
  const lines = await paceLines(chunksOf(Array.from({ length: 50 }, () => chunk)), pacedBy([1]), async (out) => {
    sizes.push(out.length);
  });
  expect(lines).toBe(1);
  expect(sizes).toEqual(Array.from({ length: 50 }, () => 65_536));
});

test('the next chunk is read when the one before is written', async () => {
  let read = 0;
  let written = 0;
  async function* input() {
    for (; read < 20; read++) {
      expect(written).toBe(read);
      yield Buffer.from('line\n');
    }
  }
  await paceLines(input(), pacedBy([1]), async () => {
    await new Promise((resolve) => setImmediate(resolve));
    written++;
  });
  expect(written).toBe(20);
});
