/** dnsmasq and unbound of Debian, serving the same names, and dnsperf as the load. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface NameServer {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface Host {
  readonly name: string;
  readonly address: string;
}

export const ZONE = 'zone.test';

/** host0.zone.test, host1.zone.test …, each with an address of its own. */
export function makeHosts(count: number): Host[] {
  return Array.from({ length: count }, (_, index) => {
    return { name: `host${index}.${ZONE}`, address: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}` };
  });
}

export function masterFile(hosts: readonly Host[]): string {
  const head = `$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 10.255.0.1\n`;
  const lines = hosts.map(({ name, address }) => `${name.slice(0, -ZONE.length - 1)} A ${address}\n`);
  return `$ORIGIN ${ZONE}.\n${head}${lines.join('')}`;
}

export function startDnsmasq(hosts: readonly Host[]): Promise<NameServer> {
  return start('dnsmasq', (folder, port) => {
    const lines = ['no-resolv', 'no-hosts', `port=${port}`, 'listen-address=127.0.0.1', 'bind-interfaces', 'pid-file='];
    const records = hosts.map(({ name, address }) => `host-record=${name},${address}`);
    const file = join(folder, 'dnsmasq.conf');
    writeFileSync(file, [...lines, `local=/${ZONE}/`, 'local-ttl=300', 'user=', ...records, ''].join('\n'));
    return ['--keep-in-foreground', '-C', file];
  });
}

/** dnsmasq as a cache in front of another server. */
export function startDnsmasqForwarder(upstream: number): Promise<NameServer> {
  return start('dnsmasq', (folder, port) => {
    const lines = ['no-resolv', 'no-hosts', `port=${port}`, 'listen-address=127.0.0.1', 'bind-interfaces', 'pid-file='];
    const file = join(folder, 'dnsmasq.conf');
    writeFileSync(file, [...lines, 'user=', `server=127.0.0.1#${upstream}`, 'cache-size=10000', ''].join('\n'));
    return ['--keep-in-foreground', '-C', file];
  });
}

export function startUnbound(hosts: readonly Host[]): Promise<NameServer> {
  const records = hosts.map(({ name, address }) => `  local-data: "${name}. 300 IN A ${address}"`);
  return unbound([`  local-zone: "${ZONE}." static`, ...records], []);
}

/** unbound as a cache in front of another server. */
export function startUnboundForwarder(upstream: number): Promise<NameServer> {
  const server = [`  do-not-query-localhost: no`, `  local-zone: "test." nodefault`];
  return unbound(server, ['forward-zone:', '  name: "."', `  forward-addr: 127.0.0.1@${upstream}`]);
}

function unbound(server: readonly string[], rest: readonly string[]): Promise<NameServer> {
  return start('unbound', (folder, port) => {
    const head = [
      'server:',
      `  interface: 127.0.0.1@${port}`,
      `  port: ${port}`,
      '  access-control: 127.0.0.0/8 allow',
      '  num-threads: 1',
      '  so-rcvbuf: 4m',
      '  do-daemonize: no',
      '  username: ""',
      '  chroot: ""',
      `  directory: "${folder}"`,
      '  pidfile: ""',
      '  use-syslog: no',
      '  verbosity: 0',
      '  do-ip6: no',
      '  module-config: "iterator"',
    ];
    const file = join(folder, 'unbound.conf');
    writeFileSync(file, [...head, ...server, 'remote-control:', '  control-enable: no', ...rest, ''].join('\n'));
    return ['-c', file];
  });
}

async function start(program: string, configure: (folder: string, port: number) => string[]): Promise<NameServer> {
  const folder = mkdtempSync(join(tmpdir(), 'ds-bench-'));
  const port = await freePort();
  const child = spawn(program, configure(folder, port), { stdio: ['ignore', 'ignore', 'ignore'] });
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
  }
  return { port, pid: child.pid ?? 0, stop: () => stop(child, folder) };
}

function stop(child: ChildProcess, folder: string): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => {
      rmSync(folder, { recursive: true, force: true });
      resolve();
    });
    child.kill('SIGTERM');
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

/** Whether something answers a query for the root's SOA, whatever it says. */
function answers(port: number): Promise<boolean> {
  const query = Buffer.from('0001000000010000000000000000060001', 'hex');
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const done = (answered: boolean) => {
      clearTimeout(timer);
      socket.close(() => resolve(answered));
    };
    const timer = setTimeout(() => done(false), 100);
    socket.on('message', () => done(true));
    socket.on('error', () => {});
    socket.send(query, port, '127.0.0.1');
  });
}

export interface Load {
  /** Answers a second. */
  readonly rate: number;
  readonly lost: number;
}

export interface LoadOptions {
  readonly port: number;
  /** File with a name and a type on each line. */
  readonly queries: string;
  readonly seconds: number;
  readonly clients: number;
  readonly threads: number;
  readonly outstanding: number;
}

/** dnsperf. Throws when an answer is not NOERROR. */
export function runDnsperf({ port, queries, seconds, clients, threads, outstanding }: LoadOptions): Load {
  const size = ['-l', `${seconds}`, '-c', `${clients}`, '-T', `${threads}`, '-q', `${outstanding}`, '-t', '1'];
  const { stdout, stderr } = spawnSync('dnsperf', ['-s', '127.0.0.1', '-p', `${port}`, '-d', queries, ...size], {
    encoding: 'utf8',
  });
  const number = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1] ?? Number.NaN);
  const rate = number(/Queries per second:\s+([\d.]+)/);
  const codes = /Response codes:\s+(.*)/.exec(stdout)?.[1] ?? '';
  if (Number.isNaN(rate) || !codes.startsWith('NOERROR') || codes.includes(',')) {
    throw new Error(`dnsperf said: ${codes} ${stdout}${stderr}`);
  }
  return { rate, lost: number(/Queries lost:\s+(\d+)/) };
}
