/**
 * Writes messages, names compressed (RFC 1035, section 4.1.4). One that does not fit loses whole RRsets from its end, and says
 * so by TC unless only additional records are missing that nobody needs.
 */
import { dnsErrors } from '../errors.js';
import { HIGHEST_TTL } from '../rdata/numbers.js';
import { layoutOf } from '../rdata/schema.js';
import type { ResourceRecord } from '../record.js';
import { type Edns, type EdnsOption, Flag, HEADER_OCTETS, LONGEST_MESSAGE, type Message } from './message.js';
import { RRType } from './mnemonics.js';
import { OctetWriter } from './octets.js';
import { WrittenNames } from './written-names.js';

const OPT_OCTETS = 11;

export interface WriteOptions {
  /** Octets; default 65,535. Questions and OPT always fit: below 512 is no use. */
  readonly limit?: number;
}

/** Error: `dns.message_too_long`, when even question and OPT do not fit; `dns.unwritable`. */
export function writeMessage(message: Message, { limit = LONGEST_MESSAGE }: WriteOptions = {}): Uint8Array {
  const { id, opcode, rcode, edns } = message;
  check(id, 0xffff, 'id');
  check(opcode, 15, 'opcode');
  check(rcode, edns === undefined ? 15 : 0xfff, edns === undefined ? 'rcode without EDNS' : 'rcode');
  return new MessageWriter(message, limit).write();
}

/** Messages are put together here, one after another: making room for each takes longer than writing a short one. */
const page = new OctetWriter();

class MessageWriter {
  readonly #message: Message;
  readonly #limit: number;
  readonly #out: OctetWriter;
  readonly #names: WrittenNames;

  constructor(message: Message, limit: number) {
    this.#message = message;
    this.#out = page;
    this.#out.truncate(0);
    this.#names = new WrittenNames(this.#out);
    this.#limit = Math.min(limit, LONGEST_MESSAGE) - ednsOctets(message.edns);
  }

  write(): Uint8Array {
    const { questions, answers, authorities, additionals, edns } = this.#message;
    const out = this.#out;
    out.octets(new Uint8Array(HEADER_OCTETS));
    for (const { name, type, class: rrClass } of questions) {
      this.#names.write(name.wire, 0, false);
      out.uint16(type);
      out.uint16(rrClass);
    }
    if (out.length > this.#limit)
      throw dnsErrors.error('dns.message_too_long', 'the question does not fit into the message');
    const counts = [questions.length, 0, 0, 0];
    let isCut = false;
    for (const [index, section] of [answers, authorities, additionals].entries()) {
      const written: number = isCut ? 0 : this.#section(section);
      counts[index + 1] = written;
      if (written < section.length) isCut ||= index < 2 || isGlueMissing(this.#message, written);
    }
    if (edns !== undefined) {
      this.#opt(edns);
      counts[3] = (counts[3] ?? 0) + 1;
    }
    this.#header(isCut, counts);
    return out.take();
  }

  /** As many whole RRsets as fit; how many records that are. */
  #section(records: readonly ResourceRecord[]): number {
    const out = this.#out;
    let first = records[0];
    let whole = 0;
    let end = out.length;
    for (const [index, record] of records.entries()) {
      if (first !== undefined && !isSameSet(first, record)) {
        first = record;
        whole = index;
        end = out.length;
      }
      this.#record(record);
      if (out.length > this.#limit) {
        out.truncate(end);
        return whole;
      }
    }
    return records.length;
  }

  #record({ name, type, class: rrClass, ttl, rdata }: ResourceRecord): void {
    const out = this.#out;
    check(ttl, HIGHEST_TTL, 'TTL');
    this.#names.write(name.wire, 0, true);
    out.uint16(type);
    out.uint16(rrClass);
    out.uint32(ttl);
    const lengthAt = out.length;
    out.uint16(0);
    this.#rdata(type, rrClass, rdata);
    out.patchUint16(lengthAt, out.length - lengthAt - 2);
  }

  #rdata(type: number, rrClass: number, rdata: Uint8Array): void {
    const layout = layoutOf(type, rrClass);
    if (layout === undefined || !layout.compresses || rdata.length === 0) {
      this.#out.octets(rdata);
      return;
    }
    let at = 0;
    for (const { compression, end } of layout.fields) {
      const next = end(rdata, at, rdata.length);
      if (compression === 'both') this.#names.write(rdata, at, false);
      else this.#out.octets(rdata, at, next);
      at = next;
    }
  }

  #opt({ udpSize, version, dnssecOk, options }: Edns): void {
    const out = this.#out;
    out.uint8(0);
    out.uint16(RRType.OPT);
    out.uint16(udpSize);
    out.uint8(this.#message.rcode >>> 4);
    out.uint8(version);
    out.uint16(dnssecOk ? 0x8000 : 0);
    out.uint16(optionOctets(options));
    for (const { code, data } of options) {
      out.uint16(code);
      out.uint16(data.length);
      out.octets(data);
    }
  }

  #header(isCut: boolean, counts: readonly number[]): void {
    const message = this.#message;
    const flags =
      (message.response ? Flag.QR : 0) |
      (message.opcode << 11) |
      (message.authoritative ? Flag.AA : 0) |
      (message.truncated || isCut ? Flag.TC : 0) |
      (message.recursionDesired ? Flag.RD : 0) |
      (message.recursionAvailable ? Flag.RA : 0) |
      (message.zero ? Flag.Z : 0) |
      (message.authenticData ? Flag.AD : 0) |
      (message.checkingDisabled ? Flag.CD : 0) |
      (message.rcode & 15);
    for (const [index, value] of [message.id, flags, ...counts].entries()) this.#out.patchUint16(index * 2, value);
  }
}

/** What has no place in its field would be something else on the wire. Error: `dns.unwritable`. */
function check(value: number, most: number, what: string): void {
  if (!Number.isInteger(value) || value < 0 || value > most)
    throw dnsErrors.error('dns.unwritable', `${what} is ${value}, not a whole number from 0 to ${most}`);
}

function optionOctets(options: readonly EdnsOption[]): number {
  return options.reduce((sum, { data }) => sum + 4 + data.length, 0);
}

function ednsOctets(edns: Edns | undefined): number {
  return edns === undefined ? 0 : OPT_OCTETS + optionOctets(edns.options);
}

function isSameSet(a: ResourceRecord, b: ResourceRecord): boolean {
  return a.type === b.type && a.class === b.class && a.name.equals(b.name);
}

/**
 * Whether a referral lacks an address of a name server below the very zone that it delegates: nobody can go on without (RFC
 * 9471, section 3). Other additional records are a help, no more (RFC 2181, section 9).
 */
function isGlueMissing({ answers, authoritative, authorities, additionals }: Message, written: number): boolean {
  if (answers.length > 0 || authoritative) return false;
  const delegations = authorities.filter(({ type }) => type === RRType.NS);
  return additionals.slice(written).some(({ type, name }) => {
    return (type === RRType.A || type === RRType.AAAA) && delegations.some((set) => name.isWithin(set.name));
  });
}
