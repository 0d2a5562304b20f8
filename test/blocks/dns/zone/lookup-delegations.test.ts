/** Referrals, their glue, and DS at a cut. */
import { describe, expect, test } from 'vitest';
import { answerTo, ask, serve, shown, soaOf, why, zoneOf } from './zones.js';

describe('delegations', () => {
  const parent = zoneOf(
    'shop.test.',
    `sub          NS   ns.sub
     sub          NS   ns.sibling
     sub          NS   host
     sub          NS   ns.elsewhere.invalid.
     sub          DS   1 13 2 ${'00'.repeat(32)}
     ns.sub   60  A    192.0.2.1
     ns.sub   60  AAAA 2001:db8::1
     sibling      NS   ns.sibling
     ns.sibling   A    192.0.2.2
     host         A    192.0.2.3
     to           CNAME www.sub
     www.sub      A    192.0.2.4`,
  );
  const zones = serve(parent);

  test('glue: what is below the cut first, then siblings and addresses of the zone itself', () => {
    expect(answerTo(zones, 'www.SUB.shop.test. A')).toEqual({
      rcode: 'NOERROR',
      authoritative: false,
      authorities: [
        'sub.shop.test. 3600 NS ns.sub.shop.test.',
        'sub.shop.test. 3600 NS ns.sibling.shop.test.',
        'sub.shop.test. 3600 NS host.shop.test.',
        'sub.shop.test. 3600 NS ns.elsewhere.invalid.',
      ],
      additionals: [
        'ns.sub.shop.test. 60 A 192.0.2.1',
        'ns.sub.shop.test. 60 AAAA 2001:db8::1',
        'ns.sibling.shop.test. 3600 A 192.0.2.2',
        'host.shop.test. 3600 A 192.0.2.3',
      ],
    });
    expect(why(zones, 'www.sub.shop.test. A')).toEqual([
      'zone shop.test. is served here',
      'delegated at sub.shop.test.',
    ]);
  });

  test('an alias into a delegation is authoritative, with the referral beside it', () => {
    const { authoritative, answers, authorities } = ask(zones, 'to.shop.test. A');
    expect({ authoritative, answers: shown(answers), servers: authorities.map(({ name }) => name.toString()) }).toEqual(
      {
        authoritative: true,
        answers: ['to.shop.test. 3600 CNAME www.sub.shop.test.'],
        servers: ['sub.shop.test.'],
      },
    );
  });

  test('a child that is served here, too, answers for itself', () => {
    const both = serve(parent, zoneOf('sub.shop.test.', 'www 60 A 192.0.2.99'));
    expect(shown(ask(both, 'www.sub.shop.test. A').answers)).toEqual(['www.sub.shop.test. 60 A 192.0.2.99']);
    expect(shown(ask(both, 'to.shop.test. A').answers).at(-1)).toBe('www.sub.shop.test. 60 A 192.0.2.99');
    expect(ask(both, 'sub.shop.test. NS').authoritative).toBe(true);
  });

  describe('RFC 4035, section 3.1.4.1: DS', () => {
    const child = zoneOf('sub.shop.test.', '');

    test('is the parent’s to answer where both are served here', () => {
      const result = ask(serve(parent, child), 'sub.shop.test. DS');
      expect(result.zone.toString()).toBe('shop.test.');
      expect(shown(result.answers)).toEqual([`sub.shop.test. 3600 DS 1 13 2 ${'00'.repeat(32)}`]);
      expect(result.authoritative).toBe(true);
      expect(result.steps.map(({ kind }) => kind)).toEqual(['zone', 'parent-side', 'found']);
    });

    test('is no data of the child where the parent is not served here', () => {
      expect(answerTo(serve(child), 'sub.shop.test. DS')).toEqual({
        rcode: 'NOERROR',
        authoritative: true,
        authorities: [soaOf('sub.shop.test.')],
      });
    });

    test('that is not there is the parent’s no data', () => {
      expect(answerTo(zones, 'sibling.shop.test. DS')).toMatchObject({ authorities: [soaOf('shop.test.')] });
    });
  });
});
