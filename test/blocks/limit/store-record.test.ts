import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Entry } from '../../../src/blocks/limit/engine/entry.js';
import { storedKey } from '../../../src/blocks/limit/key.js';
import { algorithmNames, defineLimit, MOST_COST } from '../../../src/blocks/limit/limit.js';
import { RECENT_DECISIONS } from '../../../src/blocks/limit/limiter.js';
import { ByteReader, ByteWriter } from '../../../src/blocks/limit/store/bytes.js';
import { entryOf, isGone, readEntries, writeEntry } from '../../../src/blocks/limit/store/record.js';

const whole = fc.maxSafeNat();

test('numbers and bytes come back in order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(whole, fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), fc.double(), fc.uint8Array())),
      (items) => {
        const writer = new ByteWriter();
        for (const [varint, signed, double, bytes] of items) {
          writer.varint(varint);
          writer.signed(signed);
          writer.double(double);
          writer.bytes(bytes);
        }
        const reader = new ByteReader(Buffer.from(writer.view()));
        for (const [varint, signed, double, bytes] of items) {
          expect([reader.varint(), reader.signed(), reader.double()]).toEqual([
            varint,
            signed === 0 ? 0 : signed,
            double,
          ]);
          expect(reader.bytes()).toEqual(Buffer.from(bytes));
        }
        expect(reader.atEnd).toBe(true);
      },
    ),
  );
});

test('an entry comes back with all that is known of it', () => {
  const start = 1_750_000_000_000_000;
  fc.assert(
    fc.property(
      fc.constantFrom(...algorithmNames),
      fc.array(
        fc.tuple(fc.integer({ min: -5_000_000, max: 5e12 }), fc.boolean(), fc.nat(MOST_COST), fc.nat(MOST_COST)),
        {
          maxLength: 3 * RECENT_DECISIONS,
        },
      ),
      fc.string({ unit: 'binary', minLength: 1 }),
      (algorithm, decisions, key) => {
        const limit = defineLimit({ algorithm, count: 9999, periodUs: 1_234_567_890 });
        const entry = new Entry(storedKey(key), 'policy/limit', limit, [start, 7]);
        entry.rules.take(entry.state, limit, start, 3, 4711);
        for (const [after, allowed, cost, remaining] of decisions) {
          entry.record(start + after, allowed, cost, remaining);
        }
        const writer = new ByteWriter();
        writeEntry(writer, entry);
        writeEntry(writer, entry);
        const [raw, again, ...others] = [...readEntries(Buffer.from(writer.view()))];
        expect(others).toEqual([]);
        expect(raw).toEqual(again);
        if (raw === undefined) throw new Error('unreachable');
        const read = entryOf(entry.key, entry.scope, raw.record);
        expect(read.report(start)).toEqual(entry.report(start));
        expect(read.state).toEqual(entry.state);
        expect(raw.freshAt).toBe(Math.max(entry.freshAt, entry.lastAt));
        expect(raw.demands).toBe(decisions.length);
        // The ring goes on where it was.
        for (const one of [entry, read]) one.record(start, true, 1, 2);
        expect(read.report(start)).toEqual(entry.report(start));
      },
    ),
  );
});

test('a reset is an empty record', () => {
  const limit = defineLimit({ algorithm: 'gcra', count: 1, periodUs: 1 });
  const entry = new Entry('user', '', limit, [1, 0]);
  entry.clear();
  const writer = new ByteWriter();
  writeEntry(writer, entry);
  const [raw] = [...readEntries(writer.view())];
  expect(raw?.record).toEqual(Buffer.from([0]));
  expect([raw?.freshAt, raw?.demands]).toEqual([0, 0]);
  expect(isGone(raw?.record ?? Buffer.alloc(0))).toBe(true);
});
