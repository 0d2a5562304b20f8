/** What is beside an answer. */
import { describe, expect, test } from 'vitest';
import { ask, serve, shown, zoneOf } from './zones.js';

describe('additional addresses', () => {
  const zones = serve(
    zoneOf(
      'shop.test.',
      `web          A     192.0.2.1
       web          AAAA  2001:db8::1
       web          TXT   "not an address"
       alias        CNAME web
       mx           MX    10 web
       mx           MX    20 alias
       mx           MX    30 host.other.test.
       mx           MX    40 in.cut
       mx           MX    50 any.wild
       cut          NS    in.cut
       in.cut       A     192.0.2.2
       *.wild       A     192.0.2.3
       srv          SRV   0 0 80 web
       naptr        NAPTR 1 1 "s" "SIP+D2U" "" srv
       naptr        NAPTR 2 1 "A" "x" "" web
       naptr        NAPTR 3 1 "u" "x" "!^.*$!sip:a@b!" .
       svc          SVCB  1 web alpn=h2
       front        HTTPS 0 pool
       pool         HTTPS 1 . alpn=h2
       pool         A     192.0.2.4
       own          HTTPS 1 . alpn=h2
       own          A     192.0.2.5
       deep         NS    in.deep
       ptr          PTR   web`,
    ),
    zoneOf('other.test.', 'host A 192.0.2.6'),
  );
  const beside = (question: string) => shown(ask(zones, question).additionals);
  const web = ['web.shop.test. 3600 A 192.0.2.1', 'web.shop.test. 3600 AAAA 2001:db8::1'];

  test('of MX: from the same zone, through a wildcard, but no alias, nothing below a cut, nothing of another zone', () => {
    expect(beside('mx.shop.test. MX')).toEqual([...web, 'any.wild.shop.test. 3600 A 192.0.2.3']);
  });

  test('of SRV (RFC 2782)', () => {
    expect(beside('srv.shop.test. SRV')).toEqual(web);
  });

  test('of NAPTR (RFC 3403, section 4.1): what its flag says', () => {
    expect(beside('naptr.shop.test. NAPTR')).toEqual(['srv.shop.test. 3600 SRV 0 0 80 web.shop.test.', ...web]);
  });

  test('of SVCB and HTTPS (RFC 9460, section 4.1): of the target, with its own HTTPS when it is an alias', () => {
    expect(beside('svc.shop.test. SVCB')).toEqual(web);
    expect(beside('front.shop.test. HTTPS').sort()).toEqual([
      'pool.shop.test. 3600 A 192.0.2.4',
      'pool.shop.test. 3600 HTTPS 1 . alpn="h2"',
    ]);
    expect(beside('own.shop.test. HTTPS')).toEqual(['own.shop.test. 3600 A 192.0.2.5']);
  });

  test('of nothing else', () => {
    expect(beside('ptr.shop.test. PTR')).toEqual([]);
  });

  test('each once', () => {
    const twice = serve(zoneOf('shop.test.', 'a SRV 0 0 1 b\na SRV 0 0 2 b\nb A 192.0.2.1'));
    expect(shown(ask(twice, 'a.shop.test. SRV').additionals)).toEqual(['b.shop.test. 3600 A 192.0.2.1']);
  });

  test('of the first 13 names', () => {
    const lines = Array.from({ length: 20 }, (_, i) => `@ MX ${i} m${i}\nm${i} A 192.0.2.${i}`).join('\n');
    expect(ask(serve(zoneOf('shop.test.', lines)), 'shop.test. MX').additionals).toHaveLength(13);
  });

  test('but glue below the cut is never left out (RFC 9471, section 3.1)', () => {
    const lines = Array.from({ length: 20 }, (_, i) => `cut NS m${i}.cut\nm${i}.cut A 192.0.2.${i}`).join('\n');
    expect(ask(serve(zoneOf('shop.test.', lines)), 'x.cut.shop.test. A').additionals).toHaveLength(20);
  });
});
