import { expect, test } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { printRdata } from '../../../../src/blocks/dns/rdata/index.js';
import type { ResourceRecord } from '../../../../src/blocks/dns/record.js';
import { typeName } from '../../../../src/blocks/dns/wire.js';
import { differencesOf } from '../../../../src/blocks/dns/zone/differences.js';
import { parseMasterFile } from '../../../../src/blocks/dns/zone/master-file/index.js';
import { MemoryZone } from '../../../../src/blocks/dns/zone/memory.js';

const head = (serial: number) => `$TTL 60\n@ SOA ns root ${serial} 7200 3600 1209600 300\n@ NS ns\nns A 10.0.0.1\n`;

const zone = (text: string) =>
  MemoryZone.fromRecords(parseMasterFile([text], { file: 'zone', origin: Name.parse('shop.test') })).records();

const differences = (from: string, to: string, asImport = false) =>
  [...differencesOf(zone(from), zone(to), { asImport })].map(({ op, record }) => `${op} ${sayRecord(record)}`);

const sayRecord = ({ name, ttl, type, rdata }: ResourceRecord) =>
  `${name} ${ttl} ${typeName(type)} ${printRdata(type, rdata)}`;

test('two states that are the same have none', () => {
  expect(differences(`${head(1)}www A 10.0.0.2`, `$TTL 60\nwww A 10.0.0.2\n${head(1)}`)).toEqual([]);
});

test('in canonical order, the SOA first, removed before added', () => {
  const from = `${head(1)}www A 10.0.0.2\nwww A 10.0.0.3\na.www TXT gone\n`;
  const to = `${head(2)}b TXT new\nwww A 10.0.0.3\nwww A 10.0.0.4\n`;
  expect(differences(from, to)).toEqual([
    'removed shop.test. 60 SOA ns.shop.test. root.shop.test. 1 7200 3600 1209600 300',
    'added shop.test. 60 SOA ns.shop.test. root.shop.test. 2 7200 3600 1209600 300',
    'added b.shop.test. 60 TXT "new"',
    'removed www.shop.test. 60 A 10.0.0.2',
    'added www.shop.test. 60 A 10.0.0.4',
    'removed a.www.shop.test. 60 TXT "gone"',
  ]);
});

test('a TTL and the case of letters make a difference', () => {
  expect(differences(`${head(1)}www 60 A 10.0.0.2`, `${head(1)}www 30 A 10.0.0.2`)).toEqual([
    'removed www.shop.test. 60 A 10.0.0.2',
    'added www.shop.test. 30 A 10.0.0.2',
  ]);
  expect(differences(`${head(1)}m MX 1 b\nm MX 1 A`, `${head(1)}M MX 1 b\nM MX 1 a`)).toEqual([
    'removed m.shop.test. 60 MX 1 A.shop.test.',
    'added M.shop.test. 60 MX 1 a.shop.test.',
    'removed m.shop.test. 60 MX 1 b.shop.test.',
    'added M.shop.test. 60 MX 1 b.shop.test.',
  ]);
});

test('an import keeps the stored serial unless that of the file is later', () => {
  expect(differences(head(5), head(3))).toHaveLength(2);
  expect(differences(head(5), head(3), true)).toEqual([]);
  expect(differences(head(5), head(6), true)).toHaveLength(2);
  expect(differences(head(5), head(3).replace('7200', '7201'), true)).toHaveLength(2);
});

test('one that is read only in part is told so on both sides', () => {
  let open = 0;
  function* watched(text: string): Generator<ResourceRecord> {
    open++;
    try {
      yield* zone(text);
    } finally {
      open--;
    }
  }
  for (const _ of differencesOf(watched(head(1)), watched(head(2)))) break;
  expect(open).toBe(0);
});
