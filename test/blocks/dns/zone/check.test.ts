import { describe, expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { checkZone } from '../../../../src/blocks/dns/zone/check.js';
import { parseMasterFile } from '../../../../src/blocks/dns/zone/master-file/index.js';
import { MemoryZone } from '../../../../src/blocks/dns/zone/memory.js';

const HEAD = '$ORIGIN shop.test.\n$TTL 60\n';
const SOA = '@ SOA ns hostmaster 1 2 3 4 5\n';
const APEX = `${SOA}@ NS ns\nns A 192.0.2.1\n`;
const DS = '1 8 2 AC480ABCA3B02DC68F614B12B1AD3B14A36BB8C2A1E3F1F6F4D2A0D1A1B2C3D4';

function problems(text: string) {
  const records = parseMasterFile([HEAD + text], { file: 'shop.test.zone' });
  return [...checkZone(MemoryZone.fromRecords(records))];
}

const found = (text: string) =>
  problems(text).map(({ severity, code, name, message }) => ({ line: `${severity} ${code} ${name}`, message }));

function expectProblems(text: string, expected: readonly string[]): void {
  const list = found(text);
  expect(list.map(({ line }) => line)).toEqual(expected);
  for (const { message } of list) expect(message).toMatch(/^\S.*[^.]$/);
}

describe('nothing is found', () => {
  test.each([
    ['in a small zone', 'www CNAME ns\n'],
    [
      'in aliases that are signed',
      'a CNAME ns\na NSEC b CNAME RRSIG NSEC\na RRSIG CNAME 8 3 60 20380101000000 20260101000000 1 @ AAAA\n',
    ],
    [
      'in a delegation with its glue',
      `sub NS ns.sub\nsub NS ns.other\nns.sub AAAA 2001:db8::1\nsub DS ${DS}\nother NS ns.other\nns.other A 192.0.2.2\n`,
    ],
    ['in a delegation to itself', 'sub NS sub\nsub A 192.0.2.2\n'],
    ['in a DNAME beside other data', 'old DNAME new.test.\nold TXT x\nold A 192.0.2.2\n'],
    [
      'in a wildcard that gives its targets an address',
      '*.pool A 192.0.2.2\n@ MX 0 a.pool\n_imap._tcp SRV 0 0 143 b.pool\nsub NS c.pool\nc CNAME d.pool\n',
    ],
    [
      'in targets in zones elsewhere, and in none',
      '@ MX 0 mail.other.\nnomail MX 0 .\n_ldap._tcp SRV 0 0 0 .\nsub NS ns.other.\nx CNAME gone.other.\n',
    ],
    [
      'in mail and services within a delegated zone',
      'sub NS ns\n@ MX 0 mail.sub\n_imap._tcp SRV 0 0 143 x.sub\nc CNAME y.sub\n',
    ],
    ['in names with underscores that are no hosts', '_dmarc TXT x\n_a._b SRV 0 0 1 ns\n_c CNAME ns\n'],
    [
      'in aliases to a name that has other data, or only names below it',
      'a CNAME t\nt TXT x\nb CNAME ent\nx.ent TXT x\n',
    ],
  ])('%s', (_, text) => expectProblems(APEX + text, []));
});

describe('errors', () => {
  test('a zone has a SOA record, and NS records', () => {
    const origin = Name.parse('shop.test');
    const empty = { origin, node: () => [], closestEncloser: () => origin, records: () => [] };
    expect([...checkZone(empty)]).toEqual([
      { severity: 'error', code: 'soa_missing', name: origin, message: 'shop.test. has no SOA record' },
      { severity: 'error', code: 'ns_missing', name: origin, message: 'shop.test. has no NS record' },
    ]);
    expectProblems(SOA, ['error ns_missing shop.test.']);
  });

  test.each([
    ['several SOA records', '@ SOA ns hostmaster 2 2 3 4 5', ['error soa_multiple shop.test.']],
    ['CNAME and other data', 'a CNAME ns\na TXT x\na A 192.0.2.1', ['error cname_and_other_data a.shop.test.']],
    ['CNAME at the origin', '@ CNAME other.', ['error cname_and_other_data shop.test.']],
    ['CNAME and DNAME', 'a CNAME other.\na DNAME other.', ['error cname_and_other_data a.shop.test.']],
    ['CNAME and a key of DNSSEC', 'a CNAME other.\na DNSKEY 256 3 8 AAAA', ['error cname_and_other_data a.shop.test.']],
    ['several CNAME records', 'a CNAME x.other.\na CNAME y.other.', ['error cname_multiple a.shop.test.']],
    ['several DNAME records', 'a DNAME x.other.\na DNAME y.other.', ['error dname_multiple a.shop.test.']],
    [
      'records below a DNAME',
      'a DNAME other.\nb.a TXT x\nx.c.a NS ns',
      ['error below_dname b.a.shop.test.', 'error below_dname x.c.a.shop.test.'],
    ],
  ])('%s', (_, text, expected) => expectProblems(`${APEX}${text}\n`, expected));
});

test('a SOA record below the origin is an error', () => {
  const records = [...parseMasterFile([`${HEAD}${APEX}z SOA ns hostmaster 1 2 3 4 5\n`], { file: 'shop.test.zone' })];
  const zone = MemoryZone.fromRecords(records);
  const { origin } = zone;
  const node = (name: Name) => zone.node(name);
  const list = [...checkZone({ origin, node, closestEncloser: () => origin, records: () => records })];
  expect(list).toMatchObject([
    { severity: 'error', code: 'soa_below_apex', message: expect.stringMatching(/^z\.shop\.test\. has a SOA/) },
  ]);
});

describe('warnings', () => {
  test.each([
    ['DNAME at a delegation', 'a NS ns\na DNAME other.', ['dname_and_ns a.shop.test.']],
    ['data at a delegation', 'a NS ns\na TXT x\na A 192.0.2.1', ['occluded a.shop.test.']],
    [
      'data below a delegation, another one too',
      'a NS ns\nb.a MX 0 nowhere.b.a\nc.b.a NS d.a',
      ['occluded b.a.shop.test.', 'occluded c.b.a.shop.test.'],
    ],
    [
      'an address below a delegation that is no glue',
      'a NS ns\nx.a A 192.0.2.1\ny.a A 192.0.2.1\nz NS y.a',
      ['occluded x.a.shop.test.'],
    ],
    ['missing glue', 'a NS x.a\na NS y.a\ny.a A 192.0.2.1', ['glue_missing a.shop.test.']],
    ['missing glue in another delegated zone', 'a NS x.b\nb NS ns', ['glue_missing a.shop.test.']],
    [
      'a name server without an address',
      'a NS nowhere\nb NS text\ntext TXT x\nc NS ent\nx.ent TXT x',
      [
        'target_without_address a.shop.test.',
        'target_without_address b.shop.test.',
        'target_without_address c.shop.test.',
      ],
    ],
    [
      'a name server that is an alias',
      'a NS alias\nalias CNAME ns\nb NS x.w\n*.w CNAME ns',
      ['target_is_alias a.shop.test.', 'target_is_alias b.shop.test.'],
    ],
    [
      'a mail exchanger without an address, or an alias',
      'a MX 0 x\na MX 1 alias\nalias CNAME ns',
      ['target_without_address a.shop.test.', 'target_is_alias a.shop.test.'],
    ],
    [
      'a service without an address, or an alias',
      '_a._tcp SRV 0 0 1 x\n_b._tcp SRV 0 0 1 y.old\nold DNAME other.',
      ['target_without_address _a._tcp.shop.test.', 'target_is_alias _b._tcp.shop.test.'],
    ],
    [
      'an address in place of a host',
      'a MX 0 192.0.2.1\nb NS 192.0.2.1.',
      ['target_is_address a.shop.test.', 'target_without_address a.shop.test.', 'target_is_address b.shop.test.'],
    ],
    ['NS records of a wildcard', '*.a NS ns', ['wildcard_ns *.a.shop.test.']],
    ['a DNAME record of a wildcard', '*.a DNAME other.', ['wildcard_dname *.a.shop.test.']],
    ['an asterisk within a name', 'a.*.b TXT x', ['wildcard_inside a.*.b.shop.test.']],
    ['DS at the origin', `@ DS ${DS}`, ['ds_at_apex shop.test.']],
    ['DS without a delegation', `a DS ${DS}`, ['ds_without_delegation a.shop.test.']],
    [
      'owners that are no host names',
      'a_b A 192.0.2.1\n-c AAAA 2001:db8::1\nd- MX 0 ns\n*.e_ A 192.0.2.1',
      [
        'no_host_name -c.shop.test.',
        'no_host_name a_b.shop.test.',
        'no_host_name d-.shop.test.',
        'no_host_name *.e_.shop.test.',
      ],
    ],
    [
      'targets that are no host names',
      'a MX 0 b_c\nb_c A 192.0.2.1\nd NS x_.other.',
      ['no_host_name a.shop.test.', 'no_host_name b_c.shop.test.', 'no_host_name d.shop.test.'],
    ],
    ['an alias of nothing', 'a CNAME nowhere', ['cname_target_missing a.shop.test.']],
    [
      'aliases that go round',
      'a CNAME b\nb CNAME c\nc CNAME a\nd CNAME d\ne CNAME a',
      ['cname_loop a.shop.test.', 'cname_loop b.shop.test.', 'cname_loop c.shop.test.', 'cname_loop d.shop.test.'],
    ],
    ['names that end in the origin twice', 'www.shop.test A 192.0.2.1', ['origin_twice www.shop.test.shop.test.']],
    ['a CNAME that needs a dot', 'a CNAME ns.shop.test', ['cname_target_missing a.shop.test.']],
  ])('%s', (_, text, expected) =>
    expectProblems(
      `${APEX}${text}\n`,
      expected.map((one) => `warning ${one}`),
    ),
  );

  test('name servers of the zone itself without an address, or an alias', () => {
    expectProblems(`${SOA}@ NS ns\n`, ['warning target_without_address shop.test.']);
    expectProblems(`${SOA}@ NS ns\nns CNAME host\nhost A 192.0.2.1\n`, ['warning target_is_alias shop.test.']);
  });

  test('a mailbox with @', () => {
    expectProblems('@ SOA ns root\\@shop.test. 1 2 3 4 5\n@ NS ns.other.\n', ['warning mailbox_with_at shop.test.']);
  });

  test('in a zone of one label names may repeat it', () => {
    const text = 'foo. 60 SOA ns.other. h.other. 1 2 3 4 5\nfoo. NS foo.foo.\nfoo.foo. A 192.0.2.1\n';
    expect([...checkZone(MemoryZone.fromRecords(parseMasterFile([text], { file: 'foo' })))]).toEqual([]);
  });
});

test('messages say what is wrong, and what may be meant', () => {
  const text = `${APEX}@ MX 10 mail.shop.test\na CNAME ns\na TXT x\nsub NS ns.sub\nsub TXT x\n`;
  expect(found(text).map(({ message }) => message)).toEqual([
    'shop.test. MX leads to mail.shop.test.shop.test., which does not exist: is a dot missing at its end?',
    'a.shop.test. has a CNAME record beside TXT: it stands alone',
    'sub.shop.test. is delegated: its TXT records are never answered',
    'sub.shop.test. NS leads to ns.sub.shop.test. in the delegated zone itself, and no address is here as glue',
  ]);
});

test('the root is a zone, too', () => {
  const text =
    '. 60 SOA ns.test. h.test. 1 2 3 4 5\n. NS ns.test.\ntest. NS ns.test.\nns.test. A 192.0.2.1\nx. MX 0 y.\n';
  const zone = MemoryZone.fromRecords(parseMasterFile([text], { file: 'root', origin: Name.root }));
  expect([...checkZone(zone)].map(({ message }) => message)).toEqual(['x. MX leads to y., which does not exist']);
});
