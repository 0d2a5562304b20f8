import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { printRdata } from '../../../../src/blocks/dns/rdata/index.js';
import { layoutOf } from '../../../../src/blocks/dns/rdata/schema.js';
import type { ResourceRecord } from '../../../../src/blocks/dns/record.js';
import { isMetaType, RRClass, typeName } from '../../../../src/blocks/dns/wire.js';
import {
  type MasterFileOptions,
  parseMasterFile,
  printMasterFile,
} from '../../../../src/blocks/dns/zone/master-file/index.js';
import type { ZoneProblem } from '../../../../src/blocks/dns/zone/problem.js';
import { arbitraryName, arbitraryRecord, TEMPLATES } from './arbitrary-records.js';

const example = Name.parse('example.');
const HEAD = '$ORIGIN example.\n$TTL 60\n';

function read(text: string, options: Partial<MasterFileOptions> = {}) {
  return [...parseMasterFile([text], { file: 'a.zone', ...options })];
}

const shown = ({ name, ttl, type, rdata }: ResourceRecord) =>
  `${name} ${ttl} ${typeName(type)} ${printRdata(type, rdata)}`.trimEnd();

const records = (text: string, options: Partial<MasterFileOptions> = {}) => read(text, options).map(shown);

/** The warnings' codes and messages. */
function warnings(text: string, options: Partial<MasterFileOptions> = {}): string[] {
  const problems: ZoneProblem[] = [];
  read(text, { ...options, warn: (problem) => problems.push(problem) });
  return problems.map(({ code, line, message }) => `${code} ${line}: ${message}`);
}

function refusal(text: string, options: Partial<MasterFileOptions> = {}) {
  try {
    read(text, options);
  } catch (error) {
    return error;
  }
  throw new Error('it was read');
}

/** Files by name, for $INCLUDE. */
const from = (files: Readonly<Record<string, string>>) => ({
  include: (path: string) => [files[path] ?? ''],
});

