/** Answers by the examples of the RFCs, and what the contract of zones leaves open. */
import { describe, expect, test } from 'vitest';
import type { RRset } from '../../../../src/blocks/dns/record.js';
import { RRClass, RRType } from '../../../../src/blocks/dns/wire.js';
import { lookup } from '../../../../src/blocks/dns/zone/lookup.js';
import { MemoryZone } from '../../../../src/blocks/dns/zone/memory.js';
import type { ZoneData } from '../../../../src/blocks/dns/zone/zone-data.js';
import { answerTo, ask, questionOf, serve, shown, soaOf, why, zoneOf } from './zones.js';

describe('RFC 4592, section 2.2.1: an example', () => {
  const zones = serve(
    zoneOf(
      'example.',
      `*                 TXT   "this is a wildcard"
       *                 MX    10 host1
       sub.*             TXT   "this is not a wildcard"
       host1             A     192.0.2.1
       _ssh._tcp.host1   SRV   0 0 22 host1
       _ssh._tcp.host2   SRV   0 0 22 host2
       subdel            NS    ns.example.com.
       subdel            NS    ns.example.net.`,
    ),
  );
  const noData = { rcode: 'NOERROR', authoritative: true, authorities: [soaOf('example.')] };

  test('QNAME=host3.example. QTYPE=MX is a synthesized answer', () => {
    expect(answerTo(zones, 'host3.example. MX')).toEqual({
      rcode: 'NOERROR',
      authoritative: true,
      answers: ['host3.example. 3600 MX 10 host1.example.'],
      additionals: ['host1.example. 3600 A 192.0.2.1'],
    });
  });

  test('QNAME=host3.example. QTYPE=A is "no error, but no data" from the wildcard', () => {
    expect(answerTo(zones, 'host3.example. A')).toEqual(noData);
    expect(why(zones, 'host3.example. A')).toEqual([
      'zone example. is served here',
      '*.example. answers, since host3.example. does not exist (RFC 4592)',
      '*.example. has no A, but TXT, MX',
    ]);
  });

  test('QNAME=foo.bar.example. QTYPE=TXT is synthesized: bar.example. does not exist', () => {
    expect(answerTo(zones, 'foo.bar.example. TXT')).toMatchObject({
      answers: ['foo.bar.example. 3600 TXT "this is a wildcard"'],
    });
  });

  test.each([
    ['host1.example. MX', 'host1.example. exists'],
    ['sub.*.example. MX', 'sub.*.example. exists'],
    ['_telnet._tcp.host1.example. SRV', '_tcp.host1.example. exists, without data'],
    ['host.subdel.example. A', 'subdel.example. exists, and is a zone cut'],
    ['ghost.*.example. MX', '*.example. exists'],
  ])('%s is not synthesized, because %s', (question) => {
    expect(ask(zones, question).answers).toEqual([]);
    expect(ask(zones, question).steps.map(({ kind }) => kind)).not.toContain('wildcard');
  });

  test('section 2.2.2: _tcp.host1.example. is an empty non-terminal', () => {
    expect(answerTo(zones, '_tcp.host1.example. A')).toEqual(noData);
    expect(why(zones, '_tcp.host1.example. A').at(-1)).toBe(
      '_tcp.host1.example. exists without records, since there are names below it (RFC 4592, section 2.2.2)',
    );
  });

  test('section 2.2.3: below the wildcard itself nothing is synthesized', () => {
    expect(answerTo(zones, 'ghost.*.example. MX')).toEqual({ ...noData, rcode: 'NXDOMAIN' });
    expect(why(zones, 'ghost.*.example. MX').at(-1)).toBe('ghost.*.example. does not exist, nor does *.*.example.');
  });

  test('what is synthesized has the name as it was asked for, in its case', () => {
    expect(shown(ask(zones, 'HoSt3.example. TXT').answers)).toEqual(['HoSt3.example. 3600 TXT "this is a wildcard"']);
  });
});

