/** Zones written as text, asked in text. */
import { Name } from '../../../../src/blocks/dns/name.js';
import { printRdata } from '../../../../src/blocks/dns/rdata/index.js';
import { type Question, type ResourceRecord, type RRset, recordsOf } from '../../../../src/blocks/dns/record.js';
import { parseType, RRClass, rcodeName, typeName } from '../../../../src/blocks/dns/wire.js';
import { type LookupOptions, type LookupResult, lookup } from '../../../../src/blocks/dns/zone/lookup.js';
import { parseMasterFile } from '../../../../src/blocks/dns/zone/master-file/index.js';
import { MemoryZone, MemoryZoneSet } from '../../../../src/blocks/dns/zone/memory.js';
import type { ZoneSet } from '../../../../src/blocks/dns/zone/zone-data.js';

/** Master file lines relative to the origin; SOA and NS are added, MINIMUM is 300, TTLs are 3600 unless stated. */
export function zoneOf(origin: string, lines: string): MemoryZone {
  const head = '$TTL 3600\n@ SOA ns.elsewhere.invalid. hostmaster 1 3600 900 86400 300\n@ NS ns.elsewhere.invalid.\n';
  const text = head + lines.replaceAll(/^ +/gm, '');
  return MemoryZone.fromRecords(parseMasterFile([`${text}\n`], { file: 'zone', origin: Name.parse(origin) }));
}

/** The SOA of {@link zoneOf}, in a negative answer. */
export const soaOf = (origin: string, ttl = 300) =>
  `${origin} ${ttl} SOA ns.elsewhere.invalid. hostmaster.${origin} 1 3600 900 86400 300`;

export const serve = (...zones: readonly MemoryZone[]) => new MemoryZoneSet(zones);

/** `www.shop.test. A` */
export function questionOf(text: string): Question {
  const [name = '', type = ''] = text.split(' ');
  return { name: Name.parse(name), type: parseType(type), class: RRClass.IN };
}

export function ask(zones: ZoneSet, question: string, options?: LookupOptions): LookupResult {
  const result = lookup(zones, questionOf(question), options);
  if (result === undefined) throw new Error(`${question} is in no zone`);
  return result;
}

export function show({ name, ttl, type, rdata }: ResourceRecord): string {
  return `${name} ${ttl} ${typeName(type)} ${printRdata(type, rdata)}`;
}

export const shown = (sets: readonly RRset[]): string[] => sets.flatMap(recordsOf).map(show);

/** Code and sections as text, empty ones left out. */
export function answerTo(zones: ZoneSet, question: string, options?: LookupOptions) {
  const result = ask(zones, question, options);
  const sections = {
    answers: shown(result.answers),
    authorities: shown(result.authorities),
    additionals: shown(result.additionals),
  };
  const filled = Object.entries(sections).filter(([, records]) => records.length > 0);
  return { rcode: rcodeName(result.rcode), authoritative: result.authoritative, ...Object.fromEntries(filled) };
}

export const why = (zones: ZoneSet, question: string, options?: LookupOptions): string[] =>
  ask(zones, question, options).steps.map(({ text }) => text);
