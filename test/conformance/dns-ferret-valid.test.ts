/** Zones and queries that nobody here wrote, with what BIND, NSD, Knot and PowerDNS answered: we answer as one of them. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Name } from '../../src/blocks/dns/name.js';
import { printRdata } from '../../src/blocks/dns/rdata/index.js';
import type { ResourceRecord } from '../../src/blocks/dns/record.js';
import {
  type Message,
  makeMessage,
  parseType,
  RRClass,
  RRType,
  rcodeName,
  typeName,
} from '../../src/blocks/dns/wire.js';
import { parseMasterFile } from '../../src/blocks/dns/zone/master-file/index.js';
import { MemoryZone, MemoryZoneSet } from '../../src/blocks/dns/zone/memory.js';
import { respond } from '../blocks/dns/zone/respond.js';

const DATA = fileURLToPath(new URL('../../../shared/data/dns-ferret-valid.ndjson.gz', import.meta.url));

interface FerretCase {
  readonly query: { readonly Name: string; readonly Type: string };
  readonly responses: readonly { readonly servers: readonly string[]; readonly response: readonly string[] }[];
}

interface FerretZone {
  readonly id: number;
  /** Master file text. */
  readonly zone: string;
  readonly cases: readonly FerretCase[];
}

/** What is compared; sections in the order they came. */
interface Seen {
  readonly rcode: string;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
}

const zones = existsSync(DATA)
  ? gunzipSync(readFileSync(DATA))
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line): FerretZone => JSON.parse(line))
  : [];

/** All names are absolute. */
function recordsIn(text: string): ResourceRecord[] {
  return [...parseMasterFile([text], { file: 'zone', origin: Name.root, zone: Name.root })];
}

function show({ name, ttl, type, rdata }: ResourceRecord): string {
  return `${name.key} ${ttl} ${typeName(type)} ${printRdata(type, rdata)}`;
}

function sorted(records: readonly ResourceRecord[]): string[] {
  return records.map(show).sort();
}

function startsWith(records: readonly ResourceRecord[], first: readonly ResourceRecord[]): boolean {
  return JSON.stringify(records.slice(0, first.length).map(show)) === JSON.stringify(first.map(show));
}

/** `rcode NOERROR`, `flags QR AA`, `;ANSWER` and its records … */
function readResponse(lines: readonly string[]): Seen {
  const wordsOf = (word: string) =>
    lines
      .find((line) => line.startsWith(`${word} `))
      ?.slice(word.length + 1)
      .split(' ') ?? [];
  const section = (from: string, to?: string) => {
    const end = to === undefined ? lines.length : lines.indexOf(to);
    return recordsIn(`${lines.slice(lines.indexOf(from) + 1, end).join('\n')}\n`);
  };
  return {
    rcode: wordsOf('rcode').join(' '),
    authoritative: wordsOf('flags').includes('AA'),
    truncated: wordsOf('flags').includes('TC'),
    answers: section(';ANSWER', ';AUTHORITY'),
    authorities: section(';AUTHORITY', ';ADDITIONAL'),
    additionals: section(';ADDITIONAL'),
  };
}

/**
 * Some answers carry the zone's NS records in the authority section, with addresses. RFC 1034, section 4.3.2, which says
 * what goes into an answer, does not ask for them, and Knot and PowerDNS leave them out, too.
 */
function withoutServers(seen: Seen, origin: Name): Seen {
  const isOwn = ({ name, type }: ResourceRecord) => type === RRType.NS && name.equals(origin);
  const isPlain = seen.authoritative && seen.answers.length > 0 && seen.authorities.every(isOwn);
  if (!isPlain) return seen;
  const servers = seen.authorities.map(({ rdata }) => Name.fromValidWire(rdata).key);
  const additionals = seen.additionals.filter(({ name }) => !servers.includes(name.key));
  return { ...seen, authorities: [], additionals };
}

function agrees(message: Message, seen: Seen): boolean {
  if (rcodeName(message.rcode) !== seen.rcode || message.authoritative !== seen.authoritative) return false;
  // Cut at 512 octets, by how well its server compresses names: compared as far as it goes.
  if (seen.truncated) return startsWith(message.answers, seen.answers);
  return (['answers', 'authorities', 'additionals'] as const).every(
    (section) => JSON.stringify(sorted(message[section])) === JSON.stringify(sorted(seen[section])),
  );
}

function disagreement({ zone, cases }: FerretZone): string[] {
  const served = MemoryZone.fromRecords(recordsIn(zone));
  return cases.flatMap(({ query, responses }) => {
    const question = { name: Name.parse(query.Name), type: parseType(query.Type), class: RRClass.IN };
    const message = respond(new MemoryZoneSet([served]), makeMessage({ questions: [question] }));
    const theirs = responses.map(({ response }) => withoutServers(readResponse(response), served.origin));
    if (theirs.some((seen) => agrees(message, seen))) return [];
    const ours = [rcodeName(message.rcode), ...sorted(message.answers), ...sorted(message.authorities)].join('\n');
    return [`${query.Name} ${query.Type}\n${zone}\nours: ${ours}\ntheirs: ${JSON.stringify(responses, null, 1)}`];
  });
}

describe.skipIf(zones.length === 0)('valid zones of the Ferret dataset', () => {
  test('there are cases of all kinds', () => {
    const cases = zones.flatMap((zone) => zone.cases);
    expect(cases).toHaveLength(3_169);
    expect(new Set(cases.map(({ query }) => query.Type)).size).toBe(7);
    expect(cases.filter(({ responses }) => responses.length > 1)).toHaveLength(651);
  });

  test('every one is answered as at least one of the four servers does', () => {
    expect(zones.flatMap(disagreement)).toEqual([]);
  });
});
