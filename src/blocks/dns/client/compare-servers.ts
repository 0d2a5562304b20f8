/** One question to several servers at once, and whether they agree. */
import { DsError } from '../../../platform/errors.js';
import { type Agreement, agreementOf } from '../compare/agreement.js';
import { badWord } from '../query-words/keywords.js';
import { type Lookup, type QueryDefaults, type QueryLine, readQueryWords } from '../query-words.js';
import type { Asker, LookedUp } from './asker.js';
import { parseServer } from './server-address.js';

export interface CompareLine {
  readonly lookup: Lookup;
  /** As typed, at least two. */
  readonly servers: readonly string[];
  readonly line: QueryLine['line'];
  readonly warnings: readonly string[];
}

export interface ComparedServer {
  /** As typed. */
  readonly server: string;
  readonly outcome: { readonly found: LookedUp } | { readonly error: DsError };
}

export interface Comparison extends Agreement {
  readonly lookup: Lookup;
  readonly servers: readonly ComparedServer[];
}

const MOST_SERVERS = 100;

/** dig's words, but each `@server` is one more to ask. Errors: `dns.bad_word`, `dns.unknown_word`. */
export function readCompareWords(words: readonly string[], defaults: QueryDefaults): CompareLine {
  const isServer = (word: string) => word.startsWith('@') && word.length > 1;
  const servers = [...(defaults.settings?.servers ?? []), ...words.filter(isServer).map((word) => word.slice(1))];
  const { lookups, files, line, wantsDig, warnings } = readQueryWords(
    words.filter((word) => !isServer(word)),
    defaults,
  );
  const [lookup, second] = lookups;
  if (lookup === undefined || second !== undefined || files.length > 0) {
    throw badWord('servers are compared by one name', 'ds dns compare www.shop.test A @192.0.2.1 @192.0.2.2');
  }
  if (servers.length < 2)
    throw badWord('there is nothing to compare: name two servers or more', '@192.0.2.1 @192.0.2.2');
  if (servers.length > MOST_SERVERS) throw badWord(`more than ${MOST_SERVERS} servers`);
  if (wantsDig || line.short || lookup.settings.trace) {
    throw badWord('a comparison is shown as a table, or by --json', 'leave out the words that say what is shown');
  }
  return { lookup, servers, line, warnings };
}

/** A server that does not answer is part of the result. Errors: of kind `usage`; the signal's reason. */
export async function compareServers(
  asker: Asker,
  { lookup, servers }: CompareLine,
  { strict }: { readonly strict: boolean },
): Promise<Comparison> {
  const lookups = servers.map((server) => ({ ...lookup, settings: { ...lookup.settings, servers: [server] } }));
  // What cannot be read is told before anybody is asked.
  for (const server of servers) parseServer(server);
  const compared = await Promise.all(
    lookups.map(async (one, index) => ({ server: servers[index] ?? '', outcome: await outcomeOf(asker, one) })),
  );
  const responses = compared.map(({ outcome }) => ('found' in outcome ? outcome.found.exchange.response : undefined));
  return { lookup, servers: compared, ...agreementOf(responses, { strict }) };
}

async function outcomeOf(asker: Asker, lookup: Lookup): Promise<ComparedServer['outcome']> {
  try {
    return { found: await asker.ask(lookup) };
  } catch (error) {
    if (!(error instanceof DsError) || error.kind !== 'peer') throw error;
    return { error };
  }
}
