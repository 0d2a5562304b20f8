/**
 * Debian's name servers, each on free ports of 127.0.0.1, with a folder of its own:
 * `describe.skipIf(!hasPackages('bind9'))`. Stop what was started, in afterAll.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { CertificateFiles } from './certificates.js';
import { makeTemporaryFolder } from './temporary-folder.js';
import { waitFor } from './wait-for.js';

export interface NameServerProcess {
  readonly port: number;
  /** Configuration, zones and whatever it writes. */
  readonly folder: string;
  /** What it has said so far. */
  log(): string;
  /** SIGHUP, for instance: read configuration and zones again. */
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;
}

export interface NamedOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Master files by origin: `{'shop.test': '$TTL 300\n@ SOA …'}`. */
  readonly zones?: Readonly<Record<string, string>>;
  /** Statements within `options`: `recursion yes;`. */
  readonly options?: string;
  /** Statements within each zone: `allow-transfer { any; };`. */
  readonly zoneOptions?: string;
  /** Statements beside `options` and zones. */
  readonly extra?: string;
  /** Listens for TLS and HTTPS, too, with this certificate. */
  readonly tls?: CertificateFiles;
}

export interface Named extends NameServerProcess {
  readonly tlsPort: number;
  readonly httpsPort: number;
  /** HTTP/2 without TLS. */
  readonly httpPort: number;
}

/** BIND's name server. Authoritative only, without limits on transfers, unless `options` says otherwise. */
export async function startNamed({ zones = {}, tls, ...more }: NamedOptions = {}): Promise<Named> {
  const folder = makeTemporaryFolder();
  const [free = 0, tlsPort = 0, httpsPort = 0, httpPort = 0] = await freePorts(4);
  const port = more.port ?? free;
  for (const [origin, text] of Object.entries(zones)) writeFileSync(join(folder.path, `${origin}.zone`), text);
  const hidden = `
    listen-on port ${tlsPort} tls own { 127.0.0.1; };
    listen-on port ${httpsPort} tls own http default { 127.0.0.1; };
    listen-on port ${httpPort} tls none http default { 127.0.0.1; };`;
  const configuration = `
    options {
      directory "${folder.path}"; pid-file "${folder.path}/named.pid"; session-keyfile "${folder.path}/session.key";
      listen-on port ${port} { 127.0.0.1; };${tls === undefined ? '' : hidden} listen-on-v6 { none; };
      dnssec-validation no; allow-transfer { any; }; notify no;
      ${/\brecursion\b/.test(more.options ?? '') ? '' : 'recursion no;'} ${more.options ?? ''}
    };
    controls { };
    ${tls === undefined ? '' : `tls own { cert-file "${tls.cert}"; key-file "${tls.key}"; };`}
    ${Object.keys(zones)
      .map((origin) => `zone "${origin}" { type primary; file "${origin}.zone"; ${more.zoneOptions ?? ''} };`)
      .join('\n')}
    ${more.extra ?? ''}`;
  writeFileSync(join(folder.path, 'named.conf'), configuration);
  const args = ['-g', '-n', '1', '-c', join(folder.path, 'named.conf')];
  const child = await launchServer('named', args, { port, folder, ready: (log) => /\brunning\b\s*$/m.test(log) });
  const wrong = child
    .log()
    .split('\n')
    .filter((line) => /not loaded due to errors|\.zone:\d+: (?!warning:)/.test(line));
  if (wrong.length > 0) {
    await child.stop();
    throw new Error(`named does not take a zone: ${wrong.join('\n')}`);
  }
  return { ...child, tlsPort, httpsPort, httpPort };
}

