import fc from 'fast-check';
import { expect, test } from 'vitest';
import { simulate } from './simulate.js';

const RUNS = Number(process.env['DS_SIMULATION_RUNS'] ?? 60);

test.each([true, false])(
  'every line once, whatever is renamed, truncated, compressed or killed between any two steps (births known: %s)',
  async (hasBirths) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(59), { minLength: 50, maxLength: 1500, size: 'max' }), async (numbers) => {
        const { written, read } = await simulate(numbers, hasBirths);
        expect(read.sort()).toEqual(written.sort());
      }),
      { numRuns: RUNS },
    );
  },
);
