/** `ds dns query` beside Debian's dig: the same words, asked of BIND, print the same text. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerTo, startFakeServer } from '../blocks/dns/client/fake-server.js';
import { type CertificateFiles, makeCertificateIn } from '../helpers/certificates.js';
import { type Named, startNamed } from '../helpers/name-servers.js';
import { hasPackages } from '../helpers/programs.js';
import { runDs } from '../helpers/run-ds.js';
import { makeTemporaryFolder } from '../helpers/temporary-folder.js';

const DIGEST = '49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB';
const KEY = 'mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==';
const HIP_KEY =
  'AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p9+LrV4e19WzK00+CI6zBCQTdtWsuxKbWIy87UOoJTwkUs7lBu+Upr1gsNrut79ryra+bSRGQb1slImA8YVJyuIDsj7kwzG7jnERNqnWxZ48AWkskmdHaVDP4BcelrTI3rMXdXF5D';

/** Names of records, one of each type. */
const records: Readonly<Record<string, string>> = {
  a: 'A 10.0.0.7',
  aaaa: 'AAAA 2001:db8::2',
  apl: 'APL 1:192.168.32.0/21 !1:192.168.38.0/28',
  caa: 'CAA 0 issue "ca.test"',
  cdnskey: `CDNSKEY 256 3 13 ${KEY}`,
  cds: `CDS 12345 13 2 ${DIGEST}`,
  cert: `CERT PGP 0 0 ${KEY}`,
  cname: 'CNAME a',
  csync: 'CSYNC 66 3 A NS AAAA',
  dhcid: 'DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=',
  dname: 'DNAME elsewhere.test.',
  dnskey: `DNSKEY 257 3 13 ${KEY}`,
  ds: `DS 12345 13 2 ${DIGEST}`,
  eui48: 'EUI48 00-00-5e-00-53-2a',
  hinfo: 'HINFO "PC" "Linux"',
  hip: `HIP 2 200100107B1A74DF365639CC39F1D578 ${HIP_KEY} rvs.test.`,
  https: 'HTTPS 1 . alpn=h2,h3 ipv4hint=10.0.0.7 port=8443',
  ipseckey: 'IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==',
  loc: 'LOC 60 9 0.000 N 24 39 0.000 E 10.00m 20m 2000m 20m',
  mx: 'MX 10 a',
  naptr: 'NAPTR 100 50 "s" "http+I2L+I2C+I2R" "" _http._tcp.shop.test.',
  nsec: 'NSEC b.shop.test. A NSEC TYPE1234',
  nsec3param: 'NSEC3PARAM 1 0 5 ABCD',
  openpgpkey: `OPENPGPKEY ${KEY}`,
  ptr: 'PTR a',
  rp: 'RP admin text',
  rrsig: `RRSIG A 13 3 300 20300101000000 20250101000000 12345 shop.test. ${KEY}`,
  smimea: `SMIMEA 3 1 1 ${DIGEST}`,
  srv: 'SRV 1 2 5060 a',
  sshfp: `SSHFP 4 2 ${DIGEST}`,
  svcb: 'SVCB 1 svc.shop.test. alpn=h2',
  tlsa: `TLSA 3 1 1 ${DIGEST}`,
  txt: 'TXT "v=spf1 -all" "a \\"quote\\", \\\\ and \\007"',
  type65280: 'TYPE65280 \\# 40 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0011223344556677',
  uri: 'URI 10 1 "ftp://ftp.test/public"',
  zonemd: `ZONEMD 2018031500 1 1 ${DIGEST}${DIGEST.slice(0, 32)}`,
};

const zone = [
  '$TTL 300',
  '@ SOA ns1 hostmaster 2026010101 7200 5400 1209600 300',
  '@ NS ns1',
  '@ NS ns2',
  'ns1 A 10.0.0.1',
  'ns2 A 10.0.0.2',
  'ns2 AAAA 2001:db8::2',
  ...Object.entries(records).map(([name, record]) => `${name} ${record}`),
  'many 60 A 10.0.1.1',
  'many 60 A 10.0.1.2',
  '*.wild 0 TXT "anything"',
  'a-rather-long-label-here.and-another A 10.9.9.9',
  'exactly-24-long 86400 A 10.9.9.8',
  'odd\\.dot\\032space\\200 90061 A 10.9.9.7',
  'sub NS ns.sub',
  'ns.sub A 10.1.0.1',
  ...Array.from({ length: 95 }, (_, index) => `big A 10.2.0.${index + 1}`),
].join('\n');

