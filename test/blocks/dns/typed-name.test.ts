import { expect, test } from 'vitest';
import { Name } from '../../../src/blocks/dns/name.js';
import { readTypedName, shortName, zoneFor } from '../../../src/blocks/dns/typed-name.js';

test.each([
  ['shop.test', 'shop.test.'],
  ['Shop.Test.', 'Shop.Test.'],
  ['*.shop.test', '*.shop.test.'],
  ['_http._tcp.shop.test', '_http._tcp.shop.test.'],
  ['bücher.test', 'xn--bcher-kva.test.'],
  ['*.bücher.test.', '*.xn--bcher-kva.test.'],
  ['a\\.b.test', 'a\\.b.test.'],
  ['a\\195b.test', 'a\\195b.test.'],
  ['.', '.'],
])('%j is the name %s', (typed, name) => {
  expect(readTypedName(typed).toString()).toBe(name);
});

test.each([
  ['@', 'origin'],
  ['', 'empty'],
  ['a..test', 'empty'],
  [`${'a'.repeat(64)}.test`, '64 octets'],
  ['ü\\046.test', 'no form in ASCII'],
  ['ü<.test', 'no form in ASCII'],
])('%j is no name: %s', (typed, why) => {
  expect(() => readTypedName(typed)).toThrow(why);
});

test.each([
  ['api.shop.test', 'shop.test'],
  ['a.b.shop.test', 'b.shop.test'],
  ['shop.test', 'shop.test'],
  ['localhost', 'localhost'],
  ['.', '.'],
  ['_http._tcp.shop.test', 'shop.test'],
  ['_dmarc.mail.shop.test', 'mail.shop.test'],
  ['*.shop.test', 'shop.test'],
  ['7.0.0.10.in-addr.arpa', '0.0.10.in-addr.arpa'],
])('without a zone %s goes into a new zone %s', (name, zone) => {
  expect(shortName(zoneFor(Name.parse(name)))).toBe(zone);
});
