/**
 * Zones between us and the name servers of the field, both ways: whole (AXFR), as differences (IXFR), at once (NOTIFY). What
 * either has in the end is compared as dig is given it by zone transfer.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseServer } from '../../src/blocks/dns/client/server-address.js';
import { followZone } from '../../src/blocks/dns/server/transfer/follow.js';
import type { Edit } from '../../src/blocks/dns/store/zone-store.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import { startTestDaemon, type TestDaemon } from '../blocks/dns/server/transfer/daemons.js';
import { importText, origin, record } from '../blocks/dns/store/test-zones.js';
import { makeCertificate } from '../helpers/certificates.js';
import { dig, digZone, kdig } from '../helpers/dig.js';
import { freePorts, type NameServerProcess, startKnot, startNamed, startNsd } from '../helpers/name-servers.js';
import { hasPackages } from '../helpers/programs.js';
import { runDs } from '../helpers/run-ds.js';
import { waitFor } from '../helpers/wait-for.js';

const ZONE = 'shop.test';
const WAIT = { timeoutMs: 20_000, intervalMs: 50 };
const hasServers = hasPackages('bind9', 'bind9-dnsutils', 'bind9-utils', 'knot', 'nsd');

/** Several messages of it, of many types; names in lower case, since NSD knows no other. */
function zoneFile(serial: number, ...more: readonly string[]): string {
  const hosts = Array.from({ length: 2_000 }, (_, i) => `host${i} A 10.${i >> 8}.${i & 255}.1`);
  return [
    `$ORIGIN ${ZONE}.`,
    '$TTL 300',
    `@ SOA ns1 hostmaster ${serial} 3600 900 86400 60`,
    '@ NS ns1',
    '@ NS ns2',
    '@ MX 10 mail',
    '@ TXT "v=spf1 -all" "semi;colon \\"quoted\\" back\\\\slash \\200\\000"',
    '@ CAA 0 issue "ca.test"',
    'ns1 A 192.0.2.1',
    'ns1 AAAA 2001:db8::1',
    'ns2 A 192.0.2.2',
    'mail A 192.0.2.3',
    'www 60 CNAME mail',
    '*.wild A 192.0.2.4',
    'deep.er.down A 192.0.2.5',
    '_sip._udp SRV 1 2 5060 mail',
    'svc HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.6',
    'naptr NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:a@shop.test!" .',
    'tlsa TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    'unknown TYPE65280 \\# 4 0a000001',
    'empty TYPE65281 \\# 0',
    'd\\.ot.label A 192.0.2.7',
    'alias DNAME elsewhere.test.',
    'sub NS ns.sub',
    'ns.sub A 192.0.2.8',
    ...hosts,
    ...more,
    '',
  ].join('\n');
}

/** Port of a secondary's copy → what it has, once it is what ours has. */
async function sameAs(daemon: TestDaemon, secondary: NameServerProcess, address = '127.0.0.1'): Promise<void> {
  const wanted = await digZone(daemon.port, ZONE);
  let got: string[] = [];
  await waitFor(async () => {
    got = await digZone(secondary.port, ZONE, address);
    return got.join('\n') === wanted.join('\n');
  }, WAIT).catch(() => {});
  expect(got).toEqual(wanted);
  expect(got.length).toBeGreaterThan(2_000);
}

/** How often our daemon has sent its zone, by form, as it logs. */
const sent = ({ log }: TestDaemon, form: string) =>
  log.filter((line) => line.includes('"zone transferred"') && line.includes(`"form":"${form}"`)).length;

const stopLater = <S extends NameServerProcess>(server: S): S => {
  onTestFinished(() => server.stop());
  return server;
};

