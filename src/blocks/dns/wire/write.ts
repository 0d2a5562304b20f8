/**
 * Writes messages, names compressed (RFC 1035, section 4.1.4). One that does not fit loses whole RRsets from its end, and says
 * so by TC unless only additional records are missing (RFC 2181, section 9).
 */
import { dnsErrors } from '../errors.js';
import { lowerKey, type Name } from '../name.js';
import { fieldsOf } from '../rdata/index.js';
import type { ResourceRecord } from '../record.js';
import { type Edns, type EdnsOption, Flag, HEADER_OCTETS, LONGEST_MESSAGE, type Message } from './message.js';
import { RRType } from './mnemonics.js';
import { OctetWriter } from './octets.js';

/** A pointer has 14 bits. */
const FARTHEST_POINTER = 0x3fff;
const OPT_OCTETS = 11;

export interface WriteOptions {
  /** Octets; default 65,535. Questions and OPT always fit: below 512 is no use. */
  readonly limit?: number;
}

/** Error: `dns.message_too_long`, when even question and OPT do not fit. */
export function writeMessage(message: Message, { limit = LONGEST_MESSAGE }: WriteOptions = {}): Uint8Array {
  return new MessageWriter(message, limit).write();
}

class MessageWriter {
  readonly #message: Message;
  readonly #limit: number;
  readonly #out = new OctetWriter();
  /** Where each suffix of a name that was written stands, by its key. */
  readonly #places = new Map<string, number>();

  constructor(message: Message, limit: number) {
    this.#message = message;
    this.#limit = Math.min(limit, LONGEST_MESSAGE) - ednsOctets(message.edns);
  }

  write(): Uint8Array {
    const { questions, answers, authorities, additionals, edns } = this.#message;
    const out = this.#out;
    out.octets(new Uint8Array(HEADER_OCTETS));
    for (const { name, type, class: rrClass } of questions) {
      this.#name(name);
      out.uint16(type);
      out.uint16(rrClass);
    }
    if (out.length > this.#limit)
      throw dnsErrors.error('dns.message_too_long', 'the question does not fit into the message');
    const counts = [questions.length, 0, 0, 0];
    let isCut = false;
    for (const [index, section] of [answers, authorities, additionals].entries()) {
      const written = isCut ? 0 : this.#section(section);
      counts[index + 1] = written;
      if (written < section.length && index < 2) isCut = true;
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
    let whole = 0;
    for (let i = 0; i < records.length; ) {
      const start = out.length;
      let next = i;
      for (; next < records.length && isSameSet(records[i], records[next]); next++) {
        const record = records[next];
        if (record !== undefined) this.#record(record);
      }
      if (out.length > this.#limit) {
        this.#forget(start);
        return whole;
      }
      whole = next;
      i = next;
    }
    return whole;
  }

  #forget(from: number): void {
    this.#out.truncate(from);
    for (const [key, place] of this.#places) if (place >= from) this.#places.delete(key);
  }

  #record({ name, type, class: rrClass, ttl, rdata }: ResourceRecord): void {
    const out = this.#out;
    this.#name(name);
    out.uint16(type);
    out.uint16(rrClass);
    out.uint32(ttl);
    const lengthAt = out.length;
    out.uint16(0);
    this.#rdata(type, rdata);
    out.patchUint16(lengthAt, out.length - lengthAt - 2);
  }

  #rdata(type: number, rdata: Uint8Array): void {
    const fields = fieldsOf(type);
    if (fields === undefined || rdata.length === 0 || !fields.some(({ compression }) => compression === 'both')) {
      this.#out.octets(rdata);
      return;
    }
    let at = 0;
    for (const { compression, end } of fields) {
      const next = end(rdata, at, rdata.length);
      if (compression === 'both') this.#compressed(rdata, at, next);
      else this.#out.octets(rdata, at, next);
      at = next;
    }
  }

  #name(name: Name): void {
    this.#compressed(name.wire, 0, name.wire.length);
  }

  /** The name at `start`, its longest known suffix as a pointer. */
  #compressed(wire: Uint8Array, start: number, end: number): void {
    const out = this.#out;
    const key = lowerKey(wire, start, end);
    let at = start;
    for (; at < end - 1; at += (wire[at] ?? 0) + 1) {
      const suffix = key.slice(at - start);
      const place = this.#places.get(suffix);
      if (place !== undefined) {
        out.uint16(0xc000 | place);
        return;
      }
      if (out.length <= FARTHEST_POINTER) this.#places.set(suffix, out.length);
      out.octets(wire, at, at + 1 + (wire[at] ?? 0));
    }
    out.uint8(0);
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

function optionOctets(options: readonly EdnsOption[]): number {
  return options.reduce((sum, { data }) => sum + 4 + data.length, 0);
}

function ednsOctets(edns: Edns | undefined): number {
  return edns === undefined ? 0 : OPT_OCTETS + optionOctets(edns.options);
}

function isSameSet(a: ResourceRecord | undefined, b: ResourceRecord | undefined): boolean {
  return (
    a !== undefined &&
    b !== undefined &&
    (a === b || (a.type === b.type && a.class === b.class && a.name.equals(b.name)))
  );
}
