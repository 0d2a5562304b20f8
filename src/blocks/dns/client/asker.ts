/** Carries out lookups as a command line describes them: to which servers, by which names, with what in the query. */
import { readFileSync } from 'node:fs';
import type { Clock, Random } from '../../../platform/clock.js';
import { type DsError, whyUnreadable } from '../../../platform/errors.js';
import { dnsErrors } from '../errors.js';
import { Name } from '../name.js';
import type { Lookup, QuerySettings } from '../query-words.js';
import type { Question } from '../record.js';
import { soaData } from '../soa.js';
import { asciiName } from '../typed-name.js';
import { type Message, Rcode, RRType } from '../wire.js';
import { askServers } from './ask-servers.js';
import { Connections } from './connections.js';
import type { Again, Exchange } from './exchange.js';
import { CLIENT_COOKIE_OCTETS, makeQuery, PADDING_BLOCK } from './make-query.js';
import type { ResolvConf } from './resolv-conf.js';
import { searchedNames } from './search-list.js';
import { type NameServer, parseServer } from './server-address.js';
import { readResolvConf } from './system-servers.js';
import type { TransferMessage } from './transfer.js';
import type { TrustOptions } from './trust.js';

/** As dig's. */
export const DEFAULT_TIMEOUT_MS = 5_000;
export const DEFAULT_RETRIES = 2;

export interface AskerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal;
  /** In place of /etc/resolv.conf. */
  readonly resolvConf?: string;
}

/** A lookup that was answered, with whatever answer. */
export interface LookedUp {
  readonly exchange: Exchange;
  /** Wall clock when the answer had come, milliseconds since the Unix epoch. */
  readonly at: number;
  /** Why the query was sent more than once. */
  readonly again: readonly Again[];
  /** Of servers that did not answer before this one did. */
  readonly failures: readonly DsError[];
}

export class Asker {
  readonly #options: AskerOptions;
  readonly #connections = new Map<string, Connections>();
  readonly #trust = new Map<string, TrustOptions>();
  readonly #resolvConf = new Map<number | undefined, ResolvConf>();

  constructor(options: AskerOptions) {
    this.#options = options;
  }

  /**
   * With the search list, names are tried until one has an answer. Errors: those of askServers(); `dns.bad_name`,
   * `dns.bad_server` and others of kind `usage`.
   */
  async ask(typed: Lookup): Promise<LookedUp> {
    const lookup = overTcpIfLong(typed);
    const [first, ...others] = this.#names(lookup);
    let found = await this.#askFor(first, lookup);
    for (const name of others) {
      if (!isNegative(found.exchange.response)) break;
      const next = await this.#askFor(name, lookup);
      // That a name exists is more than that none does.
      if (next.exchange.response.rcode === Rcode.NOERROR || found.exchange.response.rcode !== Rcode.NOERROR)
        found = next;
    }
    return found;
  }

  /**
   * A zone transfer, message by message. Errors: as above, `dns.transfer_refused`, and those of transferMessages(). The first
   * server is asked.
   */
  async *transfer(lookup: Lookup): AsyncGenerator<TransferMessage & { readonly server: NameServer }> {
    const { settings } = lookup;
    const [server] = this.#servers(settings);
    if (server === undefined) throw dnsErrors.error('dns.no_server', 'there is no name server to ask');
    const [{ transferMessages }, { transferRefused }] = await Promise.all([
      import('./transfer.js'),
      import('./transfer-zone.js'),
    ]);
    const { clock, random, signal } = this.#options;
    const [name] = this.#names(lookup);
    const messages = transferMessages(server, this.#query(name, lookup, server), {
      clock,
      random,
      idleTimeoutMs: settings.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      trust: this.#trustOf(settings),
      ...(signal === undefined ? {} : { signal }),
      ...(settings.family === undefined ? {} : { family: settings.family }),
    });
    for await (const part of messages) {
      if (part.message.rcode !== Rcode.NOERROR) throw transferRefused(server, name, part.message);
      yield { ...part, server };
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#connections.values()].map((connections) => connections.close()));
  }

  async #askFor(name: Name, lookup: Lookup): Promise<LookedUp> {
    const { settings } = lookup;
    const servers = this.#servers(settings);
    const conf = settings.servers.length === 0 ? this.#conf(settings) : undefined;
    const query = this.#query(name, lookup, servers[0]);
    const { clock, random, signal } = this.#options;
    const again: Again[] = [];
    const failures: DsError[] = [];
    const exchange = await askServers(servers, query, {
      clock,
      random,
      timeoutMs: settings.timeoutMs ?? conf?.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      retries: settings.retries ?? (conf?.attempts === undefined ? DEFAULT_RETRIES : conf.attempts - 1),
      ignoreTruncation: settings.ignoreTruncation,
      nextOnServfail: settings.nextOnServfail,
      httpMethod: settings.httpMethod,
      negotiateEdns: settings.negotiateEdns,
      retryBadCookie: settings.retryBadCookie,
      onAgain: (why) => again.push(why),
      onFailure: (error) => failures.push(error),
      trust: this.#trustOf(settings),
      ...(settings.keepOpen ? { connections: this.#connectionsFor(settings) } : {}),
      ...(settings.id === undefined ? {} : { id: settings.id }),
      ...(settings.family === undefined ? {} : { family: settings.family }),
      ...(signal === undefined ? {} : { signal }),
    });
    return { exchange, at: clock.now(), again, failures };
  }

  #names({ name, settings }: Lookup): [Name, ...Name[]] {
    const text = binaryName(name, settings.idn);
    if (!settings.search) return [Name.parse(text)];
    const conf = this.#conf(settings);
    const search = settings.domain === undefined ? conf.search : [settings.domain];
    const [first = Name.parse(text), ...others] = searchedNames(text, search, settings.ndots ?? conf.ndots);
    return [first, ...others];
  }