describe('entries (RFC 1035, section 5.1)', () => {
  test('the example of section 5.3', () => {
    const text = `@   IN  SOA     VENERA      Action\\.domains (
                                 20     ; SERIAL
                                 7200   ; REFRESH
                                 600    ; RETRY
                                 3600000; EXPIRE
                                 60)    ; MINIMUM

        NS      A.ISI.EDU.
        NS      VENERA
        NS      VAXA
        MX      10      VENERA
        MX      20      VAXA

A       A       26.3.0.103

VENERA  A       10.1.0.52
        A       128.9.0.32

VAXA    A       10.2.0.27
        A       128.9.0.33


$INCLUDE <SUBSYS>ISI-MAILBOXES.TXT
`;
    const mailboxes = `MOE     MB      A.ISI.EDU.
LARRY   MB      A.ISI.EDU.
CURLEY  MB      A.ISI.EDU.
STOOGES MG      MOE
        MG      LARRY
        MG      CURLEY
`;
    const origin = Name.parse('ISI.EDU');
    expect(records(text, { origin, ...from({ '<SUBSYS>ISI-MAILBOXES.TXT': mailboxes }) })).toEqual([
      'ISI.EDU. 60 SOA VENERA.ISI.EDU. Action\\.domains.ISI.EDU. 20 7200 600 3600000 60',
      'ISI.EDU. 60 NS A.ISI.EDU.',
      'ISI.EDU. 60 NS VENERA.ISI.EDU.',
      'ISI.EDU. 60 NS VAXA.ISI.EDU.',
      'ISI.EDU. 60 MX 10 VENERA.ISI.EDU.',
      'ISI.EDU. 60 MX 20 VAXA.ISI.EDU.',
      'A.ISI.EDU. 60 A 26.3.0.103',
      'VENERA.ISI.EDU. 60 A 10.1.0.52',
      'VENERA.ISI.EDU. 60 A 128.9.0.32',
      'VAXA.ISI.EDU. 60 A 10.2.0.27',
      'VAXA.ISI.EDU. 60 A 128.9.0.33',
      'MOE.ISI.EDU. 60 MB A.ISI.EDU.',
      'LARRY.ISI.EDU. 60 MB A.ISI.EDU.',
      'CURLEY.ISI.EDU. 60 MB A.ISI.EDU.',
      'STOOGES.ISI.EDU. 60 MG MOE.ISI.EDU.',
      'STOOGES.ISI.EDU. 60 MG LARRY.ISI.EDU.',
      'STOOGES.ISI.EDU. 60 MG CURLEY.ISI.EDU.',
    ]);
  });

  test.each([
    [
      'TTL and class in either order, or absent',
      'a 5 IN A 192.0.2.1\nb IN 5 A 192.0.2.1\nc in a 192.0.2.1\nd A 192.0.2.1',
    ],
    ['lines that end in CR LF', 'a 5 A 192.0.2.1\r\nb 5 A (\r\n192.0.2.1 )\r\nc A 192.0.2.1 ; c\r\nd A 192.0.2.1\r\n'],
    ['no end of the last line', 'a 5 A 192.0.2.1\nb 5 A 192.0.2.1\nc A 192.0.2.1\nd A 192.0.2.1'],
    ['a byte order mark', '\xef\xbb\xbf; Windows\na 5 A 192.0.2.1\nb 5 A 192.0.2.1\nc A 192.0.2.1\nd A 192.0.2.1'],
    [
      'parentheses anywhere, nested, over comments',
      'a (5 ; (\n\n ) A((192.0.2.1\n))\nb(5)A 192.0.2.1\nc A 192.0.2.1;)\nd (\nA\n192.0.2.1)',
    ],
    [
      'tabs, blank lines, comments alone',
      '\n\t\n;x\n  ; y\na\t5\tA\t192.0.2.1;z\nb\t5 A 192.0.2.1\nc\tA 192.0.2.1\nd \t A 192.0.2.1',
    ],
  ])('%s', (_, text) => {
    const expected = ['a.example. 5 A', 'b.example. 5 A', 'c.example. 60 A', 'd.example. 60 A'];
    expect(records(text, { origin: example, defaultTtl: 60 })).toEqual(expected.map((one) => `${one} 192.0.2.1`));
  });

  test('a blank owner is that of the entry before, @ is the origin', () => {
    const text = `${HEAD}a A 192.0.2.1\n TXT x\n\tTXT @\n@ NS @\n MX 0 a\n`;
    const expected = ['a.example. 60 A 192.0.2.1', 'a.example. 60 TXT "x"', 'a.example. 60 TXT "@"'];
    expect(records(text)).toEqual([...expected, 'example. 60 NS example.', 'example. 60 MX 0 a.example.']);
  });

  test('$ORIGIN is relative to the origin before, names with a dot at the end to none', () => {
    const text = `${HEAD}$ORIGIN sub\nx CNAME y.\n$ORIGIN deep.er\nz CNAME @\n$ORIGIN .\nq CNAME r\n$ORIGIN example.\n$origin @\ne CNAME f\n`;
    const expected = ['x.sub.example. 60 CNAME y.', 'z.deep.er.sub.example. 60 CNAME deep.er.sub.example.'];
    expect(records(text)).toEqual([...expected, 'q. 60 CNAME r.', 'e.example. 60 CNAME f.example.']);
  });

  test('escapes in names and strings: \\DDD is an octet, \\X is X', () => {
    const text = `${HEAD}a\\.b\\ c\\;\\(\\032\\"\\200 TXT "a\\"b\\\\\\;\\010" c\\ d;e\n\\@ TXT \\"x\\"\n\\$x A 192.0.2.1\n`;
    expect(records(text)).toEqual([
      'a\\.b\\032c\\;\\(\\032\\"\\200.example. 60 TXT "a\\"b\\\\;\\010" "c d"',
      '\\@.example. 60 TXT "\\"x\\""',
      '\\$x.example. 60 A 192.0.2.1',
    ]);
  });

  test('strings in quotes hold what would end a word; a word ends where one begins', () => {
    const text = `${HEAD}a TXT "b (c) ; d" "" e"f"g\n`;
    expect(records(text)).toEqual(['a.example. 60 TXT "b (c) ; d" "" "e" "f" "g"']);
  });

  test('values of service parameters may be quoted in part (RFC 9460, section 2.1)', () => {
    const text = `${HEAD}a HTTPS 1 . alpn="h2,h3" port=8443\n`;
    expect(records(text)).toEqual(['a.example. 60 HTTPS 1 . alpn="h2,h3" port=8443']);
  });

  test('unknown types and unknown data of known types (RFC 3597, section 5)', () => {
    const text = `${HEAD}a CLASS1 TYPE731 \\# 6 abcd ( ef 01 23 45 )\nb TYPE1 \\# 4 0A000001\nc A \\# 4 0a 00 00 02\nd TYPE62347 \\# 0\ne TYPE15 10 m\n`;
    expect(records(text)).toEqual([
      'a.example. 60 TYPE731 \\# 6 ABCDEF012345',
      'b.example. 60 A 10.0.0.1',
      'c.example. 60 A 10.0.0.2',
      'd.example. 60 TYPE62347 \\# 0',
      'e.example. 60 MX 10 m.example.',
    ]);
  });

  test('owners may be called like types, classes and numbers', () => {
    const text = `${HEAD}in IN A 192.0.2.1\nA A 192.0.2.1\n10 A 192.0.2.1\n`;
    expect(records(text).map((one) => one.split(' ')[0])).toEqual(['in.example.', 'A.example.', '10.example.']);
  });

  test('every record tells where its entry begins', () => {
    const text = `${HEAD}@ SOA ns h (\n 1 2 3 4 5 )\n\nns A 192.0.2.1\n$INCLUDE sub/b\nx A 192.0.2.1\n`;
    const places = read(text, {
      file: 'zones/a',
      ...from({ 'sub/b': '\nq A 192.0.2.1\n$INCLUDE /c\n', '/c': 'r A 192.0.2.1' }),
    });
    const expected = ['zones/a:3', 'zones/a:6', 'zones/sub/b:2', '/c:1', 'zones/a:8'];
    expect(places.map(({ file, line }) => `${file}:${line}`)).toEqual(expected);
  });
});

