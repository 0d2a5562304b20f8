import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { parseServer } from '../../../../../src/blocks/dns/client/server-address.js';
import { refuseOwnAddresses } from '../../../../../src/blocks/dns/server/forward/own-address.js';

const refuses = (server: string, host: string, port = 1053) => {
  try {
    refuseOwnAddresses(
      [parseServer('192.0.2.1'), parseServer(server)],
      [
        { host: '192.0.2.200', port: 1 },
        { host, port },
      ],
    );
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: 'dns.forward_loop', kind: 'usage' });
    return true;
  }
};

describe('an upstream that is this daemon itself is refused', () => {
  test.each([
    ['127.0.0.1:1053', '127.0.0.1'],
    ['tcp://127.0.0.1:1053', '127.0.0.1'],
    ['https://127.0.0.1:1053/dns-query', '127.0.0.1'],
    ['[::1]:1053', '::1'],
    ['[0:0:0:0:0:0:0:1]:1053', '::1'],
    ['localhost:1053', '127.0.0.1'],
    ['dns.localhost:1053', '::1'],
    ['127.0.0.53:1053', '0.0.0.0'],
    ['127.0.0.1:1053', '::'],
    ['[::1]:1053', '::'],
    ['[::ffff:127.0.0.1]:1053', '127.0.0.1'],
    ['dns.shop.test:1053', 'dns.shop.test'],
  ])('%s when it listens on %s', (server, host) => {
    expect(refuses(server, host)).toBe(true);
  });

  test('on any address of this machine when it listens on all', () => {
    const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    expect(all.length).toBeGreaterThan(0);
    for (const { address, family } of all) {
      const server = family === 'IPv6' ? `[${address}]:1053` : `${address}:1053`;
      expect(refuses(server, family === 'IPv6' ? '::' : '0.0.0.0')).toBe(true);
    }
  });

  test.each([
    ['127.0.0.1:1054', '127.0.0.1'],
    ['127.0.0.2:1053', '127.0.0.1'],
    ['[::1]:1053', '0.0.0.0'],
    ['192.0.2.9:1053', '0.0.0.0'],
    ['dns.shop.test:1053', '0.0.0.0'],
  ])('%s is another one when it listens on %s', (server, host) => {
    expect(refuses(server, host)).toBe(false);
  });
});
