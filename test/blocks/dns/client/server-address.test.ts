import { describe, expect, test } from 'vitest';
import { parseServer } from '../../../../src/blocks/dns/client/server-address.js';
import type { DsError } from '../../../../src/platform/errors.js';

function errorOf(text: string): Pick<DsError, 'code' | 'message'> {
  try {
    parseServer(text);
  } catch (error) {
    return error as DsError;
  }
  throw new Error(`${text} was taken`);
}

describe('servers as people write them', () => {
  test.each([
    ['192.0.2.1', 'udp://192.0.2.1:53'],
    ['192.0.2.1:5353', 'udp://192.0.2.1:5353'],
    ['192.0.2.1#5353', 'udp://192.0.2.1:5353'],
    ['2001:db8::1', 'udp://[2001:db8::1]:53'],
    ['2001:db8::1#5353', 'udp://[2001:db8::1]:5353'],
    ['[2001:db8::1]', 'udp://[2001:db8::1]:53'],
    ['[::1]:5353', 'udp://[::1]:5353'],
    ['fe80::1%eth0', 'udp://[fe80::1%eth0]:53'],
    ['ns.example.com', 'udp://ns.example.com:53'],
    ['ns.example.com.:5353', 'udp://ns.example.com.:5353'],
    ['localhost', 'udp://localhost:53'],
    ['udp://192.0.2.1', 'udp://192.0.2.1:53'],
    ['tcp://[::1]:5353', 'tcp://[::1]:5353'],
    ['tls://192.0.2.1', 'tls://192.0.2.1:853'],
    ['tls://192.0.2.1:8853#dns.example', 'tls://192.0.2.1:8853#dns.example'],
    ['TLS://dns.example/', 'tls://dns.example:853'],
    ['https://dns.example', 'https://dns.example:443/dns-query'],
    ['https://dns.example/resolve?x=1', 'https://dns.example:443/resolve?x=1'],
    ['https://dns.example/dns-query{?dns}', 'https://dns.example:443/dns-query'],
    ['https://[2001:db8::1]:8443/q#dns.example', 'https://[2001:db8::1]:8443/q#dns.example'],
    ['http://127.0.0.1:8053/dns-query', 'http://127.0.0.1:8053/dns-query'],
    ['http://localhost', 'http://localhost:80/dns-query'],
    ['http://[::1]:8053', 'http://[::1]:8053/dns-query'],
  ])('%s', (text, shown) => {
    const server = parseServer(text);
    expect(server.shown).toBe(shown);
    expect(parseServer(shown)).toEqual(server);
  });

  test('port, transport and path where the text has none', () => {
    expect(parseServer('192.0.2.1', { defaultPort: 1053, transport: 'tcp' }).shown).toBe('tcp://192.0.2.1:1053');
    expect(parseServer('192.0.2.1:99', { defaultPort: 1053, transport: 'tls' }).shown).toBe('tls://192.0.2.1:99');
    expect(parseServer('dns.example', { transport: 'https', path: 'q' }).shown).toBe('https://dns.example:443/q');
    expect(parseServer('127.0.0.1', { transport: 'https', plain: true, defaultPort: 8 }).shown).toBe(
      'http://127.0.0.1:8/dns-query',
    );
    expect(parseServer('udp://192.0.2.1', { transport: 'tls' }).transport).toBe('udp');
  });
});

describe('what is no server is refused, and says why', () => {
  test.each([
    ['', 'it has no host'],
    ['192.0.2', 'neither an address nor a host'],
    ['192.0.2.256', 'neither an address nor a host'],
    ['192.0.2.1:0', 'port 0 is not from 1 to 65535'],
    ['192.0.2.1:70000', 'port 70000 is not from 1 to 65535'],
    ['192.0.2.1#dns', '"dns" is no port'],
    ['192.0.2.1:53#54', 'it has two ports'],
    ['[192.0.2.1]', 'in brackets stands no IPv6 address'],
    ['a b', 'neither an address nor a host'],
    ['-x.example', 'neither an address nor a host'],
    ['tls://192.0.2.1#b@d', 'behind # stands no name'],
    ['https://dns.example/a b', 'its path is not that of a URL'],
    ['https://dns.example/{x}', 'its path is not that of a URL'],
    ['x'.repeat(2_000), 'it is too long'],
  ])('%s', (text, why) => {
    const { code, message } = errorOf(text);
    expect(code).toBe('dns.bad_server');
    expect(message).toContain(why);
  });

  test.each([
    ['quic://dns.example', 'needs a QUIC transport, which Node.js does not have'],
    ['h3://dns.example', 'needs a QUIC transport, which Node.js does not have'],
    ['sdns://AgcAAA', 'DNSCrypt is not spoken here'],
    ['ftp://dns.example', 'nothing is known of ftp://'],
    ['http://dns.example/dns-query', 'would send queries over the network in clear'],
    ['http://127.0.0.1.example/dns-query', 'would send queries over the network in clear'],
  ])('%s', (text, why) => {
    const { code, message } = errorOf(text);
    expect(code).toBe('dns.unsupported_transport');
    expect(message).toContain(why);
  });
});