  #servers(settings: QuerySettings): readonly NameServer[] {
    if (settings.servers.length > 0) return settings.servers.map((text) => parseServer(text, serverOptions(settings)));
    const { nameservers, rotate, useTcp } = this.#conf(settings);
    const { transport = useTcp ? 'tcp' : 'udp', ...others } = serverOptions(settings);
    const servers = nameservers.map(({ host }) => parseServer(host, { ...others, transport }));
    if (!rotate) return servers;
    const start = (this.#options.random.bytes(1)[0] ?? 0) % servers.length;
    return [...servers.slice(start), ...servers.slice(0, start)];
  }

  #conf({ port }: QuerySettings): ResolvConf {
    const conf = this.#resolvConf.get(port) ?? readResolvConf(this.#options.resolvConf, port);
    this.#resolvConf.set(port, conf);
    return conf;
  }

  #query(name: Name, { type, class: rrClass, settings }: Lookup, server: NameServer | undefined): Message {
    const question: Question | undefined = settings.headerOnly ? undefined : { name, type, class: rrClass };
    const { edns: version, serial, padding, udpSize, subnet } = settings;
    const hidden = server?.transport === 'tls' || (server?.transport === 'https' && server.plain !== true);
    const cookie = settings.cookie === true ? this.#options.random.bytes(CLIENT_COOKIE_OCTETS) : settings.cookie;
    const block = padding ?? (hidden ? PADDING_BLOCK : 0);
    return makeQuery({
      question,
      opcode: settings.opcode,
      recursionDesired: settings.recursionDesired,
      authenticData: settings.authenticData,
      checkingDisabled: settings.checkingDisabled,
      authoritative: settings.authoritative,
      recursionAvailable: settings.recursionAvailable,
      truncated: settings.truncated,
      zero: settings.zero,
      ...(type === RRType.IXFR && serial !== undefined ? { authorities: [knownSoa(name, serial)] } : {}),
      ...(version === undefined
        ? {}
        : {
            edns: {
              version,
              dnssecOk: settings.dnssec,
              nsid: settings.nsid,
              keepalive: settings.keepalive,
              expire: settings.expire,
              more: settings.ednsOptions,
              padding: block,
              ...(udpSize === undefined ? {} : { udpSize }),
              ...(subnet === undefined ? {} : { subnet }),
              ...(cookie === false ? {} : { cookie }),
            },
          }),
    });
  }

  #connectionsFor(settings: QuerySettings): Connections {
    const key = trustKey(settings);
    const kept = this.#connections.get(key);
    if (kept !== undefined) return kept;
    const { clock, random } = this.#options;
    const connections = new Connections({ clock, random, ...this.#trustOf(settings) });
    this.#connections.set(key, connections);
    return connections;
  }

  #trustOf(settings: QuerySettings): TrustOptions {
    const key = trustKey(settings);
    const { tlsCa, tlsHostname, tlsInsecure } = settings;
    const trust = this.#trust.get(key) ?? {
      insecure: tlsInsecure,
      ...(tlsCa === undefined ? {} : { ca: readAuthorities(tlsCa) }),
      ...(tlsHostname === undefined ? {} : { serverName: tlsHostname }),
    };
    this.#trust.set(key, trust);
    return trust;
  }
}

/** As dig: answers to ANY are asked for over TCP from the start, unless told otherwise. */
function overTcpIfLong(lookup: Lookup): Lookup {
  const { type, settings } = lookup;
  if (type !== RRType.ANY || settings.transport !== undefined) return lookup;
  return { ...lookup, settings: { ...settings, transport: 'tcp' } };
}

function trustKey({ tlsCa, tlsHostname, tlsInsecure }: QuerySettings): string {
  return JSON.stringify([tlsCa, tlsHostname, tlsInsecure]);
}

function serverOptions({ port, transport, httpPath, httpPlain }: QuerySettings) {
  return {
    plain: httpPlain,
    ...(transport === undefined ? {} : { transport }),
    ...(port === undefined ? {} : { defaultPort: port }),
    ...(httpPath === undefined ? {} : { path: httpPath }),
  };
}

function binaryName(text: string, idn: boolean): string {
  return idn ? asciiName(text) : Buffer.from(text, 'utf8').toString('latin1');
}

function isNegative({ rcode, answers }: Message): boolean {
  return rcode === Rcode.NXDOMAIN || (rcode === Rcode.NOERROR && answers.length === 0);
}

/** RFC 1995, section 3: only its serial counts. */
function knownSoa(name: Name, serial: number) {
  const numbers = { serial, refresh: 0, retry: 0, expire: 0, minimum: 0 };
  const rdata = soaData({ primaryServer: Name.root, mailbox: Name.root, ...numbers });
  return { name, type: RRType.SOA, class: 1, ttl: 0, rdata };
}

/** Error: `dns.unreadable_file`. */
export function readAuthorities(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw dnsErrors.error('dns.unreadable_file', `${path} cannot be read: ${whyUnreadable(error)}`, {
      details: { path },
      cause: error,
    });
  }
}
