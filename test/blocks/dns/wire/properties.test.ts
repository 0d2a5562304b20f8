import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { parseRdata, printRdata } from '../../../../src/blocks/dns/rdata/index.js';
import { layoutOf } from '../../../../src/blocks/dns/rdata/schema.js';
import { type Message, RRClass, readMessage, typeName, writeMessage } from '../../../../src/blocks/dns/wire.js';
import { knownRdata, message } from '../arbitraries.js';
import { samples } from '../samples.js';
import { words } from '../words.js';
import { plain } from './plain.js';

test('the tests know every type that the schema knows', () => {
  const known = Array.from({ length: 0x10000 }, (_, type) => type).filter((type) => layoutOf(type, RRClass.IN));
  expect([...knownRdata.keys()].sort((a, b) => a - b)).toEqual(known);
  expect(known.filter((type) => !samples.some((sample) => sample.type === type)).map(typeName)).toEqual([]);
});

test('any message survives writing and reading', () => {
  fc.assert(
    fc.property(message, (any) => {
      const bytes = writeMessage(any);
      expect(plain(readMessage(bytes))).toEqual(plain(any));
      // As a part of a larger buffer, as it is received: nothing that was read changes when the buffer is filled again.
      const received = Buffer.concat([Buffer.from([1, 2]), bytes]).subarray(2);
      const read = readMessage(received);
      received.fill(0xff);
      expect(plain(read)).toEqual(plain(any));
    }),
    { numRuns: 500 },
  );
});

test('what is cut to any limit is a message, and says so', () => {
  fc.assert(
    fc.property(message, fc.integer({ min: 12, max: 1500 }), (any, limit) => {
      const whole = writeMessage(any);
      let bytes: Uint8Array;
      try {
        bytes = writeMessage(any, { limit });
      } catch (error) {
        expect(error).toMatchObject({ code: 'dns.message_too_long' });
        return;
      }
      expect(bytes.length).toBeLessThanOrEqual(limit);
      const read = readMessage(bytes);
      expect(read.questions).toHaveLength(any.questions.length);
      expect(plain({ ...read, truncated: any.truncated })).toEqual(plain(cutTo(any, read)));
      if (whole.length <= limit) expect(bytes).toEqual(whole);
      const needed = any.answers.length + any.authorities.length;
      if (read.answers.length + read.authorities.length < needed) expect(read.truncated).toBe(true);
    }),
    { numRuns: 500 },
  );
});

/** The message with as many records as were read: what is there is what was there first. */
function cutTo(whole: Message, read: Message): Message {
  return {
    ...whole,
    answers: whole.answers.slice(0, read.answers.length),
    authorities: whole.authorities.slice(0, read.authorities.length),
    additionals: whole.additionals.slice(0, read.additionals.length),
  };
}

describe('data of any record survives printing and reading', () => {
  test.each([...knownRdata].map(([type, data]) => [typeName(type), type, data] as const))('%s', (_, type, data) => {
    fc.assert(
      fc.property(data, (rdata) => {
        const text = printRdata(type, rdata);
        expect(text).toMatch(/^[\x20-\x7e]*$/);
        expect(parseRdata(type, words(text), Name.root)).toEqual(rdata);
      }),
    );
  });

  test('of a type or class that nobody knows', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (rdata) => {
        expect(parseRdata(65_280, words(printRdata(65_280, rdata)), Name.root)).toEqual(rdata);
        expect(parseRdata(1, words(printRdata(1, rdata, 3)), Name.root, 3)).toEqual(rdata);
      }),
    );
  });
});
