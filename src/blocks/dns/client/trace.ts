/** A trace over the network: each query without recursion, by UDP with what exchange() makes of it. */
import { readFileSync, statSync } from 'node:fs';
import type { Clock, Random } from '../../../platform/clock.js';
import { whyUnreadable } from '../../../platform/errors.js';
import { parseIp } from '../../../platform/ip-address.js';
import { formatSize } from '../../../platform/units.js';
import { dnsErrors } from '../errors.js';
import type { Name } from '../name.js';
import type { Question } from '../record.js';
import { hintsAt, readHints } from '../trace/hints.js';
import { rootHints } from '../trace/root-hints.js';
import type { NamedServer, Place } from '../trace/servers.js';
import type { Trace, TraceStep } from '../trace/steps.js';
import { Tracer } from '../trace/tracer.js';
import { exchange } from './exchange.js';
import { makeQuery } from './make-query.js';
import { DEFAULT_PORTS, parseServer } from './server-address.js';

export interface TraceOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal;
  /** The root's servers; default those of the internet. */
  readonly roots?: readonly NamedServer[];
  /** Of the servers that referrals name; default 53. */
  readonly port?: number;
  /** Milliseconds for one attempt; default {@link TRACE_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
  /** Attempts after the first; default {@link TRACE_RETRIES}. */
  readonly retries?: number;
  /** Only servers with addresses of this family. */
  readonly family?: 4 | 6;
  /** Asks over TCP from the start. */
  readonly tcp?: boolean;
  /** Asks for signatures (DO). */
  readonly dnssec?: boolean;
  /** Told of each step when it is known. */
  readonly onStep?: (step: TraceStep) => void;
  /** Told before a server is asked. */
  readonly onAsk?: (server: Name | undefined, place: Place, question: Question) => void;
}

/** Shorter than dig's 5 s and 2 more: there is another server to ask. */
export const TRACE_TIMEOUT_MS = 2_000;
export const TRACE_RETRIES = 1;

/** Octets of a file with hints; IANA's has 3 KiB. */
const LARGEST_HINTS = 1 << 20;

/** Follows delegations from the root. Servers that fail are part of the trace; it rejects only with the signal's reason. */
export function traceName(question: Question, options: TraceOptions): Promise<Trace> {
  const { clock, random, signal, port = DEFAULT_PORTS.udp, roots = rootHints(port), family } = options;
  const { timeoutMs = TRACE_TIMEOUT_MS, retries = TRACE_RETRIES, onStep, onAsk } = options;
  const tracer = new Tracer({
    ...{ roots, port, clock },
    ...(family === undefined ? {} : { family }),
    ...(onStep === undefined ? {} : { onStep }),
    ...(onAsk === undefined ? {} : { onAsk }),
    async ask(place, asked) {
      const again: string[] = [];
      const server = parseServer(place.address, {
        defaultPort: place.port,
        transport: options.tcp === true ? 'tcp' : 'udp',
      });
      const query = makeQuery({ question: asked, edns: { dnssecOk: options.dnssec === true } });
      const found = await exchange(server, query, {
        ...{ timeoutMs, retries, clock, random },
        ...(signal === undefined ? {} : { signal }),
        onAgain: (why) => again.push(why),
      });
      return { exchange: found, again };
    },
  });
  return tracer.trace(question);
}

export interface RootsWanted {
  /** A master file with the root's servers and their addresses. */
  readonly file?: string;
  /** Addresses of root servers, with a port where it is not `port`. */
  readonly addresses?: readonly string[];
  readonly port?: number;
}

/**
 * The root's servers, and the port of all others: as given, else that of the first address, else 53. Errors: `dns.bad_server`,
 * `dns.bad_hints`, `dns.bad_zone_file`, `dns.unreadable_file`.
 */
export function rootsFor({ file, addresses = [], port: given }: RootsWanted): {
  roots: readonly NamedServer[];
  port: number;
} {
  const places = addresses.map((text) => placeOf(text, given ?? DEFAULT_PORTS.udp));
  const port = given ?? places[0]?.port ?? DEFAULT_PORTS.udp;
  if (places.length > 0) return { roots: hintsAt(places), port };
  return { roots: file === undefined ? rootHints(port) : readHints(readBinaryText(file), file, port), port };
}

/** Error: `dns.bad_server`, for a host name, too. */
function placeOf(text: string, defaultPort: number): Place {
  const { host, port, transport } = parseServer(text, { defaultPort });
  if (transport === 'udp' && parseIp(host) !== undefined) return { address: host, port };
  throw dnsErrors.error('dns.bad_server', `"${text.slice(0, 80)}" is no hint: a root server is told by its address`, {
    hint: 'write 192.0.2.1 or 127.0.0.2:5300',
    details: { server: text.slice(0, 80) },
  });
}

/** One character an octet. Error: `dns.unreadable_file`. */
function readBinaryText(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > LARGEST_HINTS) throw new Error(`it is larger than ${formatSize(LARGEST_HINTS)}`);
    return readFileSync(path, 'latin1');
  } catch (error) {
    throw dnsErrors.error('dns.unreadable_file', `${path} cannot be read: ${whyUnreadable(error)}`, {
      hint: 'name a master file: --hints /usr/share/dns/root.hints',
      details: { path },
      cause: error,
    });
  }
}
