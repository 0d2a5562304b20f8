import { describe, expect, test } from 'vitest';
import { type QueryLine, readBatchLine, readQueryWords, splitArguments } from '../../../src/blocks/dns/query-words.js';
import { className, typeName } from '../../../src/blocks/dns/wire.js';
import { DsError } from '../../../src/platform/errors.js';

const read = (words: string) => readQueryWords(words.split(' ').filter((word) => word !== ''));
/** `name class type @server`, of each lookup. */
const shown = ({ lookups }: QueryLine) =>
  lookups.map(({ name, type, class: rrClass, settings }) => {
    const servers = settings.servers.map((server) => ` @${server}`).join('');
    return `${name} ${className(rrClass)} ${typeName(type)}${servers}`;
  });
const settingsOf = (words: string) => read(`${words} a.test`).lookups[0]?.settings;

function errorOf(words: string): DsError {
  try {
    read(words);
  } catch (error) {
    if (error instanceof DsError) return error;
  }
  throw new Error(`${words} was taken`);
}

describe('words', () => {
  test.each([
    ['', ['. IN NS']],
    ['@192.0.2.1', ['. IN NS @192.0.2.1']],
    ['a.test', ['a.test IN A']],
    ['a.test MX', ['a.test IN MX']],
    ['mx a.test', ['a.test IN MX']],
    ['a.test ch txt', ['a.test CH TXT']],
    ['TYPE65280 CLASS7 a.test', ['a.test CLASS7 TYPE65280']],
    ['a.test @192.0.2.1 @192.0.2.2', ['a.test IN A @192.0.2.2']],
    ['@192.0.2.1 a.test mx b.test txt', ['a.test IN MX @192.0.2.1', 'b.test IN TXT @192.0.2.1']],
    ['a.test @192.0.2.1 b.test', ['a.test IN A @192.0.2.1', 'b.test IN A']],
    ['mx a.test b.test txt', ['a.test IN MX', 'b.test IN TXT']],
    ['-t mx a.test', ['a.test IN MX']],
    ['-tmx -c ch a.test', ['a.test CH MX']],
    ['-t mx txt', ['txt IN MX']],
    ['-q mx', ['mx IN A']],
    ['-q -x', ['-x IN A']],
    ['-x 192.0.2.1', ['1.2.0.192.in-addr.arpa. IN PTR']],
    ['-x192.0.2', ['2.0.192.in-addr.arpa. IN PTR']],
    ['-x 2001:db8::1', ['1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. IN PTR']],
    ['-x ::ffff:192.0.2.1', ['1.2.0.192.in-addr.arpa. IN PTR']],
    ['ixfr=7 a.test', ['a.test IN IXFR']],
    ['any. *', ['any. IN ANY']],
    ['opt', ['opt IN A']],
  ])('%s', (words, lookups) => {
    expect(shown(read(words))).toEqual(lookups);
  });

  test('options before the first name hold for all, others for their name', () => {
    const { lookups, settings } = read('+dnssec a.test +tcp b.test +nodnssec');
    expect(lookups.map(({ settings: own }) => [own.dnssec, own.transport])).toEqual([
      [true, 'tcp'],
      [false, undefined],
    ]);
    expect(settings.dnssec).toBe(true);
  });

  test('files, and - for stdin', () => {
    expect(read('-f a.txt - -fb.txt').files).toEqual(['a.txt', '-', 'b.txt']);
    expect(read('-f a.txt').lookups).toEqual([]);
  });

  test('-4, -6, -p, -u and -r', () => {
    expect(settingsOf('-4 -p 5353')).toMatchObject({ family: 4, port: 5353 });
    expect(settingsOf('-6 -p53')).toMatchObject({ family: 6, port: 53 });
    expect(read('-u a.test').line.micros).toBe(true);
    expect(read('-r a.test').isDig).toBe(true);
  });

  test('a second type of a name is told', () => {
    const { warnings, lookups } = read('a.test mx txt');
    expect(warnings).toEqual(['txt is a second type']);
    expect(shown(read('a.test mx txt'))).toEqual(['a.test IN TXT']);
    expect(lookups).toHaveLength(1);
  });

  test("whether they are dig's, and about dig's text", () => {
    const kinds = (words: string) => {
      const { isDig, wantsDig } = read(words);
      return { isDig, wantsDig };
    };
    expect(kinds('a.test mx')).toEqual({ isDig: false, wantsDig: false });
    expect(kinds('a.test @::1')).toEqual({ isDig: true, wantsDig: false });
    expect(kinds('a.test +dnssec')).toEqual({ isDig: true, wantsDig: false });
    expect(kinds('-x 192.0.2.1')).toEqual({ isDig: true, wantsDig: false });
    expect(kinds('a.test +noall +answer')).toEqual({ isDig: true, wantsDig: true });
    expect(kinds('a.test +multi')).toEqual({ isDig: true, wantsDig: true });
  });
});

