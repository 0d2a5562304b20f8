import { describe, expect, test } from 'vitest';
import { Rcode } from '../../../../src/blocks/dns/wire.js';
import { show } from '../zone/zones.js';
import { verdictOn } from './internet.js';

const AA = { authoritative: true };

describe('a server of test, asked for www.shop.test', () => {
  const verdict = (...args: [Parameters<typeof verdictOn>[2], Parameters<typeof verdictOn>[3]?]) =>
    verdictOn('www.shop.test. A', 'test.', ...args);

  test('answers with authority: an answer', () => {
    expect(verdict({ answers: ['www.shop.test. 60 A 192.0.2.1', 'www.shop.test. 60 A 192.0.2.2'] }, AA)).toMatchObject({
      kind: 'answer',
      aliases: [],
      records: [{ ttl: 60 }, { ttl: 60 }],
    });
  });

  test('without AA it is no server of the zone, whatever it says', () => {
    const lame = { kind: 'lame', why: expect.stringContaining('authority') };
    expect(verdict({ answers: ['www.shop.test. 60 A 192.0.2.1'] })).toEqual(lame);
    expect(verdict({ answers: ['www.shop.test. 60 CNAME a.test.'] })).toEqual(lame);
    expect(verdict({ authorities: ['test. 60 SOA ns. me. 1 1 1 1 1'] }, { rcode: Rcode.NXDOMAIN })).toEqual(lame);
    expect(verdict({ authorities: ['test. 60 SOA ns. me. 1 1 1 1 1'] })).toEqual(lame);
    expect(verdict({})).toEqual(lame);
  });

  test.each(['SERVFAIL', 'REFUSED', 'NOTIMP', 'FORMERR', 'NOTAUTH'] as const)('%s is lame', (name) => {
    expect(verdict({}, { ...AA, rcode: Rcode[name] })).toEqual({ kind: 'lame', why: name });
  });

  test('refers to a zone nearer to the name, with glue for what lies within its own zone (RFC 1034, 4.2.1)', () => {
    const referral = verdict({
      authorities: [
        'shop.test. 60 NS ns1.shop.test.',
        'shop.test. 60 NS ns2.other.test.',
        'shop.test. 60 NS ns3.other.',
      ],
      additionals: [
        'ns1.shop.test. 60 AAAA 2001:db8::1',
        'ns1.shop.test. 60 A 192.0.2.1',
        'ns2.other.test. 60 A 192.0.2.2',
        'ns3.other. 60 A 192.0.2.66',
        'nobody.asked.test. 60 A 192.0.2.3',
      ],
    });
    expect(referral).toMatchObject({ kind: 'referral' });
    if (referral.kind !== 'referral') return;
    expect(referral.zone.toString()).toBe('shop.test.');
    expect(referral.servers.map(({ name, places }) => [String(name), places.map(({ address }) => address)])).toEqual([
      ['ns1.shop.test.', ['192.0.2.1', '2001:db8::1']],
      ['ns2.other.test.', ['192.0.2.2']],
      ['ns3.other.', []],
    ]);
    expect(referral.outside.map(String)).toEqual(['ns3.other.']);
  });

  test.each([
    ['. 60 NS a.root.', 'it refers upward, to .'],
    ['test. 60 NS ns.test.', 'it refers to the servers of test. itself'],
    ['com. 60 NS ns.com.', 'it refers to com., which leads nowhere nearer'],
    ['sub.www.shop.test. 60 NS ns.test.', 'it refers to sub.www.shop.test., which leads nowhere nearer'],
  ])('a referral that leads nowhere nearer is lame: %s', (ns, why) => {
    expect(verdict({ authorities: [ns] })).toEqual({ kind: 'lame', why });
  });

  test('an alias is followed within the zone, and to be gone on with beyond what it tells (RFC 1034, 3.6.2)', () => {
    const inside = verdict(
      { answers: ['www.shop.test. 60 CNAME web.test.', 'web.test. 60 CNAME a.test.', 'a.test. 60 A 192.0.2.1'] },
      AA,
    );
    expect(inside).toMatchObject({ kind: 'answer', aliases: [{}, {}], records: [{}] });
    const outside = verdict({ answers: ['www.shop.test. 60 CNAME cdn.example.', 'cdn.example. 60 A 192.0.2.66'] }, AA);
    expect(outside).toMatchObject({ kind: 'alias', aliases: [{}] });
    expect(outside.kind === 'alias' && outside.target.toString()).toBe('cdn.example.');
  });

  test('NXDOMAIN behind an alias is about the end of the aliases, where the zone reaches so far (RFC 6604)', () => {
    const sections = {
      answers: ['www.shop.test. 60 CNAME gone.test.'],
      authorities: ['test. 60 SOA ns. me. 1 1 1 1 1'],
    };
    const gone = verdict(sections, { ...AA, rcode: Rcode.NXDOMAIN });
    expect(gone).toMatchObject({ kind: 'nxdomain' });
    expect(gone.kind === 'nxdomain' && gone.name.toString()).toBe('gone.test.');
    const foreign = { ...sections, answers: ['www.shop.test. 60 CNAME gone.example.'] };
    expect(verdict(foreign, { ...AA, rcode: Rcode.NXDOMAIN })).toMatchObject({ kind: 'alias' });
  });

  test('a DNAME is shown with the alias that it makes (RFC 6672)', () => {
    const found = verdict(
      {
        answers: [
          'shop.test. 60 DNAME store.test.',
          'www.shop.test. 0 CNAME www.store.test.',
          'www.store.test. 60 A 192.0.2.1',
        ],
      },
      AA,
    );
    expect(found.kind === 'answer' && found.aliases.map(show)).toEqual([
      'shop.test. 60 DNAME store.test.',
      'www.shop.test. 0 CNAME www.store.test.',
    ]);
  });

  test('no such data, with a SOA record or without one (RFC 2308, 2.2)', () => {
    expect(verdict({ authorities: ['test. 60 SOA ns. me. 1 1 1 1 1'] }, AA)).toMatchObject({ kind: 'nodata' });
    expect(verdict({}, AA)).toMatchObject({ kind: 'nodata' });
    expect(verdict({ authorities: ['test. 60 NS ns.test.'] }, AA)).toMatchObject({ kind: 'nodata' });
  });

  test('a SOA record of a zone above is none of a server of this one', () => {
    expect(verdict({ authorities: ['. 60 SOA ns. me. 1 1 1 1 1'] })).toMatchObject({ kind: 'lame' });
  });
});
