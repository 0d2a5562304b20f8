/** The authoritative servers of a zone and their addresses: as a resolver has them, or by the delegations from the root. */
import { DsError } from '../../../platform/errors.js';
import type { ZonePlace } from '../compare/drift.js';
import { dnsErrors } from '../errors.js';
import type { Name } from '../name.js';
import { DEFAULT_SETTINGS, type QuerySettings } from '../query-words/settings.js';
import { nameAt, printRdata } from '../rdata/index.js';
import type { Question, ResourceRecord } from '../record.js';
import { serverNames } from '../trace/servers.js';
import type { Trace } from '../trace/steps.js';
import { Rcode, RRClass, RRType, rcodeName, typeName } from '../wire.js';
import type { Asker } from './asker.js';
import { badAnswer } from './attempt.js';
import { type TraceOptions, traceName } from './trace.js';

export interface ZoneServers {
  readonly places: readonly ZonePlace[];
  readonly withoutAddress: readonly Name[];
  /** The servers that the zone above names; undefined where it was not asked, or serves this zone, too. */
  readonly delegated: readonly Name[] | undefined;
}

/** Records of a name and type, behind aliases, too. Empty where there are none. Errors: of kind `peer`. */
type Find = (question: Question) => Promise<readonly ResourceRecord[]>;

/** Addresses of one server that are asked. */
const MOST_ADDRESSES = 8;

/** Errors: `dns.no_zone_servers`; those of the resolver. */
export async function serversByResolver(
  zone: Name,
  asker: Asker,
  settings: Partial<QuerySettings>,
  port: number,
): Promise<ZoneServers> {
  const find: Find = async ({ name, type, class: rrClass }) => {
    const own = { ...DEFAULT_SETTINGS, ...settings, search: false };
    const { exchange } = await asker.ask({ name: name.toString(), type, class: rrClass, settings: own });
    const { rcode } = exchange.response;
    if (rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN) {
      throw badAnswer(exchange.server, `${rcodeName(rcode)} for ${name} ${typeName(type)}`);
    }
    return exchange.response.answers.filter((record) => record.type === type);
  };
  const records = await find({ name: zone, type: RRType.NS, class: RRClass.IN });
  const names = serverNames(records, ({ rdata }) => nameAt(rdata, 0));
  return { ...(await placesOf(zone, names, find, port)), delegated: undefined };
}

/** The zone's own servers and those that the zone above names. Errors: `dns.no_zone_servers`, `dns.no_authority`. */
export async function serversByDelegation(zone: Name, options: TraceOptions & { port: number }): Promise<ZoneServers> {
  const find: Find = async (question) => {
    const { end } = await traceName(question, options);
    return end.kind === 'answer' ? end.records.filter(({ type }) => type === question.type) : [];
  };
  const trace = await traceName({ name: zone, type: RRType.NS, class: RRClass.IN }, options);
  const delegated = delegationOf(zone, trace);
  const own = trace.end.kind === 'answer' ? serverNames(trace.end.records, ({ rdata }) => nameAt(rdata, 0)) : [];
  const all = [...own, ...(delegated ?? [])];
  const names = all.filter((name, index) => all.findIndex((other) => other.equals(name)) === index);
  if (names.length === 0 && trace.end.kind === 'failed') {
    throw dnsErrors.error('dns.no_authority', trace.end.why, { details: { name: zone.toString() } });
  }
  return { ...(await placesOf(zone, names, find, options.port)), delegated };
}

function delegationOf(zone: Name, { steps }: Trace): readonly Name[] | undefined {
  for (const step of steps) {
    if (step.kind !== 'zone' || step.depth > 0 || !step.zone.equals(zone)) continue;
    return step.servers.flatMap(({ name }) => (name === undefined ? [] : [name]));
  }
  return undefined;
}

async function placesOf(zone: Name, names: readonly Name[], find: Find, port: number) {
  if (names.length === 0) {
    throw dnsErrors.error('dns.no_zone_servers', `${zone} has no name servers, as far as can be found out`, {
      hint: `is it a zone? see: ds dns query ${zone} NS`,
      details: { zone: zone.toString() },
    });
  }
  const found = await Promise.all(
    names.map(async (server) => ({ server, addresses: await addressesOf(server, find) })),
  );
  return {
    places: found.flatMap(({ server, addresses }) => addresses.map((address) => ({ server, address, port }))),
    withoutAddress: found.filter(({ addresses }) => addresses.length === 0).map(({ server }) => server),
  };
}

async function addressesOf(name: Name, find: Find): Promise<readonly string[]> {
  const records = await Promise.all(
    [RRType.A, RRType.AAAA].map((type) => find({ name, type, class: RRClass.IN }).catch(noneIfUnknown)),
  );
  const addresses = records.flat().map(({ type, rdata }) => printRdata(type, rdata));
  return [...new Set(addresses)].slice(0, MOST_ADDRESSES);
}

/** Who was asked for the zone need not know of names elsewhere: then the server is one without an address. */
function noneIfUnknown(error: unknown): readonly ResourceRecord[] {
  if (error instanceof DsError && error.kind === 'peer') return [];
  throw error;
}
