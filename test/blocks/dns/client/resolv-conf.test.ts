import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEFAULT_RESOLV_CONF, parseResolvConf } from '../../../../src/blocks/dns/client/resolv-conf.js';
import { searchedNames } from '../../../../src/blocks/dns/client/search-list.js';
import { readResolvConf } from '../../../../src/blocks/dns/client/system-servers.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

const shown = (text: string) => parseResolvConf(text).nameservers.map((server) => server.shown);

describe('resolv.conf(5)', () => {
  test('an empty file says nothing', () => {
    expect(parseResolvConf('')).toEqual(DEFAULT_RESOLV_CONF);
  });

  test('name servers, at most three; what is none is passed over', () => {
    expect(
      shown('nameserver 192.0.2.1\nnameserver ns.example\nnameserver\nnameserver 300.1.1.1\nnameserver ::1'),
    ).toEqual(['udp://192.0.2.1:53', 'udp://[::1]:53']);
    expect(shown('nameserver 192.0.2.1\n'.repeat(10))).toHaveLength(3);
  });

  test('comments, indents and tabs', () => {
    expect(shown('# nameserver 192.0.2.1\n; nameserver 192.0.2.2\n \tnameserver\t192.0.2.3 # the third')).toEqual([
      'udp://192.0.2.3:53',
    ]);
  });

  test('of domain and search, the last one stands', () => {
    expect(parseResolvConf('domain a.test\nsearch b.test c.test').search).toEqual(['b.test', 'c.test']);
    expect(parseResolvConf('search b.test c.test\ndomain a.test').search).toEqual(['a.test']);
    expect(parseResolvConf(`search ${'x.test '.repeat(100)}`).search).toHaveLength(32);
  });

  test('options, bounded', () => {
    expect(parseResolvConf('options ndots:2 timeout:3 attempts:4 rotate edns0 use-vc')).toMatchObject({
      ndots: 2,
      timeoutMs: 3_000,
      attempts: 4,
      rotate: true,
      edns0: true,
      useTcp: true,
    });
    expect(parseResolvConf('options ndots:99 timeout:99999 attempts:99')).toMatchObject({
      ndots: 15,
      timeoutMs: 30_000,
      attempts: 5,
    });
    expect(parseResolvConf('options timeout:0 attempts:0 ndots:x whatever')).toMatchObject({
      ndots: 1,
      timeoutMs: 1_000,
      attempts: 1,
    });
  });
});

describe('the file', () => {
  test('that names no server, or that is missing, means the one of this machine', () => {
    const file = join(temporaryFolder(), 'resolv.conf');
    writeFileSync(file, 'search a.test\n');
    const { nameservers, search } = readResolvConf(file);
    expect({ nameservers: nameservers.map((server) => server.shown), search }).toEqual({
      nameservers: ['udp://127.0.0.1:53'],
      search: ['a.test'],
    });
  });

  test('that was named has to be there', () => {
    expect(() => readResolvConf('/nowhere/resolv.conf')).toThrow(
      expect.objectContaining({ code: 'dns.unreadable_file', kind: 'usage' }),
    );
  });

  test('can be asked on another port', () => {
    const file = join(temporaryFolder(), 'resolv.conf');
    writeFileSync(file, 'nameserver 192.0.2.1\n');
    expect(readResolvConf(file, 1053).nameservers[0]?.shown).toBe('udp://192.0.2.1:1053');
  });
});

describe('the search list', () => {
  const names = (text: string, search: readonly string[], ndots: number) =>
    searchedNames(text, search, ndots).map(String);

  test('a name with fewer dots than ndots is tried below the domains first', () => {
    expect(names('www', ['a.test', 'b.test.'], 1)).toEqual(['www.a.test.', 'www.b.test.', 'www.']);
  });

  test('one with as many dots is tried as it is first', () => {
    expect(names('www.shop', ['a.test'], 1)).toEqual(['www.shop.', 'www.shop.a.test.']);
    expect(names('www.shop', ['a.test'], 2)).toEqual(['www.shop.a.test.', 'www.shop.']);
  });

  test('one with a dot at its end stands for itself; an escaped dot is none', () => {
    expect(names('www.', ['a.test'], 1)).toEqual(['www.']);
    expect(names('www\\.', ['a.test'], 1)).toEqual(['www\\..a.test.', 'www\\..']);
  });

  test('a domain that makes the name too long is passed over', () => {
    const long = Array.from({ length: 4 }, () => 'x'.repeat(60)).join('.');
    expect(names('www', [long, 'a.test'], 1)).toEqual([`www.${long}.`, 'www.a.test.', 'www.']);
    expect(names('a-longer-one', [long, 'a.test'], 1)).toEqual(['a-longer-one.a.test.', 'a-longer-one.']);
  });
});
