/** A lookup of dig's command line with +trace: the root's servers are those that the server names, where one is given. */
import { Name } from '../name.js';
import { badWord } from '../query-words/keywords.js';
import type { Lookup } from '../query-words.js';
import { nameAt } from '../rdata/index.js';
import { type NamedServer, placesOf, serverNames } from '../trace/servers.js';
import type { Trace } from '../trace/steps.js';
import { asciiName } from '../typed-name.js';
import { RRClass, RRType } from '../wire.js';
import { badAnswer } from './attempt.js';
import { type Exchange, exchange } from './exchange.js';
import { makeQuery } from './make-query.js';
import { DEFAULT_PORTS, type NameServer, parseServer } from './server-address.js';
import { TRACE_RETRIES, TRACE_TIMEOUT_MS, type TraceOptions, traceName } from './trace.js';

export interface TracedLookup {
  readonly trace: Trace;
  /** What the server that was named said of the root; undefined for the built-in hints. */
  readonly roots: Exchange | undefined;
}

/** Errors: of kind `usage`; of exchange(), where the server that is to name the root's servers does not. */
export async function traceLookup(
  { name: typed, type, class: rrClass, settings }: Lookup,
  context: Pick<TraceOptions, 'clock' | 'random' | 'signal' | 'onAsk'>,
): Promise<TracedLookup> {
  const { transport = 'udp', port = DEFAULT_PORTS.udp, family, timeoutMs, retries, dnssec, idn } = settings;
  if (transport !== 'udp' && transport !== 'tcp')
    throw badWord('delegations are followed over UDP or TCP', '+trace +tcp');
  if (rrClass !== RRClass.IN) throw badWord('delegations are followed in class IN');
  const name = Name.parse(idn ? asciiName(typed) : Buffer.from(typed, 'utf8').toString('latin1'));
  const options = {
    ...context,
    ...{ port, dnssec, tcp: transport === 'tcp' },
    timeoutMs: timeoutMs ?? TRACE_TIMEOUT_MS,
    retries: retries ?? TRACE_RETRIES,
    ...(family === undefined ? {} : { family }),
  };
  const [server] = settings.servers;
  const told = server === undefined ? undefined : await rootsOf(parseServer(server, { defaultPort: port }), options);
  const roots = told === undefined ? {} : { roots: told.servers };
  return { trace: await traceName({ name, type, class: rrClass }, { ...options, ...roots }), roots: told?.exchange };
}

type Patience = Pick<TraceOptions, 'clock' | 'random' | 'signal'> & {
  readonly port: number;
  readonly timeoutMs: number;
  readonly retries: number;
};

async function rootsOf(server: NameServer, options: Patience) {
  const ask = (name: Name, type: number) =>
    exchange(
      server,
      makeQuery({ question: { name, type, class: RRClass.IN }, recursionDesired: true, edns: {} }),
      options,
    );
  const found = await ask(Name.root, RRType.NS);
  const { answers, additionals } = found.response;
  const names = serverNames(answers, ({ rdata }) => nameAt(rdata, 0));
  const servers: NamedServer[] = [];
  for (const name of names) {
    let places = placesOf(name, additionals, options.port);
    for (const type of [RRType.A, RRType.AAAA]) {
      if (places.length === 0) places = placesOf(name, (await ask(name, type)).response.answers, options.port);
    }
    if (places.length > 0) servers.push({ name, places });
  }
  if (servers.length === 0) throw badAnswer(server, 'it names no servers of the root with their addresses');
  return { servers, exchange: found };
}