describe('RFC 2308', () => {
  test('section 3: the SOA of a negative answer has the lower of its TTL and its MINIMUM', () => {
    const zones = (ttl: number, minimum: number) => {
      const zone = zoneOf('shop.test.', '');
      const [soa, ...others] = [...zone.records()];
      if (soa === undefined) throw new Error('no SOA');
      const rdata = Uint8Array.from(soa.rdata);
      new DataView(rdata.buffer).setUint32(rdata.length - 4, minimum);
      return serve(MemoryZone.fromRecords([{ ...soa, ttl, rdata }, ...others]));
    };
    expect(ask(zones(3600, 60), 'x.shop.test. A').authorities.map(({ ttl }) => ttl)).toEqual([60]);
    expect(ask(zones(30, 60), 'x.shop.test. A').authorities.map(({ ttl }) => ttl)).toEqual([30]);
    expect(ask(zones(3600, 60), 'shop.test. SOA').answers.map(({ ttl }) => ttl)).toEqual([3600]);
  });
});

describe('names in answers', () => {
  const zones = serve(zoneOf('Shop.Test.', 'WwW A 192.0.2.1\nal CNAME wWw\nMx MX 10 WWW'));

  test('are as they are stored, whatever case was asked for', () => {
    expect(shown(ask(zones, 'www.SHOP.test. A').answers)).toEqual(['WwW.Shop.Test. 3600 A 192.0.2.1']);
    expect(shown(ask(zones, 'AL.shop.test. A').answers)).toEqual([
      'al.Shop.Test. 3600 CNAME wWw.Shop.Test.',
      'WwW.Shop.Test. 3600 A 192.0.2.1',
    ]);
    expect(shown(ask(zones, 'mx.shop.test. MX').additionals)).toEqual(['WwW.Shop.Test. 3600 A 192.0.2.1']);
    expect(shown(ask(zones, 'nope.shop.test. A').authorities)).toEqual([soaOf('Shop.Test.')]);
  });
});

describe('records of DNSSEC', () => {
  const signature = (covered: string, ttl: number) =>
    `www ${ttl} RRSIG ${covered} 13 3 ${ttl} 20300101000000 20200101000000 1 shop.test. AAAA`;
  const zones = serve(
    zoneOf(
      'shop.test.',
      `www 60 A 192.0.2.1\n${signature('A', 60)}\n${signature('NSEC', 300)}\nwww 300 NSEC zzz A RRSIG NSEC
       alias CNAME www\nalias NSEC www CNAME NSEC`,
    ),
  );

  test('are answered when they are asked for, each signature with its TTL (RFC 4034, section 3)', () => {
    expect(ask(zones, 'www.shop.test. RRSIG').answers.map(({ ttl }) => ttl)).toEqual([60, 300]);
    expect(shown(ask(zones, 'www.shop.test. NSEC').answers)).toEqual([
      'www.shop.test. 300 NSEC zzz.shop.test. A RRSIG NSEC',
    ]);
  });

  test('beside an alias they are no alias', () => {
    expect(ask(zones, 'alias.shop.test. NSEC').answers.map(({ type }) => type)).toEqual([RRType.NSEC]);
  });

  test('go with nothing that asks for something else', () => {
    expect(ask(zones, 'www.shop.test. A').answers.map(({ type }) => type)).toEqual([RRType.A]);
    expect(ask(zones, 'www.shop.test. ANY').answers.map(({ type }) => type)).toEqual([RRType.A]);
  });
});