describe('TTLs', () => {
  const soa = '@ SOA ns h 1 2 3 4 300\n';

  test('may have units', () => {
    const text = `$TTL 1h30m\n@ 1W SOA ns h 1 2H 15m 2w 1d\nns 2d IN A 192.0.2.1\n`;
    expect(records(text, { origin: example })).toEqual([
      'example. 604800 SOA ns.example. h.example. 1 7200 900 1209600 86400',
      'ns.example. 172800 A 192.0.2.1',
    ]);
  });

  test('$TTL is for all that follows without one (RFC 2308, section 4)', () => {
    const text = `$TTL 10\na 5 A 192.0.2.1\nb A 192.0.2.1\n$TTL 20\nc A 192.0.2.1\n`;
    expect(read(text, { origin: example }).map(({ ttl }) => ttl)).toEqual([5, 10, 20]);
    expect(warnings(text, { origin: example })).toEqual([]);
  });

  test('without $TTL the last one stated holds (RFC 1035, section 5.1), which is told once', () => {
    const text = `@ 100 SOA ns h 1 2 3 4 300\na A 192.0.2.1\nb 5 A 192.0.2.1\nc A 192.0.2.1\n`;
    expect(read(text, { origin: example }).map(({ ttl }) => ttl)).toEqual([100, 100, 5, 5]);
    expect(warnings(text, { origin: example })).toEqual([
      'ttl_of_record_before 2: there is no $TTL: records without a TTL get 100, that of a record before',
    ]);
  });

  test('with none stated the minimum of the SOA record holds, as BIND has it', () => {
    const text = `${soa}a A 192.0.2.1\nb 5 A 192.0.2.1\nc A 192.0.2.1\n`;
    expect(read(text, { origin: example }).map(({ ttl }) => ttl)).toEqual([300, 300, 5, 300]);
    expect(warnings(text, { origin: example })).toEqual([
      'ttl_of_soa_minimum 1: there is no $TTL: records without a TTL get 300, the minimum of the SOA record',
    ]);
  });

  test('a record before any of them has none', () => {
    expect(refusal(`a A 192.0.2.1\n${soa}`, { origin: example })).toMatchObject({
      message: 'a.zone:1: the record has no TTL, and none was stated before',
    });
  });
});