export interface NsdOptions {
  /** Any of 127.0.0.0/8, which BIND does not listen on unless the interface has it. */
  readonly address: string;
  readonly port: number;
  /** Master files by origin. */
  readonly zones?: Readonly<Record<string, string>>;
  /** Lines within each zone: `notify: 127.0.0.1@5300 NOKEY`. */
  readonly zoneOptions?: readonly string[];
  /** Zones that it fetches from a server of 127.0.0.1 with this port, which may notify it. */
  readonly follows?: { readonly port: number; readonly zones: readonly string[] };
}

/** NSD, authoritative only; what it has no zone for it refuses. */
export async function startNsd(options: NsdOptions): Promise<NameServerProcess> {
  const { address, port, zones = {}, zoneOptions = [], follows } = options;
  const folder = makeTemporaryFolder();
  const at = (name: string) => `"${join(folder.path, name)}"`;
  const zone = (origin: string, file: string, lines: readonly string[]) =>
    [`zone:`, `name: "${origin}"`, `zonefile: ${at(file)}`, 'provide-xfr: 127.0.0.0/8 NOKEY', ...lines].join('\n ');
  const files = Object.entries(zones).map(([origin, text], index) => {
    writeFileSync(join(folder.path, `${index}.zone`), text);
    return zone(origin, `${index}.zone`, zoneOptions);
  });
  for (const origin of follows?.zones ?? []) {
    const lines = [`request-xfr: 127.0.0.1@${follows?.port} NOKEY`, 'allow-notify: 127.0.0.1 NOKEY'];
    files.push(zone(origin, `copy-${origin}.zone`, lines));
  }
  const configuration = `
server:
 ip-address: ${address}@${port}
 server-count: 1
 username: ""
 chroot: ""
 database: ""
 logfile: ""
 verbosity: 1
 zonesdir: "${folder.path}"
 zonelistfile: ${at('zone.list')}
 xfrdfile: ${at('xfrd.state')}
 xfrdir: "${folder.path}"
 pidfile: ${at('nsd.pid')}
 rrl-ratelimit: 0
remote-control:
 control-enable: no
${files.join('\n')}
`;
  writeFileSync(join(folder.path, 'nsd.conf'), configuration);
  const args = ['-d', '-c', join(folder.path, 'nsd.conf')];
  return launchServer('nsd', args, { port, folder, ready: (log) => /nsd started/.test(log) });
}

export interface KnotOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Master files by origin; changed by dynamic update, too, by whoever asks from this machine. */
  readonly zones?: Readonly<Record<string, string>>;
  /** Ports of 127.0.0.1 that are told of changes (NOTIFY). */
  readonly notifies?: readonly number[];
  /** Zones that it fetches from a server of 127.0.0.1 with this port, which may notify it. */
  readonly follows?: { readonly port: number; readonly zones: readonly string[] };
}

/** Knot DNS, authoritative only. SIGHUP has it read its master files again. */
export async function startKnot(options: KnotOptions = {}): Promise<NameServerProcess> {
  const { zones = {}, notifies = [], follows } = options;
  const folder = makeTemporaryFolder();
  const port = options.port ?? (await freePorts(1))[0] ?? 0;
  for (const [origin, text] of Object.entries(zones)) writeFileSync(join(folder.path, `${origin}.zone`), text);
  const remote = (id: string, to: number) => ` - id: ${id}\n   address: 127.0.0.1@${to}`;
  const remotes = [
    ...notifies.map((to, index) => remote(`secondary${index}`, to)),
    ...(follows === undefined ? [] : [remote('primary', follows.port)]),
  ];
  const told = notifies.length === 0 ? '' : `\n   notify: [${notifies.map((_, index) => `secondary${index}`)}]`;
  const zone = (origin: string, more: string) =>
    ` - domain: ${origin}\n   file: "${origin}.zone"\n   acl: local${more}`;
  const configuration = `
server:
  rundir: "${folder.path}"
  listen: 127.0.0.1@${port}
  background-workers: 1
  udp-workers: 1
  tcp-workers: 1
log:
  - target: stderr
    any: info
database:
  storage: "${folder.path}"
control:
  listen: "${folder.path}/knot.sock"
acl:
  - id: local
    address: 127.0.0.0/8
    action: [transfer, notify, update]
${remotes.length === 0 ? '' : `remote:\n${remotes.join('\n')}`}
template:
  - id: default
    storage: "${folder.path}"
    zonefile-load: difference
    journal-content: changes
zone:
${[
  ...Object.keys(zones).map((origin) => zone(origin, told)),
  ...(follows?.zones ?? []).map((origin) => zone(origin, '\n   master: primary')),
].join('\n')}
`;
  writeFileSync(join(folder.path, 'knot.conf'), configuration);
  const args = ['-c', join(folder.path, 'knot.conf')];
  return launchServer('knotd', args, { port, folder, ready: (log) => /server started/.test(log) });
}

