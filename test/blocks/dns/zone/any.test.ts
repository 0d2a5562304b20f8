/** Queries for ANY. */
import { describe, expect, test } from 'vitest';
import { RRType } from '../../../../src/blocks/dns/wire.js';
import { answerTo, ask, serve, shown, soaOf, why, zoneOf } from './zones.js';

describe('RFC 8482: ANY', () => {
  const zones = serve(
    zoneOf(
      'shop.test.',
      `www   TXT  "a long text, longer than all else"
       www   A    192.0.2.1
       www   A    192.0.2.2
       www   LOC  52 N 13 E 10m
       tie   AAAA 2001:db8::1
       tie   LOC  52 N 13 E 10m
       mail  MX   10 www
       alias CNAME www
       ent.x TXT  "x"
       *.w   A    192.0.2.9
       old   DNAME new`,
    ),
  );

  test('section 4.1: one RRset, whole, the smallest', () => {
    expect(shown(ask(zones, 'www.shop.test. ANY').answers)).toEqual([
      'www.shop.test. 3600 A 192.0.2.1',
      'www.shop.test. 3600 A 192.0.2.2',
    ]);
    expect(why(zones, 'www.shop.test. ANY')).toContain(
      'ANY gets the smallest RRset of www.shop.test., A (RFC 8482, section 4.1)',
    );
  });

  test('of equally small ones the lowest type', () => {
    expect(ask(zones, 'tie.shop.test. ANY').answers.map(({ type }) => type)).toEqual([RRType.AAAA]);
  });

  test('nothing additional', () => {
    expect(ask(zones, 'mail.shop.test. ANY').additionals).toEqual([]);
    expect(ask(zones, 'mail.shop.test. MX').additionals).toHaveLength(1);
  });

  test('an alias is what is there, and is not followed, nor is a DNAME', () => {
    expect(shown(ask(zones, 'alias.shop.test. ANY').answers)).toEqual(['alias.shop.test. 3600 CNAME www.shop.test.']);
    expect(ask(zones, 'a.old.shop.test. ANY').answers.map(({ type }) => type)).toEqual([RRType.DNAME, RRType.CNAME]);
  });

  test('names without records and names that do not exist are answered as for any type', () => {
    expect(answerTo(zones, 'x.shop.test. ANY')).toMatchObject({ rcode: 'NOERROR', authorities: [soaOf('shop.test.')] });
    expect(answerTo(zones, 'none.shop.test. ANY')).toMatchObject({ rcode: 'NXDOMAIN' });
    expect(shown(ask(zones, 'a.w.shop.test. ANY').answers)).toEqual(['a.w.shop.test. 3600 A 192.0.2.9']);
  });
});