describe.skipIf(!hasServers)('we are primary', () => {
  const followers: [string, (own: number, port: number) => Promise<NameServerProcess>][] = [
    [
      'BIND',
      (own, port) =>
        startNamed({
          port: own,
          extra: `zone "${ZONE}" { type secondary; primaries { 127.0.0.1 port ${port}; }; file "copy.db"; };`,
        }),
    ],
    ['Knot', (own, port) => startKnot({ port: own, follows: { port, zones: [ZONE] } })],
    ['NSD', (own, port) => startNsd({ address: '127.0.0.1', port: own, follows: { port, zones: [ZONE] } })],
  ];

  test.each(followers)('%s takes the zone, then each change of it as it is told', async (_, start) => {
    const [own = 0] = await freePorts(1);
    const daemon = await startTestDaemon({
      options: { allowTransfer: ['127.0.0.1'], notify: [`127.0.0.1:${own}`] },
      prepare: (store) => importText(store, zoneFile(7)),
    });
    const secondary = stopLater(await start(own, daemon.port));
    await sameAs(daemon, secondary);
    // One of them was dig's.
    expect(sent(daemon, 'whole')).toBe(2);

    const { zones } = daemon.store;
    const changes: Edit[][] = [
      [{ op: 'add', record: record('new 60 TXT "a new name"') }],
      [
        { op: 'remove', record: record('host7 300 A 10.0.7.1') },
        { op: 'add', record: record('host8 300 A 10.99.99.99') },
        // Another TTL is one removed and one added.
        {
          op: 'set',
          name: record('www 0 A 192.0.2.1').name,
          type: 5,
          ttl: 120,
          rdatas: [record('www 0 CNAME ns1').rdata],
        },
      ],
    ];
    for (const edits of changes) {
      zones.edit(origin, edits);
      await sameAs(daemon, secondary);
    }
    zones.rollback(origin, 8);
    await sameAs(daemon, secondary);
    importText(daemon.store, zoneFile(20, 'imported A 192.0.2.77'));
    await sameAs(daemon, secondary);
    expect(sent(daemon, 'whole'), 'to the secondary only the first, to dig five').toBe(1 + 5);
    expect(sent(daemon, 'incremental')).toBeGreaterThanOrEqual(4);
  });
});