const withDig = hasPackages('bind9', 'bind9-dnsutils', 'openssl');
const folder = makeTemporaryFolder();
let certificate: CertificateFiles;
let named: Named;

beforeAll(async () => {
  if (!withDig) return;
  certificate = makeCertificateIn(folder.path);
  const options =
    'check-names primary ignore; server-id "ns-test"; rrset-order { order none; }; minimal-responses no; version "test";';
  named = await startNamed({ zones: { 'shop.test': `${zone}\n` }, options, tls: certificate });
});
afterAll(async () => {
  await named?.stop();
  folder.remove();
});

const run = promisify(execFile);

async function dig(args: readonly string[]): Promise<string> {
  // ~/.digrc of whoever runs the tests is of no interest.
  const { stdout } = await run('dig', ['-r', ...args], { cwd: folder.path });
  return stdout;
}

async function ds(args: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await runDs(['dns', 'query', ...args], { cwd: folder.path });
  expect({ code, stderr: stderr.replace(/^(?:NXDOMAIN|NODATA|REFUSED).*\n/gm, '') }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** Without what differs each time. */
function normal(text: string): string {
  return text
    .replace(/^; <<>> .* <<>> ?(.*)$/gm, (_, words: string) => `; <<>> program <<>> ${words.replace(/^-r /, '')}`)
    .replace(/, id: \d+$/gm, ', id: N')
    .replace(/^; COOKIE: [0-9a-f]+/gm, '; COOKIE: HEX')
    .replace(/^;; Query time: \d+ (msec|usec)$/gm, ';; Query time: N $1')
    .replace(/^;; WHEN: .*$/gm, ';; WHEN: T')
    .replace(/ in \d+ ms\.$/gm, ' in N ms.');
}

/** `more` are words for ds alone. */
async function expectSame(args: readonly string[], more: readonly string[] = []): Promise<void> {
  const [theirs, ours] = await Promise.all([dig(args), ds([...args, ...more])]);
  expect(theirs).not.toBe('');
  expect(normal(ours)).toBe(normal(theirs));
}

describe.skipIf(!withDig)('as dig', () => {
  const at = () => ['@127.0.0.1', '-p', String(named.port)];

  test.each(Object.keys(records))('data of %s', async (name) => {
    const type = name.toUpperCase();
    for (const words of [['+noall', '+answer'], ['+noall', '+answer', '+multi'], ['+short']]) {
      await expectSame([...at(), `${name}.shop.test`, type, ...words]);
    }
  });

  test.each([
    'a.shop.test',
    'a.shop.test A IN',
    'in txt txt.shop.test',
    'cname.shop.test',
    'many.shop.test',
    'shop.test SOA +multiline',
    'shop.test NS',
    'shop.test ANY',
    'nosuch.shop.test',
    'a.shop.test AAAA',
    'www.sub.shop.test',
    'x.y.wild.shop.test txt',
    'x.dname.shop.test',
    'elsewhere.example',
    'a-rather-long-label-here.and-another.shop.test',
    'exactly-24-long.shop.test +noall +answer +question',
    'odd\\.dot\\032space\\200.shop.test',
    'A.ShOp.TeSt',
    '+norecurse a.shop.test',
    '+dnssec a.shop.test',
    '+noedns a.shop.test',
    '+nocookie a.shop.test',
    '+noadflag +cdflag a.shop.test',
    '+zflag a.shop.test',
    '+aaonly +nord a.shop.test',
    '+nsid a.shop.test',
    '+subnet=10.1.2.3/24 a.shop.test',
    '+subnet=2001:db8::/32 a.shop.test',
    '+subnet=0 a.shop.test',
    '+tcp a.shop.test',
    '+vc +keepalive a.shop.test',
    'big.shop.test',
    'big.shop.test +bufsize=4096',
    'big.shop.test +ignore',
    '-x 10.0.0.7',
    '-x 2001:db8::2',
    '-t mx mx.shop.test',
    // Once: BIND answers three of these a second.
    '-c ch -t txt version.bind +norec',
    '-q mx -t mx',
    '-tmx mx.shop.test',
    'a.shop.test mx.shop.test mx txt.shop.test txt',
    'mx a.shop.test mx.shop.test',
    'a.shop.test +noall +answer mx.shop.test mx',
    '-f batch.txt',
    '+noall +answer -f batch.txt',
    '+short a.shop.test mx.shop.test mx',
    '+short +identify cname.shop.test',
    '+short nosuch.shop.test a.shop.test',
    '+nocmd a.shop.test',
    '+nocomments a.shop.test',
    '+noquestion a.shop.test',
    '+nostats a.shop.test',
    '+noauthority +noadditional a.shop.test',
    '+noall +comments a.shop.test',
    '+noall +stats a.shop.test',
    '+all a.shop.test',
    '+noclass a.shop.test',
    '+nottlid a.shop.test',
    '+nottlid +noclass a.shop.test',
    '+ttlunits odd\\.dot\\032space\\200.shop.test',
    '+ttlunits x.wild.shop.test txt',
    '+unknownformat mx.shop.test mx',
    '+unknownformat +multi rrsig.shop.test rrsig',
    '+expandaaaa aaaa.shop.test aaaa',
    '+split=20 dnskey.shop.test dnskey',
    '+split=21 ds.shop.test ds',
    '+nosplit rrsig.shop.test rrsig',
    '+multi +split=16 tlsa.shop.test tlsa',
    '+rrcomments dnskey.shop.test dnskey',
    '+multi +norrcomments dnskey.shop.test dnskey',
    '+multi +norrcomments shop.test soa',
    '+header-only',
    '+qid=4711 +nocookie +qr a.shop.test',
    '+qr +nocookie +dnssec +nsid +subnet=10.0.0.0/8 +expire a.shop.test',
    '+opcode=notify shop.test soa',
    '-u a.shop.test',
    '+onesoa +noall +answer shop.test axfr',
    'shop.test axfr',
    'shop.test axfr +nocrypto +noall +answer',
    'shop.test axfr +nocrypto +multi +noall +answer',
    'shop.test ixfr=2026010101',
    'shop.test ixfr=2025010101',
    '+edns=1 a.shop.test',
    '+edns=1 +noednsneg a.shop.test',
    '+ednsopt=65001:abcd +ednsopt=nsid +qr +nocookie a.shop.test',
    'TYPE65280 type65280.shop.test',
    'type257 caa.shop.test +noall +answer',
    '.',
    '',
  ])('%s', async (words) => {
    writeFileSync(join(folder.path, 'batch.txt'), 'a.shop.test\nmx.shop.test mx\ntxt.shop.test TXT\n');
    await expectSame([...at(), ...words.split(' ').filter((word) => word !== '')]);
  });
});

describe.skipIf(!withDig)('over transports that hide, as dig', () => {
  // dig takes any certificate, ds has to be told which authority to trust.
  const trusting = () => ['--tls-ca', certificate.cert];
  const ports = {
    '+tls': () => named.tlsPort,
    '+https': () => named.httpsPort,
    '+https-get': () => named.httpsPort,
    '+http-plain': () => named.httpPort,
    '+http-plain-get': () => named.httpPort,
  } as const;

  test.each(Object.entries(ports))('%s', async (word, port) => {
    const at = ['@127.0.0.1', '-p', String(port()), word];
    await expectSame([...at, 'many.shop.test'], trusting());
    await expectSame([...at, 'big.shop.test', '+nsid'], trusting());
  });

  test('+tls a zone transfer', async () => {
    await expectSame(['@127.0.0.1', '-p', String(named.tlsPort), '+tls', 'shop.test', 'axfr'], trusting());
  });

  test('a certificate that nobody vouches for is not trusted', async () => {
    for (const url of [`tls://127.0.0.1:${named.tlsPort}`, `https://127.0.0.1:${named.httpsPort}`]) {
      const { code, stdout } = await runDs(['dns', 'query', 'a.shop.test', '--server', url, '--json']);
      expect({ code, error: JSON.parse(stdout).error.code }).toEqual({ code: 3, error: 'dns.untrusted' });
      const any = await runDs(['dns', 'query', 'a.shop.test', '--server', url, '--tls-insecure', '--short']);
      expect(any).toMatchObject({ code: 0, stdout: '10.0.0.7\n' });
    }
  });

  test('a certificate for another name is not trusted', async () => {
    const ask = (name: string) => {
      const url = `tls://127.0.0.1:${named.tlsPort}#${name}`;
      return runDs(['dns', 'query', 'a.shop.test', '--server', url, ...trusting(), '--short']);
    };
    expect(await ask('localhost')).toMatchObject({ code: 0, stdout: '10.0.0.7\n' });
    expect((await ask('dns.example')).code).toBe(3);
  });
});

describe.skipIf(!withDig)('EDNS options of servers, as dig', () => {
  const text = Buffer.from('because \u00e9\u001b[31m');
  const option = (code: number, data: Uint8Array) => ({ code, data });
  test.each([
    ['NSID', option(3, Buffer.from('node-1\u0001'))],
    ['client subnet', option(8, Uint8Array.from([0, 1, 24, 16, 192, 0, 2]))],
    ['EXPIRE', option(9, Uint8Array.from([0, 9, 58, 128]))],
    ['a bad cookie', option(65_002, Uint8Array.from([1, 2]))],
    ['keepalive', option(11, Uint8Array.from([1, 44]))],
    ['an extended error', option(15, Uint8Array.from([0, 18, ...text]))],
    ['an extended error without text', option(15, Uint8Array.from([0, 3]))],
    ['an extended error without a name', option(15, Uint8Array.from([200, 0, 65]))],
    ['an unknown option', option(65_001, Buffer.from('abc\u001b'))],
    ['an empty option', option(65_001, new Uint8Array())],
  ])('%s', async (_name, sent) => {
    const server = await startFakeServer({
      udp: (query, send) => {
        const edns = { udpSize: 4_096, version: 0, dnssecOk: true, options: [sent] };
        send(answerTo(query, ['a.test. 60 A 192.0.2.1'], { edns, recursionAvailable: true, authenticData: true }));
      },
    });
    await expectSame(['@127.0.0.1', '-p', String(server.port), 'a.test', '+nocookie']);
  });

  test.each([
    ['FORMERR without EDNS', { rcode: 1 }],
    ['SERVFAIL without EDNS', { rcode: 2 }],
    ['an rcode without a name', { rcode: 12 }],
    ['a zero bit that is set', { zero: true }],
  ])('%s', async (_name, parts) => {
    const server = await startFakeServer({ udp: (query, send) => send(answerTo(query, [], parts)) });
    await expectSame(['@127.0.0.1', '-p', String(server.port), 'a.test', '+noednsneg']);
  });
});

describe.skipIf(!withDig || !hasPackages('knot-dnsutils'))('JSON as kdig', () => {
  /** The keys that both print; kdig has OPT among the records. */
  const ofRecord = ['NAME', 'TYPE', 'TYPEname', 'CLASS', 'CLASSname', 'TTL', 'RDLENGTH', 'RDATAHEX'];

  // What kdig 3.2 prints of HIP is no JSON.
  const names = [...Object.keys(records).filter((name) => name !== 'hip'), 'nosuch'];
  test.each(names)('%s', async (name) => {
    const at = ['@127.0.0.1', '-p', String(named.port)];
    const type = records[name] === undefined ? 'A' : name.toUpperCase();
    const [{ stdout }, ours] = await Promise.all([
      run('kdig', [...at, '+json', '+noedns', `${name}.shop.test`, type]),
      ds([...at, '+json', '+noedns', `${name}.shop.test`, type]),
    ]);
    const theirs = JSON.parse(stdout);
    const mine = JSON.parse(ours);
    const {
      dateString: _1,
      dateSeconds: _2,
      msgLength,
      ID: _3,
      AD: _4,
      answerRRs,
      authorityRRs,
      additionalRRs,
      ...header
    } = theirs;
    expect(mine).toMatchObject({ ...header, size: msgLength });
    const sections = { answerRRs, authorityRRs, additionalRRs };
    for (const [section, rows] of Object.entries(sections)) {
      expect(mine[section]?.length).toBe(rows?.length);
      for (const [index, row] of (rows ?? []).entries()) {
        expect(mine[section][index]).toMatchObject(Object.fromEntries(ofRecord.map((key) => [key, row[key]])));
        expect(Object.keys(mine[section][index])).toEqual(
          expect.arrayContaining([`rdata${row.TYPEname}`].filter((key) => key in row)),
        );
      }
    }
  });
});
