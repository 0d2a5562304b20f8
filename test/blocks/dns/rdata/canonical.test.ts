import { describe, expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { canonicalRdata } from '../../../../src/blocks/dns/rdata/canonical.js';
import { parseRdata, printRdata } from '../../../../src/blocks/dns/rdata/index.js';
import { parseType } from '../../../../src/blocks/dns/wire.js';
import { wordsOf } from '../../../../src/blocks/dns/zone/master-file/lexer.js';

const data = (type: string, text: string) => parseRdata(parseType(type), wordsOf(text), Name.root);

describe('record data as it is compared (RFC 3597, sections 6 and 7)', () => {
  test.each([
    ['NS', 'NS1.Example.', 'ns1.example.'],
    ['MX', '66 Mail.Example.', '66 mail.example.'],
    ['SOA', 'NS.Example. Host.Example. 65 66 67 68 69', 'ns.example. host.example. 65 66 67 68 69'],
    ['SRV', '1 2 65 Web.Example.', '1 2 65 web.example.'],
    ['NAPTR', '1 2 "U" "E2U" "!^.*$!A!" Example.', '1 2 "U" "E2U" "!^.*$!A!" example.'],
    ['DNAME', 'Example.', 'example.'],
  ])('names count without case in %s', (type, text, expected) => {
    expect(printRdata(parseType(type), canonicalRdata(parseType(type), data(type, text)))).toBe(expected);
  });

  test.each([
    ['TXT', '"Quick Fox"'],
    ['HTTPS', '1 Web.Example. alpn=H2'],
    ['NSEC', 'Next.Example. A'],
    ['A', '65.66.67.68'],
    ['TYPE65280', '\\# 4 41424344'],
  ])('every octet counts in %s', (type, text) => {
    const rdata = data(type, text);
    expect(canonicalRdata(parseType(type), rdata)).toBe(rdata);
  });

  test('what is given is never changed', () => {
    const rdata = data('NS', 'NS1.Example.');
    canonicalRdata(2, rdata);
    expect(printRdata(2, rdata)).toBe('NS1.Example.');
  });
});
