import { describe, expect, test } from 'vitest';
import { Name } from '../../../src/blocks/dns/name.js';
import { printRdata } from '../../../src/blocks/dns/rdata/index.js';
import { readSoa, soaData, soaSerial, withSerial } from '../../../src/blocks/dns/soa.js';

describe('SOA data', () => {
  const soa = {
    primaryServer: Name.parse('ns1.Example.'),
    mailbox: Name.parse('host\\.master.example.'),
    serial: 4_000_000_000,
    refresh: 1,
    retry: 2,
    expire: 3,
    minimum: 4,
  };

  test('is written and read', () => {
    const rdata = soaData(soa);
    expect(printRdata(6, rdata)).toBe('ns1.Example. host\\.master.example. 4000000000 1 2 3 4');
    const { primaryServer, mailbox, ...numbers } = readSoa(rdata);
    expect([String(primaryServer), String(mailbox)]).toEqual(['ns1.Example.', 'host\\.master.example.']);
    expect(numbers).toEqual({ serial: 4_000_000_000, refresh: 1, retry: 2, expire: 3, minimum: 4 });
  });

  test('under another serial is a copy', () => {
    const rdata = soaData(soa);
    expect(readSoa(withSerial(rdata, 7))).toMatchObject({ serial: 7, refresh: 1, minimum: 4 });
    expect(soaSerial(rdata)).toBe(4_000_000_000);
  });
});