describe('a hook that selects records', () => {
  const zones = serve(
    zoneOf(
      'shop.test.',
      'api A 192.0.2.1\napi A 192.0.2.2\nsrv SRV 0 0 1 api\nal CNAME api\n*.w A 192.0.2.3\n*.w A 192.0.2.4',
    ),
  );
  const first = (set: RRset) =>
    set.type === RRType.A
      ? { set: { ...set, ttl: 5, rdatas: set.rdatas.slice(0, 1) }, why: `only the first of ${set.name} is healthy` }
      : undefined;

  test('chooses what is answered, and says why', () => {
    const result = ask(zones, 'api.shop.test. A', { select: first });
    expect(shown(result.answers)).toEqual(['api.shop.test. 5 A 192.0.2.1']);
    expect(result.dynamic).toBe(true);
    expect(result.steps.at(-1)).toMatchObject({
      kind: 'selected',
      text: 'only the first of api.shop.test. is healthy',
    });
  });

  test('is asked behind aliases, for addresses beside an answer, and for what a wildcard makes', () => {
    expect(shown(ask(zones, 'al.shop.test. A', { select: first }).answers).at(-1)).toBe('api.shop.test. 5 A 192.0.2.1');
    const service = ask(zones, 'srv.shop.test. SRV', { select: first });
    expect(shown(service.additionals)).toEqual(['api.shop.test. 5 A 192.0.2.1']);
    expect(service.dynamic).toBe(true);
    expect(shown(ask(zones, 'x.w.shop.test. A', { select: first }).answers)).toEqual(['x.w.shop.test. 5 A 192.0.2.3']);
  });

  test('leaves what it does not care about as it is', () => {
    const result = ask(zones, 'shop.test. NS', { select: first });
    expect(result.dynamic).toBe(false);
    expect(result.answers).toHaveLength(1);
  });
});

describe('questions that no zone here answers', () => {
  const zones = serve(zoneOf('shop.test.', ''));

  test('of names outside, and of other classes', () => {
    expect(lookup(zones, questionOf('test. A'))).toBeUndefined();
    expect(lookup(zones, { ...questionOf('shop.test. SOA'), class: RRClass.CH })).toBeUndefined();
  });

  test('the root zone answers for everything', () => {
    const root = serve(zoneOf('.', 'test NS ns.test\nns.test A 192.0.2.1'));
    expect(ask(root, 'a.b.test. A')).toMatchObject({ authoritative: false, rcode: 0 });
    expect(ask(root, '. NS').authoritative).toBe(true);
    expect(ask(root, '. DS')).toMatchObject({ authoritative: true, rcode: 0 });
    expect(ask(root, 'invalid. A').rcode).toBe(3);
  });
});

describe('how much is read', () => {
  const zone = zoneOf('shop.test.', 'a.b.c A 192.0.2.1\n*.w A 192.0.2.2\ncut NS ns.elsewhere.invalid.');
  const reads: string[] = [];
  const counting: ZoneData = {
    origin: zone.origin,
    node(name) {
      reads.push(name.toString());
      return zone.node(name);
    },
    closestEncloser(name) {
      reads.push(`closest encloser of ${name}`);
      return zone.closestEncloser(name);
    },
  };
  const readsOf = (question: string) => {
    reads.length = 0;
    lookup({ find: () => counting }, questionOf(question));
    return [...reads];
  };

  test('a name that exists: one node for it and for each name above it', () => {
    expect(readsOf('a.b.c.shop.test. A')).toEqual(['a.b.c.shop.test.', 'shop.test.', 'c.shop.test.', 'b.c.shop.test.']);
  });

  test('a name below a cut, of 100 labels: not a read more than for the shortest', () => {
    const long = `${'x.'.repeat(100)}cut.shop.test.`;
    expect(readsOf(`${long} A`)).toEqual([long, `closest encloser of ${long}`, 'shop.test.', 'cut.shop.test.']);
  });

  test('a name that a wildcard stands for: the wildcard only at the closest encloser', () => {
    expect(readsOf('x.y.w.shop.test. A')).toEqual([
      'x.y.w.shop.test.',
      'closest encloser of x.y.w.shop.test.',
      'shop.test.',
      'w.shop.test.',
      '*.w.shop.test.',
    ]);
  });
});
