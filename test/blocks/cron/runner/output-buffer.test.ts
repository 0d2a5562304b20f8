import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OutputBuffer } from '../../../../src/blocks/cron/runner/output-buffer.js';
import type { AttemptPart } from '../../../../src/blocks/cron/runner.js';
import { keptOf, textOf } from './attempts.js';

const newBuffer = (mostBytes: number) => new OutputBuffer({ mostBytes, attempt: 1, firstSequence: 0 });

/** Adds, and takes after some of it. */
const steps = fc.array(
  fc.record({
    length: fc.oneof(fc.nat(10), fc.nat(300)),
    stream: fc.constantFrom('stdout' as const, 'stderr' as const),
    take: fc.constantFrom('none' as const, 'head' as const, 'tail' as const),
  }),
  { maxLength: 40 },
);

describe('output buffer', () => {
  test('keeps the head, the newest of the tail, and says how much is missing between', () => {
    fc.assert(
      fc.property(fc.nat(400), steps, (mostBytes, script) => {
        const buffer = newBuffer(mostBytes);
        const parts: AttemptPart[] = [];
        const take = (withTail: boolean) => parts.push(...[buffer.take({ withTail }) ?? []].flat());
        let written = '';
        for (const { length, stream, take: what } of script) {
          const bytes = Array.from({ length }, (_, index) =>
            String.fromCharCode(97 + ((written.length + index) % 26)),
          ).join('');
          written += bytes;
          buffer.add(stream, Buffer.from(bytes), 0);
          if (what !== 'none') take(what === 'tail');
        }
        take(true);
        expect([buffer.hasHead, buffer.hasTail, buffer.take({ withTail: true })]).toEqual([false, false, undefined]);

        const kept = keptOf(parts);
        const gap = kept.findIndex(({ omittedBefore }) => omittedBefore > 0);
        const omitted = kept[gap]?.omittedBefore ?? 0;
        const head = textOf(gap === -1 ? kept : kept.slice(0, gap));
        const tail = gap === -1 ? '' : textOf(kept.slice(gap));
        expect(kept.filter(({ omittedBefore }) => omittedBefore > 0).length).toBeLessThanOrEqual(1);
        expect(head + written.slice(head.length, head.length + omitted) + tail).toBe(written);
        expect(head.length + tail.length).toBeLessThanOrEqual(mostBytes);
        if (omitted > 0) expect(head.length).toBe(Math.ceil(mostBytes / 2));
      }),
      { numRuns: 1_000 },
    );
  });

  test('of a full tail at most an eighth is missing', () => {
    const buffer = newBuffer(16_000);
    for (let line = 0; line < 10_000; line++) buffer.add('stdout', Buffer.from('0123456789'), 0);
    const { chunks = [] } = buffer.take({ withTail: true }) ?? {};
    expect(textOf(chunks).length).toBeGreaterThanOrEqual(16_000 - 1_000);
  });

  test('small pieces of one stream become one chunk, large ones are cut', () => {
    const buffer = newBuffer(1_000_000);
    for (const byte of 'abc') buffer.add('stdout', Buffer.from(byte), 7);
    buffer.add('stderr', Buffer.alloc(100_000), 8);
    const { chunks = [] } = buffer.take({ withTail: false }) ?? {};
    expect(chunks.map(({ stream, bytes, at }) => [stream, bytes.length, at])).toEqual([
      ['stdout', 3, 7],
      ['stderr', 65_536, 8],
      ['stderr', 34_464, 8],
    ]);
  });

  test('a tail that changes between two takes costs one drop, and the rows stay few', () => {
    const buffer = newBuffer(20_000_000);
    const parts: AttemptPart[] = [];
    for (let round = 0; round < 40_000; round++) {
      buffer.add(round % 2 === 0 ? 'stdout' : 'stderr', Buffer.from('x'), 0);
      if (round % 1_000 === 999) parts.push(buffer.take({ withTail: true }) ?? { chunks: [] });
    }
    const rows =
      parts.flatMap(({ chunks }) => chunks).length -
      parts.reduce((sum, { drop }) => sum + (drop === undefined ? 0 : drop.to - drop.from + 1), 0);
    expect(rows).toBeLessThanOrEqual(2 * 8_192 + 1);
  });
});
