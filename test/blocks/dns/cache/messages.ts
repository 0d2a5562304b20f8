/** Responses as upstreams give them, written as in a master file. */
import type { EntryKey } from '../../../../src/blocks/dns/cache/entry.js';
import { Name } from '../../../../src/blocks/dns/name.js';
import { printRdata } from '../../../../src/blocks/dns/rdata/index.js';
import type { Question, ResourceRecord } from '../../../../src/blocks/dns/record.js';
import { type Message, makeMessage, parseType, Rcode, typeName } from '../../../../src/blocks/dns/wire.js';
import { record } from '../client/fake-server.js';

export function ask(name: string, type = 'A'): Question {
  return { name: Name.parse(name), type: parseType(type), class: 1 };
}

/** Without DO and CD. */
export function keyOf(name: string, type = 'A', parts: Partial<EntryKey> = {}): EntryKey {
  return { question: ask(name, type), dnssecOk: false, checkingDisabled: false, ...parts };
}

interface Sections {
  readonly answers?: readonly string[];
  readonly authorities?: readonly string[];
  readonly additionals?: readonly string[];
}

export function respond(
  question: Question,
  { answers = [], authorities = [], additionals = [] }: Sections = {},
  parts: Partial<Message> = {},
): Message {
  return makeMessage({
    response: true,
    recursionDesired: true,
    recursionAvailable: true,
    questions: [question],
    answers: answers.map(record),
    authorities: authorities.map(record),
    additionals: additionals.map(record),
    ...parts,
  });
}

export const SOA = 'shop.test. 900 SOA ns.shop.test. admin.shop.test. 1 3600 600 86400 60';

export function nxdomain(question: Question, soa = SOA, answers: readonly string[] = []): Message {
  return respond(question, { answers, authorities: [soa] }, { rcode: Rcode.NXDOMAIN });
}

/** As {@link record} reads them. */
export function shown(records: readonly ResourceRecord[]): string[] {
  return records.map(({ name, ttl, type, rdata }) => `${name} ${ttl} ${typeName(type)} ${printRdata(type, rdata)}`);
}