describe('the origin', () => {
  test('is the owner of the SOA record where nothing else says it', () => {
    const text = 'example. 60 SOA ns h 1 2 3 4 5\nwww A 192.0.2.1\n';
    const expected = ['example. 60 SOA ns.example. h.example. 1 2 3 4 5', 'www.example. 60 A 192.0.2.1'];
    expect(records(text)).toEqual(expected);
    expect(records('$INCLUDE soa\nwww A 192.0.2.1\n', from({ soa: text.split('\n')[0] ?? '' }))).toEqual(expected);
  });

  test.each(['www 60 A 192.0.2.1', '@ 60 SOA ns h 1 2 3 4 5', '$ORIGIN example', 'www\\. 60 A 192.0.2.1'])(
    'is missed by a relative name before: %s',
    (text) => {
      expect(refusal(text)).toMatchObject({
        message: expect.stringMatching(/^a\.zone:1: .* is relative to an origin, and none is known$/),
      });
    },
  );

  test('is missed by data before, whose names it would complete', () => {
    expect(refusal('www.example. 60 MX 10 mail\n')).toMatchObject({
      message: 'a.zone:1: a MX record is relative to an origin, and none is known',
    });
  });
});

test('a SOA record that stands twice is told; another one is for whoever makes a zone of the records', () => {
  const soa = '@ SOA ns h 1 2 3 4 5\n';
  expect(warnings(`${HEAD}${soa}a A 192.0.2.1\n${soa}`)).toEqual([
    'duplicate_records 5: the SOA record of example. stands twice',
  ]);
  const text = `${HEAD}${soa}@ SOA ns h 2 2 3 4 5\nsub SOA ns h 1 2 3 4 5\n`;
  expect(warnings(text)).toEqual([]);
  expect(records(text)).toHaveLength(3);
});

describe('records outside of the zone', () => {
  const text = `${HEAD}@ SOA ns h 1 2 3 4 5\nns.Example. A 192.0.2.1\nns.example.net. A 192.0.2.1\nlast A 192.0.2.1\n`;

  test('are refused', () => {
    expect(refusal(text)).toMatchObject({
      code: 'dns.bad_zone_file',
      message: 'a.zone:5: the A record of ns.example.net. is outside of the zone example.',
    });
  });

  test('are left out with a warning, if asked for', () => {
    expect(records(text, { outside: 'skip' }).map((one) => one.split(' ')[0])).toEqual([
      'example.',
      'ns.Example.',
      'last.example.',
    ]);
    expect(warnings(text, { outside: 'skip' })).toEqual([
      'out_of_zone 5: the A record of ns.example.net. is outside of the zone example. and left out',
    ]);
  });

  test('are outside of the zone that is named, whatever the SOA says', () => {
    const zone = Name.parse('sub.example');
    expect(refusal('$TTL 60\n@ NS ns\nexample. SOA ns h 1 2 3 4 5', { zone })).toMatchObject({
      message: 'a.zone:3: the SOA record of example. is outside of the zone sub.example.',
    });
  });
});

describe('$INCLUDE', () => {
  test('restores origin and owner, takes an origin, keeps $TTL', () => {
    const text = `${HEAD}a A 192.0.2.1\n$INCLUDE b sub\n TXT after\nc TXT x\n`;
    const b = 'd A 192.0.2.2\n$ORIGIN deeper\n$TTL 5\ne A 192.0.2.3\n';
    expect(records(text, from({ b }))).toEqual([
      'a.example. 60 A 192.0.2.1',
      'd.sub.example. 60 A 192.0.2.2',
      'e.deeper.sub.example. 5 A 192.0.2.3',
      'a.example. 5 TXT "after"',
      'c.example. 5 TXT "x"',
    ]);
  });

  test('is told which file names the file', () => {
    const asked: string[] = [];
    const include = (path: string, fromFile: string) => {
      asked.push(`${path} from ${fromFile}`);
      return [path === 'sub/b' ? '$INCLUDE c\n' : ''];
    };
    read('$INCLUDE "sub/b" ; quoted\n', { file: 'zones/a', include });
    expect(asked).toEqual(['sub/b from zones/a', 'c from zones/sub/b']);
  });

  test('of itself ends, deep or wide', () => {
    expect(refusal('$INCLUDE a', from({ a: '$INCLUDE a' }))).toMatchObject({
      message: 'a:1: $INCLUDE "a": files are included 16 deep already',
    });
    const fan = (path: string) => `$INCLUDE ${path}\n`.repeat(200);
    expect(refusal(fan('a'), from({ a: fan('b'), b: fan('c') }))).toMatchObject({
      message: 'b:150: more than 10000 files are included',
    });
  });

  test('is refused where no files are to be included', () => {
    expect(refusal('$INCLUDE a')).toMatchObject({ message: 'a.zone:1: $INCLUDE "a": files are not included here' });
  });
});

