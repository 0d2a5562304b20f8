/** The zone that processes change until they are killed, as both sides of the test know it. */
import { Name } from '../../src/blocks/dns/name.js';
import type { ResourceRecord } from '../../src/blocks/dns/record.js';
import { soaData } from '../../src/blocks/dns/soa.js';
import { RRClass, RRType } from '../../src/blocks/dns/wire.js';

export const origin = Name.parse('crash.test.');

/** Records that each import brings beside SOA and NS, all with the same stamp. */
export const IMPORTED = 200;

const common = { class: RRClass.IN, ttl: 60 };
const apex = (serial: number): ResourceRecord[] => [
  {
    ...common,
    name: origin,
    type: RRType.SOA,
    rdata: soaData({ primaryServer: origin, mailbox: origin, serial, refresh: 1, retry: 2, expire: 3, minimum: 4 }),
  },
  { ...common, name: origin, type: RRType.NS, rdata: origin.wire },
];

export const baseline = apex(1);

/** `e-STAMP.crash.test. TXT`. */
export function editedRecord(stamp: string): ResourceRecord {
  return { ...common, name: Name.parse(`e-${stamp}`, origin), type: RRType.TXT, rdata: Uint8Array.of(1, 0x65) };
}

/** `g0` to `g199`, with the stamp as text. */
export function importedRecords(stamp: string): ResourceRecord[] {
  const rdata = Buffer.from(`${String.fromCharCode(stamp.length)}${stamp}`, 'latin1');
  const records = Array.from({ length: IMPORTED }, (_, index) => {
    return { ...common, name: Name.parse(`g${index}`, origin), type: RRType.TXT, rdata };
  });
  return [...apex(1), ...records];
}
