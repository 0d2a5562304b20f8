/** Load on a name server, over UDP, TCP or TLS; answers come in any order. */
import type { Clock, Random } from '../../../../platform/clock.js';
import { DatagramLink } from '../../../../platform/load/datagram-link.js';
import type { PlacedDriver, PlacedLink, PlacedLinkEvents } from '../../../../platform/load/driver.js';
import { PlacedSocketLink } from '../../../../platform/load/placed-socket-link.js';
import { dnsErrors } from '../../errors.js';
import { exchange } from '../exchange.js';
import { makeQuery } from '../make-query.js';
import { addressesOf } from '../resolve.js';
import type { NameServer } from '../server-address.js';
import { answerClasses, classOfCode, datagramCodec, FramedCodec, labelOfCode } from './message-codec.js';
import type { QueryList } from './query-list.js';

export interface DnsLoadOptions {
  /** Not https. */
  readonly server: NameServer;
  /** At least one. */
  readonly queries: QueryList;
  /** Requests under way on each socket or connection. */
  readonly pipeline: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly timeoutMs: number;
  /** Default true: certificates are checked. */
  readonly verify: boolean;
}

/** How long is waited at first for a server that may not be there, milliseconds. */
const PROBE_MS = 2_000;

export class DnsDriver implements PlacedDriver {
  readonly anyOrder = true;
  readonly target: string;
  readonly pipeline: number;
  readonly bytes = { sent: 0, received: 0 };
  readonly classes = answerClasses;
  readonly #options: DnsLoadOptions;
  #address = '';

  /** Error: `dns.unsupported_transport`. */
  constructor(options: DnsLoadOptions) {
    const { shown, transport } = options.server;
    if (transport === 'https') {
      throw dnsErrors.error('dns.unsupported_transport', `${shown} cannot be loaded: not over HTTPS`, {
        hint: 'udp://, tcp:// or tls://; for HTTPS: ds limit load URL',
        details: { server: shown },
      });
    }
    this.#options = options;
    this.target = shown;
    this.pipeline = options.pipeline;
  }

  label(code: number): string {
    return labelOfCode(code);
  }

  classOf(code: number): number {
    return classOfCode(code);
  }

  /** Errors: those of exchange(): `dns.timeout`, `dns.unreachable`, `dns.untrusted` … */
  async prepare(signal: AbortSignal): Promise<void> {
    const { server, queries, clock, random, timeoutMs, verify } = this.#options;
    const patience = { clock, timeoutMs: Math.min(timeoutMs, PROBE_MS), signal };
    [this.#address = server.host] = await addressesOf(server, patience);
    const query = makeQuery({ question: queries.first, recursionDesired: true });
    const trust = { insecure: !verify };
    await exchange(server, query, { ...patience, random, retries: 2, address: this.#address, trust });
  }

  link(events: PlacedLinkEvents): PlacedLink {
    const { server, queries, pipeline, clock, timeoutMs, verify } = this.#options;
    const common = { pipeline, clock, bytes: this.bytes };
    const place = { address: this.#address, port: server.port };
    if (server.transport === 'udp') {
      return new DatagramLink({ ...common, ...place, codec: datagramCodec(queries) }, events);
    }
    const servername = server.serverName ?? server.host;
    const tls = server.transport === 'tls' ? { servername, verify } : undefined;
    const options = { ...common, place: () => ({ ...place, tls }), connectTimeoutMs: timeoutMs };
    return new PlacedSocketLink({ ...options, codec: new FramedCodec(queries) }, events);
  }
}
