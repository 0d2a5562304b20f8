import fc from 'fast-check';
import { expect, test } from 'vitest';
import { simulate } from './simulate.js';
import { HEADER } from './simulated-world.js';

const RUNS = Number(process.env['DS_SIMULATION_RUNS'] ?? 60);

test.each([true, false])(
  'every line once, whatever is renamed, truncated, compressed or killed between any two steps (births known: %s)',
  async (hasBirths) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(59), { minLength: 50, maxLength: 1500, size: 'max' }), async (numbers) => {
        const { written, read } = await simulate(numbers, { hasBirths, headersAlone: false });
        expect(read.sort()).toEqual(written.sort());
      }),
      { numRuns: RUNS },
    );
  },
);

// Where births are unknown, an inode that is used again for a file with the same header is taken for the one before.
test('files that have only the same header for a while: every other line once', async () => {
  const others = (lines: readonly string[]) => lines.filter((line) => line !== HEADER.trimEnd()).sort();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(59), { minLength: 50, maxLength: 1500, size: 'max' }), async (numbers) => {
      const { written, read } = await simulate(numbers, { hasBirths: true, headersAlone: true });
      expect(others(read)).toEqual(others(written));
    }),
    { numRuns: RUNS },
  );
});
