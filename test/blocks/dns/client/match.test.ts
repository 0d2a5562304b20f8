import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readReply } from '../../../../src/blocks/dns/client/match.js';
import { writeMessage } from '../../../../src/blocks/dns/wire.js';
import { answerTo, question } from './fake-server.js';

const ID = 0x1234;
const query = { ...question('a.test'), id: ID };
const right = writeMessage(answerTo(query, ['a.test. 60 A 192.0.2.1', 'a.test. 60 TXT "text"']));

test('the reply is taken', () => {
  expect(readReply(right, query, ID).kind).toBe('reply');
});

test('whatever comes is read without an error, and never taken for the reply', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      expect(readReply(bytes, query, ID).kind).not.toBe('reply');
    }),
    { numRuns: 5_000 },
  );
});

test('a reply with octets changed is read without an error; its header has to fit all the same', () => {
  const change = fc.tuple(fc.nat(right.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(right.length), (changes, length) => {
      const bytes = right.slice(0, length);
      for (const [at, octet] of changes) if (at < length) bytes[at] = octet;
      const reading = readReply(bytes, query, ID);
      if (reading.kind !== 'reply') return;
      expect([bytes[0], bytes[1]]).toEqual([0x12, 0x34]);
      expect((bytes[2] ?? 0) & 0xf8).toBe(0x80);
    }),
    { numRuns: 5_000 },
  );
});