export interface UnboundOptions {
  /** What it answers from data of its own: `www.shop.test. 60 IN A 192.0.2.1`. */
  readonly data?: readonly string[];
  /** Lines of the section `server`. */
  readonly options?: readonly string[];
  /** A name server of 127.0.0.1 with this port, which is asked for everything else. */
  readonly forwardTo?: number;
}

/** unbound, a resolver that believes and validates nothing: it gives its data, and what it is forwarded. */
export async function startUnbound({
  data = [],
  options = [],
  forwardTo,
}: UnboundOptions = {}): Promise<NameServerProcess> {
  const folder = makeTemporaryFolder();
  const [port = 0] = await freePorts(1);
  const configuration = `
server:
 interface: 127.0.0.1@${port}
 port: ${port}
 num-threads: 1
 do-daemonize: no
 do-not-query-localhost: no
 username: ""
 chroot: ""
 directory: "${folder.path}"
 pidfile: ""
 use-syslog: no
 logfile: ""
 do-ip6: no
 module-config: "iterator"
 local-zone: "test." nodefault
${[...options, ...data.map((line) => `local-data: '${line}'`)].map((line) => ` ${line}`).join('\n')}
remote-control:
 control-enable: no
${forwardTo === undefined ? '' : `forward-zone:\n name: "."\n forward-addr: 127.0.0.1@${forwardTo}\n`}`;
  writeFileSync(join(folder.path, 'unbound.conf'), configuration);
  const args = ['-d', '-c', join(folder.path, 'unbound.conf')];
  return launchServer('unbound', args, { port, folder, ready: (log) => /start of service/.test(log) });
}

interface LaunchOptions {
  readonly port: number;
  readonly folder: { readonly path: string; remove(): void };
  /** Whether it serves by now, by what it has said. */
  readonly ready: (log: string) => boolean | Promise<boolean>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a program and waits until it serves; one that ends instead is an error, with what it said. */
async function launchServer(
  program: string,
  args: readonly string[],
  { port, folder, ready, env = {} }: LaunchOptions,
): Promise<NameServerProcess> {
  const child = spawn(program, args, {
    cwd: folder.path,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const stop = async () => {
    await kill(child);
    folder.remove();
  };
  try {
    await waitFor(() => hasEnded() || ready(log), { timeoutMs: 15_000, what: `${program} on port ${port}` });
    if (hasEnded()) throw new Error(`${program} ended with ${child.exitCode}: ${log}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, folder: folder.path, log: () => log, signal: (name) => void child.kill(name), stop };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

/** Ports of 127.0.0.1 that were free a moment ago, over UDP and TCP. */
export async function freePorts(count: number): Promise<number[]> {
  const held: (() => Promise<unknown>)[] = [];
  const ports: number[] = [];
  while (ports.length < count) {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    held.push(() => new Promise<void>((resolve) => socket.close(resolve)));
    const { port } = socket.address();
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (isFree) {
      ports.push(port);
      held.push(() => new Promise((resolve) => server.close(resolve)));
    }
  }
  await Promise.all(held.map((release) => release()));
  return ports;
}
