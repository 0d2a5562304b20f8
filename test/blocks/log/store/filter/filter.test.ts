import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EntryBatch, EntryBatchBuilder } from '../../../../../src/blocks/log/entry-batch.js';
import type { RequiredText } from '../../../../../src/blocks/log/entry-source.js';
import { encodeBlock } from '../../../../../src/blocks/log/store/block/codec.js';
import { FilterQuery, makeFilter } from '../../../../../src/blocks/log/store/filter/filter.js';
import { labels, NOON } from '../samples.js';

const stream = labels({ app: 'shop' });

function filterOf(lines: readonly (string | Uint8Array)[], metadata?: string): Buffer {
  const builder = new EntryBatchBuilder();
  for (const line of lines) builder.add({ timestamp: NOON, line, stream });
  // So that small ones have a filter, too.
  builder.add({
    timestamp: NOON,
    line: ' '.repeat(4096),
    stream,
    metadata: labels(metadata === undefined ? {} : { id: metadata }),
  });
  return filterOfBatch(builder.build());
}

function filterOfBatch(batch: EntryBatch): Buffer {
  const order = Uint32Array.from({ length: batch.count }, (_, index) => index);
  return makeFilter(batch, order, encodeBlock(batch, order)) ?? Buffer.alloc(0);
}

const open = (text: string): RequiredText => ({ text, closedLeft: false, closedRight: false });
const closed = (text: string): RequiredText => ({ text, closedLeft: true, closedRight: true });
const mayMatch = (filter: Buffer, ...required: RequiredText[]) => new FilterQuery(required).mayMatch(filter);

const kindOf = (char: string | undefined) =>
  char === undefined ? 'end' : /\w/.test(char) ? 'word' : char > '\x7f' ? 'high' : 'other';

/** Whether a token ends between the two, as a query may say of a text that it asks for. */
const isBoundary = (left: string | undefined, right: string | undefined) => kindOf(left) !== kindOf(right);

const words = fc.array(
  fc.oneof(
    fc.constantFrom(' ', '"', '=', '-', '\n', 'user', 'blk_', 'größe', '日本語のログ', '\ufffd', 'aaaaaaaaaaaaaaaaaa'),
    fc.nat().map(String),
    fc.uuid(),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
  ),
  { maxLength: 12 },
);

describe('a filter', () => {
  test('never denies a part of a line, or of metadata, whatever is said of its ends that is true', () => {
    fc.assert(
      fc.property(words, fc.nat(), fc.nat(), fc.boolean(), fc.boolean(), (parts, a, b, inMetadata, tell) => {
        const text = [...parts.join('').replace(/\p{Surrogate}/gu, '\ufffd')];
        const [from, to] = [a % (text.length + 1), b % (text.length + 1)].sort((x, y) => x - y) as [number, number];
        const line = text.join('');
        const filter = inMetadata ? filterOf(['other'], line) : filterOf(['before', line, 'after']);
        const required = {
          text: text.slice(from, to).join(''),
          closedLeft: tell && isBoundary(text[from - 1], text[from]),
          closedRight: tell && isBoundary(text[to - 1], text[to]),
        };
        expect(mayMatch(filter, required)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('denies tokens and long parts that are not there', () => {
    const filter = filterOf([
      'user=4711 took 35ms',
      'id 6f1c0a52-9d0b-4e0f-8c44-0b1f5e6a7d21',
      'blk_38865049064139660 ok',
    ]);
    expect(mayMatch(filter, closed('took'), open(' took '))).toBe(true);
    expect(mayMatch(filter, open('8865049064139'))).toBe(true);
    const absent = [
      closed('tool'),
      open('=4712 '),
      open('8865049064138'),
      closed('Took'),
      open('x blk_3886504906413966 '),
    ];
    expect(absent.filter((text) => mayMatch(filter, text))).toEqual([]);
    expect(new FilterQuery([open('ook'), closed('ok'), open('"')]).asks).toBe(false);
  });

  test('takes bytes that are no UTF-8 for anything that a query may show them as', () => {
    const filter = filterOf([Buffer.from('name=caf\xe9 visited', 'latin1')]);
    expect(mayMatch(filter, closed('caf\ufffd'), closed('visited'))).toBe(true);
    expect(mayMatch(filter, closed('name=caf\ufffd visited'))).toBe(true);
  });

  test('says yes to few that are not there', () => {
    const filter = filterOf(Array.from({ length: 3000 }, (_, i) => `request ${i} of user${i * 7} done`));
    const wrong = Array.from({ length: 2000 }, (_, i) => closed(`absent${i}`)).filter((text) => mayMatch(filter, text));
    expect(wrong.length).toBeLessThan(100);
  });

  test('is left out where all is random', () => {
    const lines = Array.from({ length: 300 }, (_, i) => createHash('sha512').update(`${i}`).digest('hex'));
    expect(filterOf(lines)).toHaveLength(0);
  });
});
