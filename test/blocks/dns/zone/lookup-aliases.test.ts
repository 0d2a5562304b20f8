/** Chains of CNAME records, within a zone and across zones. */
import { describe, expect, test } from 'vitest';
import { answerTo, ask, serve, shown, soaOf, why, zoneOf } from './zones.js';

describe('aliases across zones', () => {
  const zones = serve(
    zoneOf(
      'shop.test.',
      `www    CNAME www.other.test.
       gone   CNAME gone.other.test.
       round  CNAME round.other.test.
       self   CNAME self
       out    CNAME www.elsewhere.invalid.`,
    ),
    zoneOf('other.test.', 'www 60 A 192.0.2.1\nround CNAME round.shop.test.'),
  );

  test('a chain goes on in the other zone that is served here', () => {
    expect(answerTo(zones, 'www.shop.test. A')).toEqual({
      rcode: 'NOERROR',
      authoritative: true,
      answers: ['www.shop.test. 3600 CNAME www.other.test.', 'www.other.test. 60 A 192.0.2.1'],
    });
    expect(why(zones, 'www.shop.test. A')).toEqual([
      'zone shop.test. is served here',
      'www.shop.test. is an alias of www.other.test.',
      'zone other.test. is served here',
      'www.other.test. has a record of type A',
    ]);
    expect(ask(zones, 'www.shop.test. A').zone.toString()).toBe('shop.test.');
  });

  test('RFC 6604: the code is that of the last name, and so is the SOA', () => {
    expect(answerTo(zones, 'gone.shop.test. A')).toEqual({
      rcode: 'NXDOMAIN',
      authoritative: true,
      answers: ['gone.shop.test. 3600 CNAME gone.other.test.'],
      authorities: [soaOf('other.test.')],
    });
  });

  test('a loop is answered once around', () => {
    expect(answerTo(zones, 'round.shop.test. A')).toEqual({
      rcode: 'NOERROR',
      authoritative: true,
      answers: ['round.shop.test. 3600 CNAME round.other.test.', 'round.other.test. 3600 CNAME round.shop.test.'],
    });
    expect(why(zones, 'round.shop.test. A').at(-1)).toBe('the chain of aliases comes back to round.shop.test.');
    expect(ask(zones, 'self.shop.test. A').answers).toHaveLength(1);
  });

  test('where it leaves all zones is told, and neither code nor section says anything about that name', () => {
    const result = ask(zones, 'out.shop.test. A');
    expect(result.continuesAt?.toString()).toBe('www.elsewhere.invalid.');
    expect(answerTo(zones, 'out.shop.test. A')).toEqual({
      rcode: 'NOERROR',
      authoritative: true,
      answers: ['out.shop.test. 3600 CNAME www.elsewhere.invalid.'],
    });
    expect(why(zones, 'out.shop.test. A').at(-1)).toBe('www.elsewhere.invalid. is in no zone here');
  });

  test('of a chain longer than 16 the first 16 are the answer', () => {
    const lines = Array.from({ length: 20 }, (_, i) => `a${i} CNAME a${i + 1}`).join('\n');
    const { answers, continuesAt } = ask(serve(zoneOf('shop.test.', `${lines}\na20 A 192.0.2.1`)), 'a0.shop.test. A');
    expect(answers).toHaveLength(16);
    expect(continuesAt).toBeUndefined();
  });

  test('a chain of exactly 16 gets to its end', () => {
    const lines = Array.from({ length: 15 }, (_, i) => `a${i} CNAME a${i + 1}`).join('\n');
    const { answers } = ask(serve(zoneOf('shop.test.', `${lines}\na15 A 192.0.2.1`)), 'a0.shop.test. A');
    expect(shown(answers).at(-1)).toBe('a15.shop.test. 3600 A 192.0.2.1');
  });
});
