/** An internet of zones: who is asked at an address answers from the zones that it serves, or as a test says. */

import type { Exchange } from '../../../../src/blocks/dns/client/exchange.js';
import { dnsErrors } from '../../../../src/blocks/dns/errors.js';
import { Name } from '../../../../src/blocks/dns/name.js';
import { resultOf } from '../../../../src/blocks/dns/output/trace-words.js';
import type { Question } from '../../../../src/blocks/dns/record.js';
import { judge } from '../../../../src/blocks/dns/trace/judge.js';
import type { NamedServer } from '../../../../src/blocks/dns/trace/servers.js';
import type { Trace } from '../../../../src/blocks/dns/trace/steps.js';
import { Tracer, type TracerParts } from '../../../../src/blocks/dns/trace/tracer.js';
import { type Message, makeMessage, typeName } from '../../../../src/blocks/dns/wire.js';
import { parseMasterFile } from '../../../../src/blocks/dns/zone/master-file/index.js';
import { MemoryZone, MemoryZoneSet } from '../../../../src/blocks/dns/zone/memory.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { record } from '../client/fake-server.js';
import { respond } from '../zone/respond.js';
import { questionOf } from '../zone/zones.js';

/** Master files by origin; a response; or silence. */
type Server = Readonly<Record<string, string>> | ((query: Message) => Message) | 'silent';

/** By address. The root's server is the first. */
export type Internet = Readonly<Record<string, Server>>;

const PORT = 53;

function zonesOf(files: Readonly<Record<string, string>>): MemoryZoneSet {
  const zones = Object.entries(files).map(([origin, lines]) => {
    const text = `$TTL 60\n@ SOA ns.invalid. me 1 60 60 60 60\n${lines.replaceAll(/^ +/gm, '')}\n`;
    return MemoryZone.fromRecords(parseMasterFile([text], { file: origin, origin: Name.parse(origin) }));
  });
  return new MemoryZoneSet(zones);
}

function respondFrom(server: Exclude<Server, 'silent'>): (query: Message) => Message {
  if (typeof server === 'function') return server;
  const zones = zonesOf(server);
  return (query) => respond(zones, query);
}

export function traceThrough(internet: Internet, question: string, parts: Partial<TracerParts> = {}): Promise<Trace> {
  const servers = new Map(
    Object.entries(internet).map(([address, server]) => [
      address,
      server === 'silent' ? undefined : respondFrom(server),
    ]),
  );
  const [first = ''] = Object.keys(internet);
  const root: NamedServer = { name: Name.parse('ns.root.'), places: [{ address: first, port: PORT }] };
  const tracer = new Tracer({
    roots: [root],
    port: PORT,
    clock: systemClock,
    async ask({ address }, asked) {
      const answer = servers.get(address);
      if (answer === undefined) throw dnsErrors.error('dns.timeout', `no reply from ${address}`);
      const query = makeMessage({ questions: [asked] });
      return { exchange: exchangeOf(query, answer(query), address), again: [] };
    },
    ...parts,
  });
  return tracer.trace(questionOf(question));
}

function exchangeOf(query: Message, response: Message, address: string): Exchange {
  return {
    response,
    query,
    address,
    bytes: new Uint8Array(),
    octets: 0,
    server: { transport: 'udp', host: address, port: PORT, shown: address },
    transport: 'udp',
    elapsedMs: 1,
    truncatedUdp: false,
    attempts: 1,
  };
}

/** The queries as text: `127.0.0.2 www.shop.test. A referral`; look-ups of servers' addresses are set off. */
export function queriesOf({ steps }: Trace): string[] {
  return steps.flatMap((step) => {
    if (step.kind !== 'query') return [];
    const { question, place, depth } = step;
    return [`${'  '.repeat(depth)}${place.address} ${question.name} ${typeName(question.type)} ${resultOf(step)}`];
  });
}

interface Sections {
  readonly answers?: readonly string[];
  readonly authorities?: readonly string[];
  readonly additionals?: readonly string[];
}

/** A response with these records, written as `a.test. 60 A 192.0.2.1`. */
export function response(sections: Sections, parts: Partial<Message> = {}): (query: Message) => Message {
  const { answers = [], authorities = [], additionals = [] } = sections;
  return ({ questions }) =>
    makeMessage({
      ...{ response: true, questions },
      ...{ answers: answers.map(record), authorities: authorities.map(record), additionals: additionals.map(record) },
      ...parts,
    });
}

/** What a server of `zone` means by this response to `question`. */
export function verdictOn(question: string, zone: string, sections: Sections, parts: Partial<Message> = {}) {
  const asked: Question = questionOf(question);
  const query = makeMessage({ questions: [asked] });
  return judge(response(sections, parts)(query), { question: asked, zone: Name.parse(zone), port: PORT });
}
