import { describe, expect, test } from 'vitest';
import { acceptResponse } from '../../../../src/blocks/dns/cache/accept.js';
import { ednsWith, extendedErrorsOf } from '../../../../src/blocks/dns/cache/extended-error.js';
import { defaultLimits } from '../../../../src/blocks/dns/cache/lifetime.js';
import { makeEntry, openEntry } from '../../../../src/blocks/dns/cache/make-entry.js';
import type { Message } from '../../../../src/blocks/dns/wire.js';
import { keyOf, respond, shown } from './messages.js';

const provenance = { upstream: 'udp://192.0.2.53:53', extendedErrors: [], now: 1_000 };

function entryOf(response: Message, key = keyOf('www.shop.test.')) {
  const accepted = acceptResponse(key.question, response, key.dnssecOk, defaultLimits);
  if (typeof accepted === 'string') throw new Error(accepted);
  return makeEntry(key, accepted, provenance, defaultLimits);
}

describe('an entry', () => {
  const question = keyOf('www.shop.test.').question;

  test('says from whom, when, and until when', () => {
    expect(entryOf(respond(question, { answers: ['www.shop.test. 300 A 192.0.2.1'] }))).toMatchObject({
      kind: 'answer',
      upstream: 'udp://192.0.2.53:53',
      storedAt: 1_000,
      expiresAt: 301_000,
      staleUntil: 86_701_000,
    });
  });

  test('holds what was accepted, and opens as a message', () => {
    const answers = ['www.shop.test. 300 CNAME web.shop.test.', 'web.shop.test. 200 A 192.0.2.1'];
    const entry = entryOf(respond(question, { answers: [...answers, 'bank.test. 60 A 203.0.113.66'] }));
    const message = entry && openEntry(entry);
    expect(shown(message?.answers ?? [])).toEqual(answers);
    expect(message).toMatchObject({ id: 0, response: true, questions: [{ type: 1 }] });
  });

  test('is not made of more than fits into a message: half an answer is none', () => {
    const long = `"${'x'.repeat(250)}"`;
    const answers = Array.from({ length: 300 }, (_, i) => `www.shop.test. 300 TXT "${i}" ${long}`);
    const key = keyOf('www.shop.test.', 'TXT');
    expect(entryOf(respond(key.question, { answers }), key)).toBeUndefined();
    expect(entryOf(respond(key.question, { answers: answers.slice(0, 200) }), key)).toBeDefined();
  });
});

describe('extended errors (RFC 8914)', () => {
  const edns = (...datas: Uint8Array[]) => ({
    edns: { udpSize: 512, version: 0, dnssecOk: false, options: datas.map((data) => ({ code: 15, data })) },
  });

  test('are read with code and text, three at most, and texts of 200 octets', () => {
    const long = Uint8Array.from([0, 18, ...Buffer.from('ä'.repeat(150))]);
    const errors = extendedErrorsOf(edns(long, Uint8Array.of(1, 2), Uint8Array.of(0, 3, 0x61, 0), long));
    expect(errors).toEqual([
      { code: 18, text: 'ä'.repeat(100) },
      { code: 258, text: '' },
      { code: 3, text: 'a' },
    ]);
  });

  test('what is too short to be one is none; a cut character is left out', () => {
    expect(extendedErrorsOf(edns(Uint8Array.of(1)))).toEqual([]);
    expect(extendedErrorsOf(edns(Uint8Array.of(0, 1, 0x61, 0xc3)))).toEqual([{ code: 1, text: 'a' }]);
    expect(extendedErrorsOf({})).toEqual([]);
  });

  test('are written as they were read', () => {
    const errors = [{ code: 15, text: 'blöcked' }];
    const written = ednsWith(errors);
    expect(extendedErrorsOf(written === undefined ? {} : { edns: written })).toEqual(errors);
    expect(ednsWith([])).toBeUndefined();
  });
});
