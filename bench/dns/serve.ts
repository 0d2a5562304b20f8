/**
 * `ds dns serve` beside dnsmasq and unbound (one thread) of Debian, by dnsperf: names of a zone of its own, and forwarded
 * names from the cache. Client and server have one core each. A run in which a query was lost is told.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatRate, formatRatio, type Spread, spreadOf, wantsJson } from '../support/compare.js';
import {
  type Host,
  makeHosts,
  masterFile,
  type NameServer,
  runDnsperf,
  startDnsmasq,
  startDnsmasqForwarder,
  startUnbound,
  startUnboundForwarder,
  ZONE,
} from '../support/name-servers.js';
import { startDs, versionOf } from '../support/processes.js';

const ROUNDS = 8;
const SECONDS = 2;
const HOSTS = 1_000;
const QUERIES = 20_000;

interface Subject {
  readonly name: string;
  readonly port: number;
}

interface Result {
  readonly rates: Readonly<Record<string, Spread>>;
  readonly toDnsmasq: Spread;
  readonly toUnbound: Spread;
  readonly lost: Readonly<Record<string, number>>;
}

const folder = mkdtempSync(join(tmpdir(), 'ds-bench-'));

/** Every name, in an order of no pattern that is the same in each run. */
function writeQueries(hosts: readonly Host[]): string {
  const file = join(folder, 'queries');
  let state = 1;
  const lines = Array.from({ length: QUERIES }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return `${hosts[state % hosts.length]?.name} A\n`;
  });
  writeFileSync(file, lines.join(''));
  return file;
}

async function measure(queries: string, subjects: readonly [Subject, Subject, Subject]): Promise<Result> {
  const lost: Record<string, number> = {};
  const rates: Record<string, number[]> = {};
  for (let round = -1; round < ROUNDS; round++) {
    for (const { name, port } of subjects) {
      const load = runDnsperf({ port, queries, seconds: SECONDS, clients: 4, threads: 1, outstanding: 100 });
      if (round < 0) continue;
      rates[name] = [...(rates[name] ?? []), load.rate];
      lost[name] = (lost[name] ?? 0) + load.lost;
    }
  }
  const [ds, dnsmasq, unbound] = subjects.map(({ name }) => rates[name] ?? []);
  const ratio = (peer: readonly number[] = []) => spreadOf((ds ?? []).map((rate, i) => rate / (peer[i] ?? Number.NaN)));
  return {
    rates: Object.fromEntries(Object.entries(rates).map(([name, values]) => [name, spreadOf(values)])),
    toDnsmasq: ratio(dnsmasq),
    toUnbound: ratio(unbound),
    lost,
  };
}

function show(title: string, { rates, toDnsmasq, toUnbound, lost }: Result): void {
  process.stdout.write(`  ${title}\n`);
  for (const [name, spread] of Object.entries(rates)) {
    process.stdout.write(`    ${name.padEnd(8)} ${formatRate(spread, 'answers/s')}, ${lost[name]} lost\n`);
  }
  process.stdout.write(`    ds / dnsmasq  ${formatRatio(toDnsmasq)}\n    ds / unbound  ${formatRatio(toUnbound)}\n`);
}

const running: { stop(): Promise<void> }[] = [];
async function keep<T extends Pick<NameServer, 'port' | 'stop'>>(starting: Promise<T>): Promise<T> {
  const server = await starting;
  running.push(server);
  return server;
}

try {
  const hosts = makeHosts(HOSTS);
  const queries = writeQueries(hosts);
  const zoneFile = join(folder, `${ZONE}.zone`);
  writeFileSync(zoneFile, masterFile(hosts));
  const serve = ['--listen', '127.0.0.1:0', '--admin', 'off'];
  const ds = await keep(startDs('dns', 'udp', [...serve, '--zone-file', zoneFile]));
  const dnsmasq = await keep(startDnsmasq(hosts));
  const unbound = await keep(startUnbound(hosts));
  const zone = await measure(queries, [
    { name: 'ds', port: ds.port },
    { name: 'dnsmasq', port: dnsmasq.port },
    { name: 'unbound', port: unbound.port },
  ]);
  const cached = await measure(queries, [
    {
      name: 'ds',
      port: (await keep(startDs('dns', 'udp', [...serve, '--forward', `127.0.0.1:${unbound.port}`]))).port,
    },
    { name: 'dnsmasq', port: (await keep(startDnsmasqForwarder(unbound.port))).port },
    { name: 'unbound', port: (await keep(startUnboundForwarder(unbound.port))).port },
  ]);
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'dns serve', zone, cached })}\n`);
  else {
    const versions = [versionOf('dnsmasq', '--version'), versionOf('unbound', '-V')];
    process.stdout.write(`\ndns serve beside ${versions.join(' and ')}, by dnsperf\n`);
    show(`zone of ${HOSTS} names`, zone);
    show('forwarded, from the cache', cached);
  }
} finally {
  await Promise.all(running.map((server) => server.stop()));
  rmSync(folder, { recursive: true });
}