/** Changes a zone of a server by dynamic update. */
async function nsupdate(port: number, ...lines: readonly string[]): Promise<void> {
  const child = spawn('nsupdate', ['-v'], { stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stdin.end(
    [`server 127.0.0.1 ${port}`, `zone ${ZONE}`, ...lines.map((line) => `update ${line}`), 'send', ''].join('\n'),
  );
  const [code] = await once(child, 'close');
  expect([code, said]).toEqual([0, '']);
}

describe.skipIf(!hasServers)('we are secondary', () => {
  async function secondaryOf(start: (ourPort: number) => Promise<NameServerProcess>) {
    const [port = 0] = await freePorts(1);
    const primary = stopLater(await start(port));
    const daemon = await startTestDaemon({
      options: { listen: `127.0.0.1:${port}`, allowTransfer: ['127.0.0.1'] },
      prepare: (store) =>
        followZone(store, origin, [parseServer(`127.0.0.1:${primary.port}`)], {
          clock: systemClock,
          random: systemRandom,
          timeoutMs: 5_000,
        }),
    });
    return { primary, daemon };
  }

  const received = async (daemon: TestDaemon, form: string) => {
    const { values = [] } = (await daemon.metrics.getSingleMetric('ds_dns_zone_checks_total')?.get()) ?? {};
    return values.find(({ labels }) => labels['form'] === form)?.value ?? 0;
  };

  const bindWith = (options: string) => (ourPort: number) =>
    startNamed({
      zones: { [ZONE]: zoneFile(7) },
      zoneOptions: `notify explicit; also-notify { 127.0.0.1 port ${ourPort}; }; notify-delay 0; check-names ignore;
        ixfr-from-differences yes; ${options}`,
    });
  const bind = bindWith('allow-update { any; };');
  const knot = (ourPort: number) => startKnot({ zones: { [ZONE]: zoneFile(7) }, notifies: [ourPort] });

  test.each([
    ['BIND', bind],
    ['Knot', knot],
  ])('of %s: the zone, then its dynamic updates as differences', async (_, start) => {
    const { primary, daemon } = await secondaryOf(start);
    await sameAs(daemon, primary);
    await nsupdate(primary.port, `add new.${ZONE} 60 TXT "a new name"`);
    await waitFor(() => daemon.store.zones.get(origin)?.serial === 8, WAIT);
    await sameAs(daemon, primary);
    await nsupdate(
      primary.port,
      `delete host7.${ZONE} A`,
      `delete www.${ZONE} CNAME`,
      `add www.${ZONE} 120 CNAME ns1.${ZONE}`,
      `add host8.${ZONE} 300 A 10.99.99.99`,
    );
    await waitFor(() => (daemon.store.zones.get(origin)?.serial ?? 0) >= 9, WAIT);
    await sameAs(daemon, primary);
    expect(await received(daemon, 'incremental')).toBeGreaterThanOrEqual(2);
    expect(await received(daemon, 'whole')).toBe(0);
    expect(daemon.store.zones.history(origin)[0]).toMatchObject({ kind: 'transfer' });
    expect(daemon.log.filter((line) => line.includes('"level":40') || line.includes('"level":50'))).toEqual([]);
  });

  test.each([
    ['BIND', bindWith('')],
    ['Knot', knot],
  ])('of %s: a master file that was edited and read again', async (_, start) => {
    const { primary, daemon } = await secondaryOf(start);
    const path = join(primary.folder, `${ZONE}.zone`);
    writeFileSync(
      path,
      `${readFileSync(path, 'utf8').replace('hostmaster 7 ', 'hostmaster 11 ')}edited A 192.0.2.99\n`,
    );
    primary.signal('SIGHUP');
    await waitFor(() => daemon.store.zones.get(origin)?.serial === 11, WAIT);
    await sameAs(daemon, primary);
    expect(await received(daemon, 'incremental')).toBe(1);
  });

  test('of NSD, which sends the whole zone: it tells of a change, and only what differs is written', async () => {
    const { primary, daemon } = await secondaryOf(async (ourPort) => {
      const [port = 0] = await freePorts(1);
      const zoneOptions = [`notify: 127.0.0.1@${ourPort} NOKEY`];
      return startNsd({ address: '127.0.0.1', port, zones: { [ZONE]: zoneFile(7) }, zoneOptions });
    });
    await sameAs(daemon, primary);
    writeFileSync(join(primary.folder, '0.zone'), zoneFile(8, 'edited A 192.0.2.99'));
    primary.signal('SIGHUP');
    await waitFor(() => daemon.store.zones.get(origin)?.serial === 8, WAIT);
    await sameAs(daemon, primary);
    expect(await received(daemon, 'whole')).toBe(1);
    expect(daemon.store.zones.history(origin)[0]).toMatchObject({ kind: 'transfer', removed: 0, added: 1 });
  });

  test('a chain: BIND, we, Knot', async () => {
    const [port = 0] = await freePorts(1);
    const end = stopLater(await startKnot({ follows: { port, zones: [ZONE] } }));
    const begin = stopLater(await bind(port));
    const daemon = await startTestDaemon({
      options: { listen: `127.0.0.1:${port}`, allowTransfer: ['127.0.0.1'], notify: [`127.0.0.1:${end.port}`] },
      prepare: (store) =>
        followZone(store, origin, [parseServer(`127.0.0.1:${begin.port}`)], {
          clock: systemClock,
          random: systemRandom,
          timeoutMs: 5_000,
        }),
    });
    await sameAs(daemon, end);
    await nsupdate(begin.port, `add new.${ZONE} 60 TXT "all the way"`);
    await waitFor(() => daemon.store.zones.get(origin)?.serial === 8, WAIT);
    await sameAs(daemon, begin);
    await sameAs(daemon, end);
  });
});

describe.skipIf(!hasPackages('bind9-dnsutils', 'knot-dnsutils', 'openssl'))('dig and kdig', () => {
  async function ours() {
    const { cert, key } = makeCertificate();
    const daemon = await startTestDaemon({
      options: { allowTransfer: ['127.0.0.1'], tlsCert: cert, tlsKey: key, tls: '127.0.0.1:0' },
      prepare: (store) => importText(store, zoneFile(7)),
    });
    daemon.store.zones.edit(origin, [{ op: 'add', record: record('new 60 A 192.0.2.9') }]);
    const tlsPort = new URL(daemon.endpoints['tls'] ?? '').port;
    return { daemon, port: String(daemon.port), tlsPort };
  }
  const recordsOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith(';'));

  test('whole zones, over TCP and TLS', async () => {
    const { daemon, port, tlsPort } = await ours();
    const records = daemon.store.zones.get(origin)?.records ?? 0;
    const byDig = await dig('@127.0.0.1', '-p', port, ZONE, 'AXFR');
    expect(recordsOf(byDig)).toHaveLength(records + 1);
    expect(byDig).toMatch(new RegExp(`XFR size: ${records + 1} records \\(messages [2-9],`));
    const byKdig = await kdig('@127.0.0.1', '-p', port, ZONE, 'AXFR');
    expect(recordsOf(byKdig)).toHaveLength(records + 1);
    const overTls = await kdig('@127.0.0.1', '-p', tlsPort, '+tls', ZONE, 'AXFR');
    expect(recordsOf(overTls)).toEqual(recordsOf(byKdig));
  });

  test('differences over TCP and UDP; the SOA alone where nothing is newer; refusals', async () => {
    const { port } = await ours();
    const soas = (text: string) => recordsOf(text).flatMap((line) => /\sSOA\s+\S+\s+\S+\s+(\d+)/.exec(line)?.[1] ?? []);
    for (const ask of [dig, kdig]) {
      for (const transport of ['+tcp', '+notcp']) {
        const answer = await ask('@127.0.0.1', '-p', port, ZONE, 'IXFR=7', transport);
        expect(soas(answer)).toEqual(['8', '7', '8', '8']);
        expect(recordsOf(answer)).toHaveLength(5);
        expect(soas(await ask('@127.0.0.1', '-p', port, ZONE, 'IXFR=8', transport))).toEqual(['8']);
      }
    }
    expect(await dig('@127.0.0.1', '-p', port, `other.${ZONE}`, 'AXFR')).toContain('Transfer failed');
  });
});

describe.skipIf(!hasServers)('ds dns axfr', () => {
  test('prints what the name servers of the field have, as they are asked', async () => {
    const [port = 0] = await freePorts(1);
    const servers = [
      stopLater(await startNamed({ zones: { [ZONE]: zoneFile(7) }, zoneOptions: 'check-names ignore;' })),
      stopLater(await startKnot({ zones: { [ZONE]: zoneFile(7) } })),
      stopLater(await startNsd({ address: '127.0.0.1', port, zones: { [ZONE]: zoneFile(7) } })),
    ];
    for (const server of servers) {
      const { code, stdout, stderr } = await runDs(['dns', 'axfr', ZONE, `@127.0.0.1:${server.port}`]);
      expect([code, stderr]).toEqual([0, '']);
      const printed = join(server.folder, 'printed.zone');
      writeFileSync(printed, stdout);
      // named-compilezone reads it as it stands, and makes the same of it as of what dig was given.
      const asDig = join(server.folder, 'dig.zone');
      appendFileSync(asDig, await dig('@127.0.0.1', '-p', String(server.port), ZONE, 'AXFR', '+onesoa'));
      expect(await compiled(printed)).toBe(await compiled(asDig));
    }
  });
});

async function compiled(path: string): Promise<string> {
  const args = ['-q', '-i', 'none', '-k', 'ignore', '-o', '-', ZONE, path];
  return (await promisify(execFile)('named-compilezone', args, { maxBuffer: 64 * 1024 * 1024 })).stdout;
}
