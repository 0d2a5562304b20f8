/** How a lookup is asked and shown: what dig's words and the long flags set. */
import type { IpNetwork } from '../../../platform/ip-address.js';
import type { DigSections } from '../output/dig-message.js';
import { type DigStyle, USUAL_STYLE } from '../output/dig-style.js';
import { type EdnsOption, Opcode } from '../wire.js';

export interface QuerySettings {
  /** As typed, without the `@`. None: those of resolv.conf. */
  readonly servers: readonly string[];
  /** Where a server's text has none. */
  readonly port?: number;
  /** Undefined: UDP, but TCP for what is likely to be long. */
  readonly transport?: 'udp' | 'tcp' | 'tls' | 'https';
  readonly httpMethod: 'GET' | 'POST';
  readonly httpPath?: string;
  /** HTTP without TLS. */
  readonly httpPlain: boolean;
  /** A file with the authorities that are trusted. */
  readonly tlsCa?: string;
  readonly tlsHostname?: string;
  readonly tlsInsecure: boolean;
  readonly family?: 4 | 6;

  readonly type?: number;
  /** IXFR: the serial that one has. */
  readonly serial?: number;
  readonly class?: number;

  readonly opcode: number;
  readonly recursionDesired: boolean;
  readonly authenticData: boolean;
  readonly checkingDisabled: boolean;
  readonly authoritative: boolean;
  readonly recursionAvailable: boolean;
  readonly truncated: boolean;
  readonly zero: boolean;
  /** Without a question. */
  readonly headerOnly: boolean;
  readonly id?: number;

  /** EDNS version; undefined for a query without EDNS. */
  readonly edns: number | undefined;
  readonly udpSize?: number;
  readonly dnssec: boolean;
  readonly nsid: boolean;
  readonly subnet?: IpNetwork;
  /** True makes one up. */
  readonly cookie: boolean | Uint8Array;
  readonly keepalive: boolean;
  readonly expire: boolean;
  /** Octets of a block; undefined pads what hides on the way, 0 nothing. */
  readonly padding?: number;
  readonly ednsOptions: readonly EdnsOption[];
  readonly negotiateEdns: boolean;
  readonly retryBadCookie: boolean;

  readonly timeoutMs?: number;
  /** Attempts after the first. */
  readonly retries?: number;
  /** Takes a truncated reply. */
  readonly ignoreTruncation: boolean;
  readonly nextOnServfail: boolean;
  /** Keeps connections for the next lookup. */
  readonly keepOpen: boolean;

  readonly search: boolean;
  /** In place of the search list. */
  readonly domain?: string;
  readonly ndots?: number;
  /** Letters beyond ASCII become IDNA; otherwise they are sent as UTF-8. */
  readonly idn: boolean;
  /** Follow delegations from the root instead of asking one server. */
  readonly trace: boolean;

  readonly sections: DigSections;
  readonly stats: boolean;
  /** Shows the query, too. */
  readonly showQuery: boolean;
  readonly identify: boolean;
  /** A transfer ends without its SOA record shown again. */
  readonly oneSoa: boolean;
  readonly style: DigStyle;
}

export const DEFAULT_SETTINGS: QuerySettings = {
  servers: [],
  httpMethod: 'POST',
  httpPlain: false,
  tlsInsecure: false,
  opcode: Opcode.QUERY,
  recursionDesired: true,
  // As dig: whoever sets AD understands it in the answer (RFC 6840, section 5.7).
  authenticData: true,
  checkingDisabled: false,
  authoritative: false,
  recursionAvailable: false,
  truncated: false,
  zero: false,
  headerOnly: false,
  edns: 0,
  dnssec: false,
  nsid: false,
  cookie: true,
  keepalive: false,
  expire: false,
  ednsOptions: [],
  negotiateEdns: true,
  retryBadCookie: true,
  ignoreTruncation: false,
  nextOnServfail: false,
  keepOpen: true,
  search: false,
  idn: true,
  trace: false,
  sections: { comments: true, question: true, answer: true, authority: true, additional: true },
  stats: true,
  showQuery: false,
  identify: false,
  oneSoa: false,
  style: USUAL_STYLE,
};

/** What holds for a whole command line, wherever in it it stands. */
export interface LineSettings {
  /** Only the data of answers. */
  readonly short: boolean;
  readonly json: boolean;
  /** Begins with what was typed. */
  readonly cmd: boolean;
  /** Times in microseconds. */
  readonly micros: boolean;
}

export const DEFAULT_LINE: LineSettings = { short: false, json: false, cmd: true, micros: false };
