/** DNAME by the sections of RFC 6672. */
import { describe, expect, test } from 'vitest';
import { RRType } from '../../../../src/blocks/dns/wire.js';
import { answerTo, ask, serve, shown, soaOf, why, zoneOf } from './zones.js';

describe('RFC 6672, section 2.2, table 1: DNAME substitution', () => {
  const zone = (origin: string, owner: string, target: string) =>
    serve(zoneOf(origin, `${owner} DNAME ${target}\nother TXT "x"`));
  const aliasOf = (question: string, owner: string, target: string, origin = 'com.') =>
    shown(ask(zone(origin, owner, target), question).answers)
      .find((line) => line.includes(' CNAME '))
      ?.split(' ')
      .at(-1);

  test.each([
    ['com.', 'example.com.', 'example.net.', undefined],
    ['example.com.', 'example.com.', 'example.net.', undefined],
    ['a.example.com.', 'example.com.', 'example.net.', 'a.example.net.'],
    ['a.b.example.com.', 'example.com.', 'example.net.', 'a.b.example.net.'],
    ['ab.example.com.', 'b.example.com.', 'example.net.', undefined],
    ['foo.example.com.', 'example.com.', 'example.net.', 'foo.example.net.'],
    ['a.x.example.com.', 'x.example.com.', 'example.net.', 'a.example.net.'],
    ['a.example.com.', 'example.com.', 'y.example.net.', 'a.y.example.net.'],
    ['cyc.example.com.', 'example.com.', 'example.com.', 'cyc.example.com.'],
    ['cyc.example.com.', 'example.com.', 'c.example.com.', 'cyc.c.example.com.'],
  ])('%s, DNAME %s → %s: %s', (question, owner, target, result) => {
    expect(aliasOf(`${question} CNAME`, owner, target)).toBe(result);
  });

  test('shortloop.x.x. and shortloop.x., DNAME x. → .', () => {
    expect(aliasOf('shortloop.x.x. CNAME', 'x.', '.', 'x.')).toBe('shortloop.x.');
    expect(aliasOf('shortloop.x. CNAME', 'x.', '.', 'x.')).toBe('shortloop.');
  });

  test('QTYPE=DNAME at the owner is answered with it', () => {
    expect(answerTo(zone('com.', 'example', 'example.net.'), 'example.com. DNAME')).toEqual({
      rcode: 'NOERROR',
      authoritative: true,
      answers: ['example.com. 3600 DNAME example.net.'],
    });
  });
});

describe('RFC 6672', () => {
  const zones = serve(
    zoneOf(
      'shop.test.',
      `old      222  DNAME new
       a.old         TXT   "occluded by the DNAME"
       A.New     60  A     192.0.2.1
       turn          DNAME turn.turn
       long          DNAME ${'x'.repeat(63)}.${'x'.repeat(63)}.${'x'.repeat(63)}
       one           DNAME two
       two           DNAME new`,
    ),
  );

  test('section 3.1: the CNAME is of the queried name, with the TTL of the DNAME', () => {
    expect(answerTo(zones, 'A.Old.shop.test. A')).toEqual({
      rcode: 'NOERROR',
      authoritative: true,
      answers: [
        'old.shop.test. 222 DNAME new.shop.test.',
        'A.Old.shop.test. 222 CNAME A.new.shop.test.',
        'A.New.shop.test. 60 A 192.0.2.1',
      ],
    });
    expect(why(zones, 'a.old.shop.test. A')).toEqual([
      'zone shop.test. is served here',
      'the DNAME at old.shop.test. makes a.old.shop.test. an alias of a.new.shop.test. (RFC 6672)',
      'A.New.shop.test. has a record of type A',
    ]);
  });

  test('section 2.4: what is below the DNAME is not there', () => {
    expect(ask(zones, 'a.old.shop.test. TXT').answers.map(({ type }) => type)).toEqual([RRType.DNAME, RRType.CNAME]);
  });

  test('section 2.2: a name that becomes longer than 255 octets is YXDOMAIN, with the DNAME and no CNAME', () => {
    // The target has 3 × 64 + 11 octets, so that 52 are left: a label of 51.
    const name = (octets: number) => `${'y'.repeat(octets)}.long.shop.test.`;
    expect(ask(zones, `${name(51)} A`).rcode).toBe(3);
    const { rcode, answers, authoritative } = ask(zones, `${name(52)} A`);
    expect({ rcode, authoritative, types: answers.map(({ type }) => type) }).toEqual({
      rcode: 6,
      authoritative: true,
      types: [RRType.DNAME],
    });
    expect(why(zones, `${name(52)} A`).at(-1)).toContain('more than 255 octets (RFC 6672, section 2.2)');
  });

  test('a DNAME onto itself ends after 16 aliases, itself in the answer once', () => {
    const { answers, rcode, steps } = ask(zones, 'a.turn.shop.test. A');
    expect(answers.map(({ type }) => type)).toEqual([RRType.DNAME, ...Array(16).fill(RRType.CNAME)]);
    expect(rcode).toBe(0);
    expect(steps.at(-1)?.text).toMatch(/^the chain of aliases is given up at a\.(turn\.){17}shop\.test\., after 16$/);
  });

  test('a DNAME that is asked for behind itself is answered once', () => {
    const zone = zoneOf('shop.test.', 'up.a DNAME a\na DNAME b\nx.b DNAME @');
    expect(shown(ask(serve(zone), 'a.x.b.shop.test. DNAME').answers)).toEqual([
      'x.b.shop.test. 3600 DNAME shop.test.',
      'a.x.b.shop.test. 3600 CNAME a.shop.test.',
      'a.shop.test. 3600 DNAME b.shop.test.',
    ]);
    expect(shown(ask(serve(zoneOf('shop.test.', 'a DNAME @')), 'a.a.shop.test. DNAME').answers)).toEqual([
      'a.shop.test. 3600 DNAME shop.test.',
      'a.a.shop.test. 3600 CNAME a.shop.test.',
    ]);
  });

  test('DNAMEs one after another', () => {
    expect(shown(ask(zones, 'a.one.shop.test. A').answers)).toEqual([
      'one.shop.test. 3600 DNAME two.shop.test.',
      'a.one.shop.test. 3600 CNAME a.two.shop.test.',
      'two.shop.test. 3600 DNAME new.shop.test.',
      'a.two.shop.test. 3600 CNAME a.new.shop.test.',
      'A.New.shop.test. 60 A 192.0.2.1',
    ]);
  });

  test('section 2.3: a DNAME at the apex leaves the apex itself in place', () => {
    const apex = serve(zoneOf('shop.test.', '@ DNAME elsewhere.invalid.\n@ TXT "apex"'));
    expect(shown(ask(apex, 'shop.test. TXT').answers)).toEqual(['shop.test. 3600 TXT "apex"']);
    expect(answerTo(apex, 'shop.test. A')).toMatchObject({ rcode: 'NOERROR', authorities: [soaOf('shop.test.')] });
    const below = ask(apex, 'www.shop.test. A');
    expect(shown(below.answers).at(-1)).toBe('www.shop.test. 3600 CNAME www.elsewhere.invalid.');
    expect(below.continuesAt?.toString()).toBe('www.elsewhere.invalid.');
  });
});