describe('$GENERATE, as BIND 9.18 has it', () => {
  test.each([
    ['a number for each of a range', '1-2 h$ A 192.0.2.$', 'h1 A 192.0.2.1', 'h2 A 192.0.2.2'],
    ['steps', '1-9/4 h$ A 192.0.2.$', 'h1 A 192.0.2.1', 'h5 A 192.0.2.5', 'h9 A 192.0.2.9'],
    ['offset, width and base', `1-9/8 h\${10,4,x} A 192.0.2.\${-1}`, 'h000b A 192.0.2.0', 'h0013 A 192.0.2.8'],
    ['negative numbers', `0-0 h$ TXT "\${-1} \${-1,4,d} \${-1,4,x} \${+1}"`, 'h0 TXT "-1" "-001" "ffffffff" "1"'],
    ['bases', `10-10 h$ TXT "\${0,4,o} \${255,4,X} \${245,1,x}"`, 'h10 TXT "0012" "0109" "ff"'],
    [
      'nibbles',
      `0-0 h$ TXT "\${0,0,n} \${1,4,n} \${300,8,N} \${300,3,n} \${300,9,N} \${17,1,n} \${0,2,n}"`,
      'h0 TXT "0" "1.0." "C.2.1.0." "c.2.1" "C.2.1.0.0" "1.1" "0."',
    ],
    ['dollar signs', '0-0 h$$ TXT "\\$ $$ \\\\$"', 'h\\$ TXT "$" "$" "\\\\0"'],
    ['data of several words in one string', '0-1 h$ MX "10 m$"', 'h0 MX 10 m0.example.', 'h1 MX 10 m1.example.'],
    ['a string within it', '7-7 h$ TXT "\\"a $ b\\" c"', 'h7 TXT "a 7 b" "c"'],
    ['data of several words, which BIND refuses', '0-0 h$ SRV 0 $ 80 m$', 'h0 SRV 0 0 80 m0.example.'],
    ['service parameters', '2-2 h$ HTTPS $ . alpn="h$"', 'h2 HTTPS 2 . alpn="h2"'],
    ['@ as owner', '5-5 @ A 192.0.2.$', '@ A 192.0.2.5'],
  ])('%s', (_, directive, ...expected) => {
    const made = records(`${HEAD}$GENERATE ${directive}\n`);
    expect(made.map((one) => one.replace(/^example\./, '@').replace(/(\.example\.)? 60/, ''))).toEqual(expected);
  });

  test('takes TTL and class in either order, and leaves the owner before as it was', () => {
    const text = `${HEAD}a A 192.0.2.1\n$GENERATE 1-1 h$ 5 IN A 192.0.2.$\n$GENERATE 1-1 i$ IN 6 A 192.0.2.$\n TXT x\n`;
    expect(records(text)).toEqual([
      'a.example. 60 A 192.0.2.1',
      'h1.example. 5 A 192.0.2.1',
      'i1.example. 6 A 192.0.2.1',
      'a.example. 60 TXT "x"',
    ]);
  });

  test.each([
    ['5-1 h$ A 192.0.2.$', '"5-1" is no range such as 1-100 or 1-100/2, up to 2147483647'],
    ['1-5/0 h$ A 192.0.2.$', '"1-5/0" is no range such as 1-100 or 1-100/2, up to 2147483647'],
    ['0-2147483648 h$ A 192.0.2.$', '"0-2147483648" is no range such as 1-100 or 1-100/2, up to 2147483647'],
    ['1-5', '$GENERATE takes a range, an owner, a type and data'],
    [`1-5 h\${0 A 192.0.2.$`, `"h\${0" has a brace that is not closed`],
    [`1-5 h\${0,256} A 192.0.2.$`, `"\${0,256}" is not \${offset,width,base} with base d, o, x, X, n or N`],
    [`1-5 h\${0,2,q} A 192.0.2.$`, `"\${0,2,q}" is not \${offset,width,base} with base d, o, x, X, n or N`],
    ['254-257 h$ A 192.0.2.$', '"192.0.2.256" is no IPv4 address'],
  ])('refuses %s', (directive, message) => {
    expect(refusal(`${HEAD}$GENERATE ${directive}\n`)).toMatchObject({ message: `a.zone:3: ${message}` });
  });

  test('makes a million records and no more, one at a time', () => {
    const stream = parseMasterFile([`${HEAD}$GENERATE 0-2147483647 h$ A 192.0.2.1\n`], { file: 'a.zone' });
    let count = 0;
    expect(() => {
      for (const _ of stream) count++;
    }).toThrow('a.zone:3: $GENERATE makes more than 1048576 records');
    expect(count).toBe(2 ** 20);
  });
});

