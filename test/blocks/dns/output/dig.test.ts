/** dig's text where dig itself cannot be asked for it; beside dig it is in test/conformance/dns-query-dig.test.ts. */
import { describe, expect, test } from 'vitest';
import { digData } from '../../../../src/blocks/dns/output/dig-data.js';
import { digMessage } from '../../../../src/blocks/dns/output/dig-message.js';
import { digQuestion, digRecord } from '../../../../src/blocks/dns/output/dig-record.js';
import { DigLine, digPeriod, USUAL_STYLE } from '../../../../src/blocks/dns/output/dig-style.js';
import { shortLines } from '../../../../src/blocks/dns/output/short.js';
import { answerTo, question, record } from '../client/fake-server.js';

const all = { comments: true, question: true, answer: true, authority: true, additional: true };

describe('columns', () => {
  test('a tab leads to the next multiple of 8; where there is no room a space has to do', () => {
    expect(digRecord(record('a.test. 60 A 192.0.2.1'), USUAL_STYLE)).toBe('a.test.\t\t\t60\tIN\tA\t192.0.2.1');
    expect(digRecord(record(`${'x'.repeat(17)}.test. 60 A 192.0.2.1`), USUAL_STYLE)).toBe(
      `${'x'.repeat(17)}.test.\t60\tIN\tA\t192.0.2.1`,
    );
    expect(digRecord(record(`${'x'.repeat(40)}.test. 60 A 192.0.2.1`), USUAL_STYLE)).toBe(
      `${'x'.repeat(40)}.test. 60 IN A 192.0.2.1`,
    );
    expect(new DigLine().add('x').indent(1).add('y').toString()).toBe('x y');
  });

  test('a question', () => {
    const [asked] = question('www.shop.test', 'TYPE65280').questions;
    expect(asked && digQuestion(asked, USUAL_STYLE)).toBe(';www.shop.test.\t\t\tIN\tTYPE65280');
  });
});

describe('periods', () => {
  test.each([
    [0, '0s', '0 seconds'],
    [1, '1s', '1 second'],
    [5_400, '1h30m', '1 hour 30 minutes'],
    [2 ** 31 - 1, '3550w5d3h14m7s', '3550 weeks 5 days 3 hours 14 minutes 7 seconds'],
  ])('%i', (seconds, short, words) => {
    expect([digPeriod(seconds, false), digPeriod(seconds, true)]).toEqual([short, words]);
  });
});

describe('data', () => {
  test('RFC 4034, appendix B: key tags, for RSAMD5 in another way', () => {
    const withoutCrypto = { ...USUAL_STYLE, crypto: false };
    const key = 'mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==';
    // As BIND has it, see the conformance test.
    expect(digData(record(`a.test. 60 DNSKEY 257 3 13 ${key}`), withoutCrypto)).toBe('257 3 13 [key id = 2371]');
    expect(digData(record('a.test. 60 DNSKEY 256 3 1 EjRWeA=='), withoutCrypto)).toBe(`256 3 1 [key id = ${0x3456}]`);
  });

  test('of UPDATE there may be none', () => {
    const none = { ...record('a.test. 0 A 192.0.2.1'), class: 255, rdata: new Uint8Array() };
    expect(digRecord(none, USUAL_STYLE)).toBe('a.test.\t\t\t0\tANY\tA\t');
  });

  test.each([
    'TXT "\\027[31m" "\\155\\007"',
    'HINFO "\\027]0;x\\007" "y"',
    'CAA 0 issue "\\027[2J"',
    'URI 1 1 "\\027c"',
    'NAPTR 1 1 "\\027" "" "" \\027x.test.',
    'CNAME \\027\\[31m.test.',
    'SVCB 1 . key65000="\\027[31m"',
    'TYPE65280 \\# 3 1b5b6d',
  ])('what could drive a terminal is escaped: %s', (text) => {
    const answers = [record(`\\027x.test. 60 ${text}`)];
    const message = { ...answerTo(question('\\027x.test'), []), answers };
    const lines = digMessage(message, undefined, all, USUAL_STYLE).join('\n');
    expect(lines).toContain('027x.test.');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is what is tested
    expect(lines).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f]/);
  });

  test('+short takes one line a record, whatever +multiline says', () => {
    const answers = [record('a.test. 60 SOA ns.test. admin.test. 1 2 3 4 5')];
    expect(shortLines({ answers }, { ...USUAL_STYLE, multiline: true, recordComments: true })).toEqual([
      'ns.test. admin.test. 1 2 3 4 5',
    ]);
  });
});