describe('keywords', () => {
  test.each([
    ['+vc', { transport: 'tcp' }],
    ['+tcp +notcp', { transport: 'udp' }],
    ['+norec', { recursionDesired: false }],
    ['+NORecurse', { recursionDesired: false }],
    ['+ad +cd +aa +noad', { authenticData: false, checkingDisabled: true, authoritative: true }],
    ['+do', { dnssec: true }],
    ['+noedns', { edns: undefined }],
    ['+noedns +dnssec', { edns: 0, dnssec: true }],
    ['+edns=3', { edns: 3 }],
    ['+bufsize=4096', { udpSize: 4096 }],
    ['+bufsize', { udpSize: 1232 }],
    ['+nsid', { nsid: true }],
    ['+nocookie', { cookie: false }],
    ['+time=3 +tries=4', { timeoutMs: 3_000, retries: 3 }],
    ['+timeout=0 +retry=0', { timeoutMs: 1_000, retries: 0 }],
    ['+tries=0', { retries: 0 }],
    ['+domain=a.test', { domain: 'a.test', search: true }],
    ['+tls', { transport: 'tls' }],
    ['+https', { transport: 'https', httpMethod: 'POST', httpPlain: false }],
    ['+https=/resolve', { transport: 'https', httpPath: '/resolve' }],
    ['+https-get', { transport: 'https', httpMethod: 'GET' }],
    ['+http-plain-get', { transport: 'https', httpMethod: 'GET', httpPlain: true }],
    ['+tls-ca=ca.pem +tls-hostname=dns.example', { tlsCa: 'ca.pem', tlsHostname: 'dns.example', tlsInsecure: false }],
    ['+notls-ca', { tlsInsecure: true }],
    ['+padding=64', { padding: 64 }],
    ['+qid=7', { id: 7 }],
    ['+opcode=notify', { opcode: 4 }],
    ['+opcode=9 +noopcode', { opcode: 0 }],
    ['+ignore +nofail +search +ndots=3', { ignoreTruncation: true, nextOnServfail: true, search: true, ndots: 3 }],
    [
      '+noall +answer',
      {
        stats: false,
        sections: { answer: true, question: false, comments: false, authority: false, additional: false },
      },
    ],
    ['+multi', { style: { multiline: true, recordComments: true } }],
    ['+nosplit', { style: { split: 0 } }],
    ['+split=8 +nottl +nocrypto', { style: { split: 8, ttl: false, crypto: false } }],
    ['+noidnout +nobesteffort', {}],
  ])('%s', (words, settings) => {
    expect(settingsOf(words)).toMatchObject(settings);
  });

  test('a cookie, a subnet and options of EDNS are octets', () => {
    const settings = settingsOf('+cookie=0102030405060708 +subnet=192.0.2.0/24 +ednsopt=65001:beef +ednsopt=NSID');
    expect(settings?.cookie).toEqual(Buffer.from('0102030405060708', 'hex'));
    expect(settings?.subnet).toEqual({ address: { family: 4, parts: [192, 0, 2, 0] }, prefix: 24 });
    expect(settings?.ednsOptions).toEqual([
      { code: 65_001, data: Buffer.from('beef', 'hex') },
      { code: 3, data: Buffer.alloc(0) },
    ]);
    expect(settingsOf('+ednsopt=1:00 +noednsopt')?.ednsOptions).toEqual([]);
    expect(settingsOf('+subnet=0')?.subnet?.prefix).toBe(0);
  });

  test('what holds for the whole line', () => {
    expect(read('+short a.test').line.short).toBe(true);
    expect(read('a.test +short b.test +noshort').line.short).toBe(false);
    expect(read('+nocmd +json a.test').line).toMatchObject({ cmd: false, json: true });
    expect(read('+noall a.test').line.cmd).toBe(false);
  });

  test.each([
    ['+shrot', 'there is no query option +shrot', 'did you mean +short?'],
    ['+norecrse', 'there is no query option +norecrse', 'did you mean +norecurse?'],
    ['+xyzzy', 'there is no query option +xyzzy', 'ds dns query --help'],
    ['+s', '+s could be', 'ds dns query --help'],
    ['+', 'there is no query option +', 'ds dns query --help'],
  ])('an unknown one is refused, the nearest suggested: %s', (word, message, hint) => {
    const error = errorOf(word);
    expect(error).toMatchObject({ code: 'dns.unknown_word', kind: 'usage', hint });
    expect(error.message).toContain(message);
  });

  test.each([
    ['+yaml', 'write +json'],
    ['+nssearch', 'write ds dns diff ZONE'],
    ['+idnout', 'names are shown as they are'],
    ['+short=1', 'takes no value'],
    ['+noqid', 'makes no sense'],
    ['+qid', 'needs a value'],
    ['+qid=65536', 'not a number from 0 to 65535'],
    ['+time=x', 'not a number'],
    ['+cookie=abc', 'no hexadecimal'],
    ['+subnet=300.0.0.0/8', 'is no network'],
    ['+ednsopt=x', 'not a number'],
    ['+opcode=zz', 'not a number'],
    ['-b 192.0.2.1', 'the system chooses the address'],
    ['-y key:secret', 'queries are not signed'],
    ['-z', 'dig knows no such option'],
    ['-p 0', 'not a port'],
    ['-p 70000', 'not a port'],
    ['-c XY', 'is no class'],
    ['-x nonsense', 'is no address'],
    ['-x 1.2.3.4.5', 'is no address'],
    ['-t', 'needs a value'],
    ['a.test ixfr', 'IXFR needs the serial'],
    ['@', 'behind @ stands no name server'],
  ])('what cannot be done is refused, with the reason: %s', (words, message) => {
    expect(errorOf(words).message).toContain(message);
  });

  test('-t with what is no type', () => {
    expect(errorOf('-t nonsense').code).toBe('dns.unknown_type');
  });
});