describe('what is wrong is told with file, line, the word, and what was expected', () => {
  test.each([
    ['a AAA 192.0.2.1', '"AAA" stands where a TTL, a class or a type was expected', 'did you mean AAAA?'],
    ['a 60 IN CNAM b', '"CNAM" stands where a class or a type was expected', 'did you mean CNAME?'],
    [
      ' www A 192.0.2.1',
      '"www" stands where a TTL, a class or a type was expected',
      'if "www" is the owner, begin the line with it, without a space',
    ],
    ['a 60 IN', 'the entry ends with "IN", where a type was still expected', undefined],
    ['a CH TXT x', 'the class is CH: zones here have class IN alone', undefined],
    ['a CLASS7 TXT x', 'the class is CLASS7: zones here have class IN alone', undefined],
    ['a AXFR x', 'AXFR is a type to ask for: no record has it', undefined],
    ['a ANY x', 'ANY is a type to ask for: no record has it', undefined],
    ['a 4294967296 A 192.0.2.1', 'TTL is "4294967296", not a number from 0 to 2147483647', undefined],
    ['a 1x A 192.0.2.1', 'TTL is "1x", not seconds or a time such as 1h30m', undefined],
    ['a A 192.0.2', '"192.0.2" is no IPv4 address', undefined],
    ['a MX mail', 'preference is "mail", not a number from 0 to 65535', undefined],
    ['a MX 10', 'exchange is missing', undefined],
    ['a A 192.0.2.1 192.0.2.2', '"192.0.2.2" is one word too many', undefined],
    ['a TYPE731 x', 'the data of this type is written \\# LENGTH HEX', undefined],
    ['a TYPE731 \\# 2 AB', 'the data has 1 octets, not the 2 it says', undefined],
    ['a..b A 192.0.2.1', '"a..b" is no domain name: a label is empty', undefined],
    [
      'a\\300 A 192.0.2.1',
      '"a\\300" is no domain name: it has a broken escape: write \\DDD or \\ and a character',
      undefined,
    ],
    ['a TXT "x', 'a quoted string does not end on its line', 'write a line end within a string as \\010'],
    ['a TXT x\\', 'the line ends in a backslash, which escapes nothing', undefined],
    ['a TXT )', 'a parenthesis is closed that was not opened', undefined],
    ['"a" A 192.0.2.1', 'a quoted string stands where the owner was expected', undefined],
    ['a "A" 192.0.2.1', 'a quoted string stands where a type was expected', undefined],
    ['$ORIGON a', '"$ORIGON" is no directive of zone files', 'did you mean $ORIGIN?'],
    ['$TTL', '$TTL takes seconds, and nothing else', undefined],
    ['$ORIGIN a b', '$ORIGIN takes a name, and nothing else', undefined],
    ['$INCLUDE', '$INCLUDE takes a file and perhaps an origin', undefined],
  ])('%s', (entry, message, hint) => {
    expect(refusal(`${HEAD}x A 192.0.2.1\n${entry}\nx A 192.0.2.1\n`)).toMatchObject({
      code: 'dns.bad_zone_file',
      kind: 'usage',
      message: `a.zone:4: ${message}`,
      hint,
      details: { file: 'a.zone', line: 4 },
    });
  });

  test('a parenthesis that stays open is told where it opens', () => {
    expect(refusal(`${HEAD}a A ( 192.0.2.1\nb A 192.0.2.1\n`)).toMatchObject({
      message: 'a.zone:3: the parenthesis that opens here is not closed',
    });
  });

  test('a first line that begins blank has no owner', () => {
    expect(refusal(' A 192.0.2.1', { origin: example })).toMatchObject({
      message: expect.stringMatching(/^a\.zone:1: the line begins with a space, .* there is none$/),
      hint: 'begin the line with the owner, "A" or @',
    });
  });

  test('in an included file it is that file that is told', () => {
    expect(refusal('$INCLUDE sub/b', { file: 'zones/a', ...from({ 'sub/b': '\n\nx Z' }) })).toMatchObject({
      message: expect.stringMatching(/^zones\/sub\/b:3: /),
      details: { file: 'zones/sub/b', line: 3 },
    });
  });
});

