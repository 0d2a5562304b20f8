import { expect, test } from 'vitest';
import { findFileOrigin, guessOrigin } from '../../../../src/blocks/dns/store/file-origin.js';
import { parseMasterFile } from '../../../../src/blocks/dns/zone/master-file/index.js';
import { failsWith } from './test-zones.js';

test.each([
  ['shop.test.zone', 'shop.test.'],
  ['/etc/bind/db.shop.test', 'shop.test.'],
  ['zones/shop.test.db', 'shop.test.'],
  ['shop.test', 'shop.test.'],
  ['shop.test.', 'shop.test.'],
  ['shop.test.txt', 'shop.test.'],
  ['shop.test.zone.signed', 'shop.test.'],
  ['pri.shop.test', 'shop.test.'],
  ['local.zone', 'local.'],
  ['db.10', '10.'],
  ['0.0.10.in-addr.arpa.zone', '0.0.10.in-addr.arpa.'],
  ['records', undefined],
  ['records.txt', undefined],
  ['a..b.zone', undefined],
])('the name %j tells of %j', (path, zone) => {
  expect(guessOrigin(path)?.toString()).toBe(zone);
});

const DATA = 'SOA ns1 root 1 7200 3600 1209600 300\n';

const find = (file: string, text: string) => {
  const { zone, origin } = findFileOrigin(file, (base) => {
    return parseMasterFile([text], { file, defaultTtl: 60, ...(base === undefined ? {} : { origin: base }) });
  });
  return [zone.toString(), origin?.toString()];
};

test('the file says it itself, or its name does', () => {
  expect(find('other.test.zone', `shop.test. ${DATA}`)).toEqual(['shop.test.', undefined]);
  expect(find('other.test.zone', `$ORIGIN shop.test.\n@ ${DATA}`)).toEqual(['shop.test.', undefined]);
  expect(find('other.test.zone', `$ORIGIN test.\nwww.shop TXT x\nshop ${DATA}`)).toEqual(['shop.test.', undefined]);
  expect(find('shop.test.zone', `@ ${DATA}`)).toEqual(['shop.test.', 'shop.test.']);
  expect(find('test.zone', `shop ${DATA}`)).toEqual(['shop.test.', 'test.']);
});

test('nobody says it', () => {
  expect(() => find('records', `@ ${DATA}`)).toThrow(failsWith('dns.bad_zone_file', /records:1: .*origin/));
  expect(() => find('shop.test.zone', 'www.shop.test. A 192.0.2.1\n')).toThrow(
    failsWith('dns.bad_zone', /shop.test.zone has no SOA record/),
  );
});

test('what is wrong before the SOA record is told as it is', () => {
  expect(() => find('shop.test.zone', `@ A 192.0.2.999\n@ ${DATA}`)).toThrow(
    failsWith('dns.bad_zone_file', /shop.test.zone:1: .*192.0.2.999/),
  );
});