describe('lines of a file', () => {
  const line = read('@192.0.2.1 +dnssec -f queries.txt');

  test('are read as the command line is, what stands there holding for them', () => {
    const lookups = readBatchLine('  a.test  MX  b.test ', line)?.lookups;
    expect(
      lookups?.map(({ name, type, settings }) => [name, typeName(type), settings.servers, settings.dnssec]),
    ).toEqual([
      ['a.test', 'MX', ['192.0.2.1'], true],
      ['b.test', 'A', ['192.0.2.1'], true],
    ]);
  });

  test.each(['', '   ', '# a comment', '; another'])('"%s" asks nothing', (text) => {
    expect(readBatchLine(text, line)).toBeUndefined();
  });

  test('name no other file', () => {
    expect(() => readBatchLine('-f other.txt', line)).toThrow('a file of queries names another one');
  });
});

describe("long flags and dig's words are told apart", () => {
  const split = (argv: string) =>
    splitArguments(argv.split(' '), {
      timeout: { type: 'option' },
      server: { type: 'option' },
      json: { type: 'boolean' },
    });

  test.each([
    ['@::1 --timeout 2s a.test MX', ['--timeout', '2s'], ['@::1', 'a.test', 'MX']],
    ['--timeout=2s a.test', ['--timeout=2s'], ['a.test']],
    ['a.test --json +short -v', ['--json', '-v'], ['a.test', '+short']],
    ['-x --json a.test', [], ['-x', '--json', 'a.test']],
    ['-p 53 -tmx', [], ['-p', '53', '-tmx']],
    ['-- --json -v', [], ['--json', '-v']],
    ['-f - a.test', [], ['-f', '-', 'a.test']],
  ])('%s', (argv, flags, words) => {
    expect(split(argv)).toEqual({ flags, words });
  });
});
