/**
 * Who asks whom: Debian's dig and kdig ask our daemon over every transport that they speak, and `ds dns query` and the
 * daemon's forwarder ask the name servers and resolvers of the field.
 */
import { describe, expect, onTestFinished, test } from 'vitest';
import { startTestDaemon } from '../blocks/dns/server/transfer/daemons.js';
import { importText, zoneText } from '../blocks/dns/store/test-zones.js';
import { makeCertificate } from '../helpers/certificates.js';
import { dig, kdig } from '../helpers/dig.js';
import { type NameServerProcess, startKnot, startNamed, startUnbound } from '../helpers/name-servers.js';
import { hasPackages } from '../helpers/programs.js';
import { runDs } from '../helpers/run-ds.js';

const NAME = 'asked.shop.test';
const LINE = 'asked 60 A 192.0.2.77';

const zone = () =>
  zoneText(7, LINE, `long 60 TXT ${Array.from({ length: 9 }, () => `"${'x'.repeat(200)}"`).join(' ')}`);

function stopLater(server: NameServerProcess): NameServerProcess {
  onTestFinished(() => server.stop());
  return server;
}

const portOf = (url: string | undefined) => new URL(url ?? '').port;

describe.skipIf(!hasPackages('bind9-dnsutils', 'knot-dnsutils', 'openssl'))('ds dns serve is asked by', () => {
  async function ours(tls: boolean) {
    const { cert, key } = makeCertificate();
    const certificate = tls ? { tlsCert: cert, tlsKey: key, tls: '127.0.0.1:0' } : {};
    const options = { ...certificate, doh: true, https: '127.0.0.1:0' };
    return startTestDaemon({ options, prepare: (store) => importText(store, zone()) });
  }

  test.each([
    ['dig', dig, []],
    ['dig', dig, ['+tcp']],
    ['dig', dig, ['+bufsize=512', '+dnssec']],
    ['dig', dig, ['+noedns']],
    ['dig', dig, ['+tls']],
    ['dig', dig, ['+https']],
    ['dig', dig, ['+https-get']],
    ['kdig', kdig, []],
    ['kdig', kdig, ['+tcp', '+keepopen']],
    ['kdig', kdig, ['+tls', '+padding']],
    ['kdig', kdig, ['+https']],
    ['kdig', kdig, ['+https', '+https-get']],
  ] as const)('%s %o %o', async (_program, ask, words) => {
    const { endpoints } = await ours(true);
    const over = words.some((word) => word.startsWith('+https'))
      ? 'https'
      : words.some((word) => word === '+tls')
        ? 'tls'
        : 'udp';
    const at = ['@127.0.0.1', '-p', portOf(endpoints[over])];
    expect(await ask(...at, ...words, NAME, 'A', '+short')).toBe('192.0.2.77\n');
    // Too long for UDP: whole all the same.
    expect((await ask(...at, ...words, 'long.shop.test', 'TXT', '+short')).length).toBeGreaterThan(1_800);
    expect(await ask(...at, ...words, 'nosuch.shop.test')).toMatch(/status: NXDOMAIN/);
  });

  test('dig over HTTP without TLS', async () => {
    const { endpoints } = await ours(false);
    // It speaks HTTP/2 with prior knowledge, which a port without TLS does not: the error is clear, and the port lives on.
    const at = ['@127.0.0.1', '-p', portOf(endpoints['https']), NAME, '+tries=1', '+timeout=2'];
    await expect(dig(...at, '+http-plain')).rejects.toThrow();
    const url = `${endpoints['https']}?dns=AAABAAABAAAAAAAABWFza2VkBHNob3AEdGVzdAAAAQAB`;
    expect((await fetch(url)).status).toBe(200);
  });
});

const asked = ['dns', 'query', NAME, 'A', '--short', '--quiet', '--server'];

describe.skipIf(!hasPackages('bind9', 'knot', 'unbound'))('ds dns query and the forwarder ask', () => {
  const data = [`${NAME}. 60 IN A 192.0.2.77`];
  const servers: readonly (readonly [string, () => Promise<NameServerProcess>])[] = [
    ['BIND', () => startNamed({ zones: { 'shop.test': zone() }, zoneOptions: 'check-names ignore;' })],
    ['Knot', () => startKnot({ zones: { 'shop.test': zone() } })],
    ['unbound', () => startUnbound({ data })],
  ];

  test.each(servers)('%s', async (_name, start) => {
    const { port } = stopLater(await start());
    for (const transport of ['udp', 'tcp']) {
      expect(await runDs([...asked, `${transport}://127.0.0.1:${port}`])).toMatchObject({
        code: 0,
        stdout: '192.0.2.77\n',
      });
    }
    const daemon = await startTestDaemon({ options: { forward: [`127.0.0.1:${port}`] } });
    for (let i = 0; i < 2; i++) {
      expect(await runDs([...asked, daemon.url])).toMatchObject({ code: 0, stdout: '192.0.2.77\n' });
    }
    const { values = [] } = (await daemon.metrics.getSingleMetric('ds_dns_upstream_queries_total')?.get()) ?? {};
    expect(values.find(({ labels }) => labels['outcome'] === 'answered')?.value).toBe(1);
  });

  test('unbound resolves through our zones, and our daemon through unbound', async () => {
    const primary = await startTestDaemon({ prepare: (store) => importText(store, zone()) });
    const { port } = stopLater(await startUnbound({ forwardTo: primary.port }));
    expect(await runDs([...asked, `127.0.0.1:${port}`])).toMatchObject({ code: 0, stdout: '192.0.2.77\n' });
    const front = await startTestDaemon({ options: { forward: [`127.0.0.1:${port}`] } });
    expect(await runDs([...asked, front.url])).toMatchObject({ code: 0, stdout: '192.0.2.77\n' });
    const nosuch = await runDs(['dns', 'query', 'nosuch.shop.test', '--server', front.url, '--fail-on', 'nxdomain']);
    expect(nosuch).toMatchObject({ code: 1 });
  });
});
