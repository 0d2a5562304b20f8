import { describe, expect, test } from 'vitest';
import { printRdata } from '../../../src/blocks/dns/rdata/index.js';
import { readRecordType, readTtl, readTypedValues } from '../../../src/blocks/dns/typed-values.js';
import { parseType } from '../../../src/blocks/dns/wire.js';
import { DsError } from '../../../src/platform/errors.js';

/** What the arguments, as a shell gives them, come to in a master file. */
const read = (typeText: string, ...args: string[]) => {
  const type = parseType(typeText);
  return readTypedValues(type, args).rdatas.map((rdata) => printRdata(type, rdata));
};

describe('an argument is a value', () => {
  test.each([
    ['A', ['10.0.0.1'], ['10.0.0.1']],
    ['A', ['10.0.0.1', '10.0.0.2'], ['10.0.0.1', '10.0.0.2']],
    ['A', ['10.0.0.1', '10.0.0.1'], ['10.0.0.1']],
    ['MX', ['10 mail.shop.test'], ['10 mail.shop.test.']],
    ['MX', ['10 a.test.', '20 b.test'], ['10 a.test.', '20 b.test.']],
    ['NS', ['ns1.shop.test', 'ns2.shop.test'], ['ns1.shop.test.', 'ns2.shop.test.']],
    ['CNAME', ['bücher.test'], ['xn--bcher-kva.test.']],
    ['CAA', ['0 issue "ca.test; policy=ev"'], ['0 issue "ca.test; policy=ev"']],
    ['HTTPS', ['1 . alpn="h2,h3" port=8443'], ['1 . alpn="h2,h3" port=8443']],
    ['TYPE65280', ['\\# 2 abcd'], ['\\# 2 ABCD']],
    ['NAPTR', ['10 20 "s" "SIP+D2U" "" _sip._udp.shop.test'], ['10 20 "s" "SIP+D2U" "" _sip._udp.shop.test.']],
  ])('%s %j', (type, args, values) => {
    expect(read(type, ...args)).toEqual(values);
  });
});

describe('arguments that are no values by themselves are the words of one', () => {
  test.each([
    ['MX', ['10', 'mail.shop.test'], '10 mail.shop.test.'],
    ['SRV', ['0', '5', '443', 'www.shop.test'], '0 5 443 www.shop.test.'],
    ['CAA', ['0', 'issue', 'ca.test; policy=ev'], '0 issue "ca.test; policy=ev"'],
    ['CAA', ['0', 'issue', '";"'], '0 issue ";"'],
    ['HTTPS', ['1', '.', 'alpn=h2,h3'], '1 . alpn="h2,h3"'],
    ['TYPE65280', ['\\#', '2', 'abcd'], '\\# 2 ABCD'],
    ['NAPTR', ['10', '20', 's', 'SIP+D2U', '', '_sip._udp.shop.test'], '10 20 "s" "SIP+D2U" "" _sip._udp.shop.test.'],
    ['SOA', ['ns1.test', 'root.test', '1', '2h', '1h', '2w', '5m'], 'ns1.test. root.test. 1 7200 3600 1209600 300'],
  ])('%s %j', (type, args, value) => {
    expect(read(type, ...args)).toEqual([value]);
  });
});

describe('text is taken as it is', () => {
  test.each([
    [['v=spf1 -all'], ['"v=spf1 -all"']],
    [['v=DKIM1; k=rsa; p=abc'], ['"v=DKIM1; k=rsa; p=abc"']],
    [
      ['one', 'two words'],
      ['"one"', '"two words"'],
    ],
    [['C:\\dir'], ['"C:\\\\dir"']],
    [['say "hi"'], ['"say \\"hi\\""']],
    [[''], ['""']],
    [['ü'], ['"\\195\\188"']],
    [['"one" "two; three"'], ['"one" "two; three"']],
    [['"\\065"'], ['"A"']],
    [['x'.repeat(300)], [`"${'x'.repeat(255)}" "${'x'.repeat(45)}"`]],
  ])('TXT %j', (args, values) => {
    expect(read('TXT', ...args)).toEqual(values);
  });
});

describe('what is no data of the type is refused, with the value and an example', () => {
  test.each([
    ['A', ['10.0.0.999'], '10.0.0.999', 'A 192.0.2.1'],
    ['A', ['10.0.0.1', 'x'], '"x"', 'A 192.0.2.1'],
    ['A', ['10.0.0.1 10.0.0.2'], 'too many', 'A 192.0.2.1'],
    ['MX', ['10', 'a.test', '20', 'b.test'], '"20" is one word too many', "MX '10 mail.shop.test'"],
    ['MX', ['10', 'mail..test'], 'mail..test', "MX '10 mail.shop.test'"],
    ['MX', ['10 mail.test ; main'], '; stands outside of double quotes', "MX '10 mail.shop.test'"],
    ['MX', ['10 "mail.test'], 'double quote is not closed', "MX '10 mail.shop.test'"],
    ['TXT', ['"open'], 'double quote is not closed', "TXT 'v=spf1 -all'"],
    ['A', ['\\'], 'backslash', 'A 192.0.2.1'],
  ])('%s %j: %s', (type, args, why, example) => {
    let error: unknown;
    try {
      read(type, ...args);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(DsError);
    expect(error).toMatchObject({ code: 'dns.bad_record', message: expect.stringContaining(why) });
    expect(error).toHaveProperty('hint', `write it as ${example}`);
  });
});

test('a target of one label without a dot may have been meant within a zone', () => {
  const odd = (type: string, ...args: string[]) => readTypedValues(parseType(type), args).topLevelTargets;
  expect(odd('CNAME', 'www')).toEqual(['www']);
  expect(odd('MX', '10', 'mail')).toEqual(['mail']);
  expect(odd('CNAME', 'www.')).toEqual([]);
  expect(odd('NS', 'localhost')).toEqual([]);
  expect(odd('MX', '0 .')).toEqual([]);
  expect(odd('TXT', 'www')).toEqual([]);
});

test('types to ask for are no types of records', () => {
  expect(readRecordType('mx')).toBe(15);
  expect(() => readRecordType('ANY')).toThrow('ANY is a type to ask for');
  expect(() => readRecordType('OPT')).toThrow('OPT is a type to ask for');
  expect(() => readRecordType('MXX')).toThrow('no record type');
});

test.each(['300', '5m', 'in'])('%s where the type stands: the TTL has a flag, and there is no class', (text) => {
  const hint = expect.stringContaining('--ttl 300');
  expect(() => readRecordType(text)).toThrow(expect.objectContaining({ code: 'dns.unknown_type', hint }));
});

test('a TTL that is none says how it is written', () => {
  expect(readTtl('5m')).toBe(300);
  const hint = 'write --ttl 300, or --ttl 5m';
  expect(() => readTtl('5x')).toThrow(expect.objectContaining({ code: 'dns.bad_record', hint }));
});