describe('reading a stream', () => {
  const text = `${HEAD}@ SOA ns h (\n1 2 3 4 5)\r\n  NS ns ; x\nns A 192.0.2.1\n\n TXT "a b" \\065\n$GENERATE 1-2 h$ A 192.0.2.$\nlast A 192.0.2.9`;

  test('chunks may be cut anywhere', () => {
    const whole = records(text);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 40 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        const chunks = at.slice(1).map((end, index) => text.slice(at[index], end));
        expect([...parseMasterFile(chunks, { file: 'a.zone' })].map(shown)).toEqual(whole);
      }),
    );
  });

  test('takes no more chunks than the records asked for need, and closes what it took them from', () => {
    const state = { taken: 0, closed: false };
    function* endless() {
      try {
        for (;;) yield `h${state.taken++} A 192.0.2.1\n`;
      } finally {
        state.closed = true;
      }
    }
    const stream = parseMasterFile(endless(), { file: 'a.zone', origin: example, defaultTtl: 60 });
    for (let i = 0; i < 10; i++) stream.next();
    expect(state).toEqual({ taken: 10, closed: false });
    stream.return();
    expect(state).toEqual({ taken: 10, closed: true });
  });

  test.each([
    ['a line', 'a TXT ', 'x'],
    ['an entry', 'a TXT (', `${' '.repeat(1000)}\n`],
    ['a comment', ';', 'x'],
  ])('%s without an end is refused after a million characters', (_, begin, more) => {
    let taken = 0;
    function* endless() {
      yield begin;
      for (;;) {
        taken += more.length;
        yield more;
      }
    }
    const stream = parseMasterFile(endless(), { file: 'a.zone', origin: example, defaultTtl: 60 });
    expect(() => stream.next()).toThrow(
      expect.objectContaining({ code: 'dns.bad_zone_file', details: { file: 'a.zone', line: 1 } }),
    );
    expect(taken).toBeLessThan(2 ** 20 + 2000);
  });

  test('the longest data there can be is read', () => {
    const strings = Array.from({ length: 255 }, () => `"${'\\255'.repeat(255)}"`).join(' ');
    expect(read(`${HEAD}a TXT ${strings}\n`)[0]?.rdata).toHaveLength(255 * 256);
  });

  test('any text is read or refused with file and line', () => {
    const piece = fc.constantFrom(
      ...`@ a b.c \t \n ( ) " ; \\ $ \\0 $TTL $ORIGIN $GENERATE 1-3 \${0,2,n} 60 IN CH A MX TXT SOA HTTPS \\# 4 192.0.2.1 . 0A`.split(
        ' ',
      ),
      ' ',
      '\n',
      '\r\n',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'binary-ascii' })), { maxLength: 40 }), (pieces) => {
        try {
          read(pieces.join(''), { origin: example, defaultTtl: 60 });
        } catch (error) {
          expect(error).toMatchObject({
            code: 'dns.bad_zone_file',
            details: { file: 'a.zone', line: expect.any(Number) },
          });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('printing', () => {
  const print = (list: Iterable<ResourceRecord>, origin = example) => [...printMasterFile(list, { origin })];
  const again = (lines: readonly string[]) => [
    ...parseMasterFile([`${lines.join('\n')}\n`], { file: 'printed', zone: Name.root }),
  ];
  const plain = (list: readonly ResourceRecord[]) =>
    list.map(({ name, type, ttl, rdata }) => ({
      name: name.toString(),
      type: typeName(type),
      ttl,
      rdata: Buffer.from(rdata).toString('hex'),
    }));

  test('looks as people write zones', () => {
    const text = `${HEAD}$TTL 3600
@ SOA ns1 hostmaster 2024010101 7200 900 1209600 300
@ NS ns1
@ NS ns.example.net.
@ MX 10 mail
ns1 A 192.0.2.1
www 60 A 192.0.2.2
www TXT "a b" c
_sip._tcp SRV 0 5 5060 @
${'long-'.repeat(8)} CNAME www
`;
    expect(print(read(text))).toEqual([
      '$ORIGIN example.',
      '$TTL 3600 ; 1h',
      '',
      '@            SOA   ns1 hostmaster (',
      '                   2024010101 ; serial',
      '                   7200       ; refresh 2h',
      '                   900        ; retry 15m',
      '                   1209600    ; expire 14d',
      '                   300        ; minimum 5m',
      '                   )',
      '             NS    ns1',
      '             NS    ns.example.net.',
      '             MX    10 mail',
      'ns1          A     192.0.2.1',
      'www       60 A     192.0.2.2',
      '             TXT   "a b" "c"',
      '_sip._tcp    SRV   0 5 5060 @',
      `${'long-'.repeat(8)}    CNAME www`,
    ]);
  });

  test('a name in another case than the origin keeps it', () => {
    const list = read(`${HEAD}a.EXAMPLE. CNAME b.Example.\nA CNAME EXAMPLE.\n`);
    expect(print(list).slice(3)).toEqual(['a.EXAMPLE. CNAME b.Example.', 'A          CNAME EXAMPLE.']);
  });

  test('below the root names lose their last dot, and nothing prints as a directive', () => {
    const list = read('$TTL 60\n\\$TTL. A 192.0.2.1\n\\@. A 192.0.2.1\n. NS a.\na\\.. A 192.0.2.1\n', {
      origin: Name.root,
    });
    expect(
      print(list, Name.root)
        .slice(3)
        .map((line) => line.replace(/ +/g, ' ')),
    ).toEqual(['\\$TTL A 192.0.2.1', '\\@ A 192.0.2.1', '@ NS a', 'a\\. A 192.0.2.1']);
    expect(plain(again(print(list, Name.root)))).toEqual(plain(list));
  });

  test('no records are a file, too', () => {
    expect(print([])).toEqual(['$ORIGIN example.', '$TTL 0 ; 0s']);
  });

  test('takes no more than a thousand records before it prints', () => {
    let taken = 0;
    function* endless(): Generator<ResourceRecord> {
      for (;;) {
        taken++;
        yield { name: example, type: 1, class: RRClass.IN, ttl: taken, rdata: Uint8Array.of(1, 2, 3, 4) };
      }
    }
    const lines = printMasterFile(endless(), { origin: example });
    for (let i = 0; i < 2_003; i++) lines.next();
    expect(taken).toBe(2_000);
  });

  test('every type that has a form is tried below', () => {
    const known = Array.from({ length: 65_536 }, (_, type) => type).filter(
      (type) => layoutOf(type, RRClass.IN) !== undefined && !isMetaType(type),
    );
    expect(known.map(typeName).filter((type) => TEMPLATES[type] === undefined)).toEqual([]);
  });

  test.each(Object.keys(TEMPLATES))('%s records read as they were printed', (type) => {
    const origin = fc.constantFrom(Name.root, example, Name.parse('Example.COM.'), Name.parse('\\000\\.\\;\\@.'));
    const zone = origin.chain((one) => {
      const record = arbitraryRecord(type, arbitraryName(one, Name.parse('EXAMPLE.com')));
      return fc.tuple(fc.constant(one), fc.array(record, { minLength: 1, maxLength: 8 }));
    });
    fc.assert(
      fc.property(zone, ([one, list]) => {
        const lines = print(list, one);
        expect(lines.join('\n')).toMatch(/^[\x20-\x7e\n]*$/);
        expect(plain(again(lines))).toEqual(plain(list));
      }),
      { numRuns: 40 },
    );
  });
});
