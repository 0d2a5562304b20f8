import { describe, expect, test } from 'vitest';
import { NoTransfer, type TransferPart, TransferReader } from '../../../../src/blocks/dns/client/transfer-reader.js';
import type { ResourceRecord } from '../../../../src/blocks/dns/record.js';
import { soaSerial } from '../../../../src/blocks/dns/soa.js';
import { RRType } from '../../../../src/blocks/dns/wire.js';
import { origin, record, show } from '../store/test-zones.js';

const soa = (serial: number) => record(`@ 60 SOA ns1 hostmaster ${serial} 3600 900 86400 300`);
const a = (name: string) => record(`${name} 60 A 192.0.2.1`);
const ns = record('@ 60 NS ns1');

/** `form:whole`, `+ SOA 3, www`, `- SOA 2`. */
function tell(part: TransferPart): string {
  if (part.kind === 'form') return `form:${part.form} ${soaSerial(part.soa.rdata)}`;
  const names = part.records.map((one) =>
    one.type === RRType.SOA ? `SOA ${soaSerial(one.rdata)}` : (show(one).split('.')[0] ?? ''),
  );
  return `${part.op === 'added' ? '+' : '-'} ${names.join(', ')}`;
}

/** Each list is a message. */
function read(have: number | undefined, ...messages: readonly (readonly ResourceRecord[])[]) {
  const reader = new TransferReader(origin, have);
  const parts = messages.flatMap((records) => reader.take(records)).map(tell);
  return { parts, isDone: reader.isDone };
}

describe('AXFR (RFC 5936, section 2.2)', () => {
  test('the SOA ends the zone, and is told once', () => {
    expect(read(undefined, [soa(3), ns, a('www'), soa(3)])).toEqual({
      parts: ['form:whole 3', '+ SOA 3, shop, www'],
      isDone: true,
    });
  });

  test('records may come in any number of messages, one record each among them', () => {
    expect(read(undefined, [soa(3)], [ns], [a('www'), a('web')], [soa(3)])).toEqual({
      parts: ['form:whole 3', '+ SOA 3, shop', '+ www, web'],
      isDone: true,
    });
  });

  test('without its end it is not done', () => {
    expect(read(undefined, [soa(3), ns, a('www')]).isDone).toBe(false);
  });

  test('a last SOA that is another one belongs to another state of the zone', () => {
    expect(() => read(undefined, [soa(3), ns, soa(4)])).toThrow(NoTransfer);
  });
});

describe('IXFR (RFC 1995, section 4)', () => {
  test('the SOA alone says that nothing is newer', () => {
    expect(read(3, [soa(3)])).toEqual({ parts: ['form:current 3'], isDone: true });
    expect(read(4, [soa(3)])).toEqual({ parts: ['form:current 3'], isDone: true });
    expect(read(1, [soa(2 ** 32 - 1)]), 'serials are on a circle (RFC 1982)').toEqual({
      parts: [`form:current ${2 ** 32 - 1}`],
      isDone: true,
    });
  });

  test('difference sequences, each list with its SOA first', () => {
    const records = [soa(4), soa(2), a('old'), soa(3), a('new'), soa(3), soa(4), a('www'), soa(4)];
    expect(read(2, records)).toEqual({
      parts: ['form:incremental 4', '- SOA 2, old', '+ SOA 3, new', '- SOA 3', '+ SOA 4, www'],
      isDone: true,
    });
    const split = read(2, ...records.map((one) => [one]));
    expect(split.isDone).toBe(true);
    expect(split.parts).toEqual([
      'form:incremental 4',
      '- SOA 2',
      '- old',
      '+ SOA 3',
      '+ new',
      '- SOA 3',
      '+ SOA 4',
      '+ www',
    ]);
  });

  test('a serial may be passed several times on the way', () => {
    expect(read(2, [soa(3), soa(2), soa(3), a('one'), soa(3)]).isDone).toBe(true);
    // From 2 by way of 5 to 3: a primary whose operator has set its serial back.
    expect(read(2, [soa(3), soa(2), soa(5), soa(5), soa(3), a('one'), soa(3)]).parts.at(-1)).toBe('+ SOA 3, one');
  });

  test('a server may send the whole zone all the same', () => {
    expect(read(2, [soa(4), ns, soa(4)])).toEqual({ parts: ['form:whole 4', '+ SOA 4, shop'], isDone: true });
  });

  test('differences that do not begin with what one has are taken for the zone, and are none', () => {
    expect(() => read(1, [soa(4), soa(2), a('old'), soa(4), soa(4)])).toThrow('begins with serial 4 and ends with 2');
  });

  test('a sequence has to begin where the one before ends', () => {
    expect(() => read(2, [soa(5), soa(2), soa(3), soa(4), soa(5), soa(5)])).toThrow(
      'leads to serial 3, the next one begins at 4',
    );
  });

  test('the end is where the last sequence leads, not merely an SOA with its serial', () => {
    expect(() => read(2, [soa(5), soa(2), soa(3), a('x'), soa(5)])).toThrow(NoTransfer);
  });
});

test.each([
  ['does not begin with an SOA', [ns]],
  ['a record follows its last one', [soa(3), ns, soa(3), a('www')]],
  ['other.test. is not within shop.test.', [soa(3), record('www.other.test. 60 A 192.0.2.1')]],
  ['it has an SOA record at other.test.', [record('other.test. 60 SOA a b 3 1 1 1 1')]],
  ['it has an SOA record at sub.shop.test.', [soa(3), a('sub'), record('sub 60 SOA a b 3 1 1 1 1')]],
  ['is of class CH', [soa(3), { ...a('www'), class: 3 }]],
  ['of type ANY', [soa(3), { ...a('www'), type: RRType.ANY }]],
])('%s: it is no transfer of the zone', (why, records) => {
  expect(() => read(undefined, records)).toThrow(NoTransfer);
  expect(() => read(undefined, records)).toThrow(why);
});
