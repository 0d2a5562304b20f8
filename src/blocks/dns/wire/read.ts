/**
 * Reads messages, strictly: a name may point only to what stands before it, counts and lengths have to be true, and nothing
 * may follow the last record. What is read is bounded by the octets that are there. Every error is `dns.malformed`.
 */
import type { Name } from '../name.js';
import { malformed, type NameCompression, tooLong } from '../rdata/field.js';
import { HIGHEST_TTL } from '../rdata/numbers.js';
import { checkFields, hasData, type Layout, layoutOf } from '../rdata/schema.js';
import type { Question, ResourceRecord } from '../record.js';
import { type Edns, type EdnsOption, Flag, HEADER_OCTETS, type Message } from './message.js';
import { RRType } from './mnemonics.js';
import { NameReader, POINTER } from './name-reader.js';
import { copyOctets, OctetWriter, readUint16, readUint32 } from './octets.js';

const FIXED_RECORD_OCTETS = 10;

/** A message, whole. Error: `dns.malformed`. */
export function readMessage(bytes: Uint8Array): Message {
  const reader = new Reader(bytes);
  const message = reader.message();
  if (reader.offset !== bytes.length) throw malformed(`${bytes.length - reader.offset} octets follow the message`);
  return message;
}

/** Where a name ends, and the name. */
interface ReadName {
  readonly name: Name;
  readonly end: number;
}

/** Names go through here one after another; nothing is kept in it between calls. */
const names = new NameReader();

/** Error: `dns.malformed`. */
export function readName(bytes: Uint8Array, start: number, compression: NameCompression = 'both'): ReadName {
  const end = names.read(bytes, start, compression);
  return { name: names.take(), end };
}

/** Where data with names in it is put together. */
const expanded = new OctetWriter();

class Reader {
  offset = HEADER_OCTETS;
  readonly #bytes: Uint8Array;
  /** By where they stand: many names are nothing but a pointer to one of these. */
  readonly #names = new Map<number, Name>();
  #edns: { readonly edns: Edns; readonly rcode: number } | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    if (bytes.length < HEADER_OCTETS) throw malformed(`a message of ${bytes.length} octets has no header`);
  }

  message(): Message {
    const bytes = this.#bytes;
    const flags = readUint16(bytes, 2);
    const questions = this.#questions(readUint16(bytes, 4));
    const answers = this.#records(readUint16(bytes, 6), false);
    const authorities = this.#records(readUint16(bytes, 8), false);
    const additionals = this.#records(readUint16(bytes, 10), true);
    return {
      id: readUint16(bytes, 0),
      response: (flags & Flag.QR) !== 0,
      opcode: (flags >>> 11) & 15,
      authoritative: (flags & Flag.AA) !== 0,
      truncated: (flags & Flag.TC) !== 0,
      recursionDesired: (flags & Flag.RD) !== 0,
      recursionAvailable: (flags & Flag.RA) !== 0,
      zero: (flags & Flag.Z) !== 0,
      authenticData: (flags & Flag.AD) !== 0,
      checkingDisabled: (flags & Flag.CD) !== 0,
      rcode: ((this.#edns?.rcode ?? 0) << 4) | (flags & 15),
      questions,
      answers,
      authorities,
      additionals,
      ...(this.#edns && { edns: this.#edns.edns }),
    };
  }

  #questions(count: number): Question[] {
    const questions: Question[] = [];
    for (let i = 0; i < count; i++) {
      const name = this.#name();
      this.#need(4, 'a question');
      questions.push({ name, type: this.#uint16(), class: this.#uint16() });
    }
    return questions;
  }

  #records(count: number, mayHoldOpt: boolean): ResourceRecord[] {
    const records: ResourceRecord[] = [];
    for (let i = 0; i < count; i++) {
      const name = this.#name();
      this.#need(FIXED_RECORD_OCTETS, 'a record');
      const type = this.#uint16();
      const rrClass = this.#uint16();
      const ttl = readUint32(this.#bytes, this.offset);
      this.offset += 4;
      const length = this.#uint16();
      this.#need(length, 'the data of a record');
      if (type === RRType.OPT) this.#opt(name, rrClass, ttl, length, mayHoldOpt);
      else
        records.push({
          name,
          type,
          class: rrClass,
          // One with the highest bit set counts as the highest (RFC 8767, section 4).
          ttl: Math.min(ttl, HIGHEST_TTL),
          rdata: this.#rdata(type, rrClass, length),
        });
    }
    return records;
  }

  /** RFC 6891, section 6.1. */
  #opt(name: Name, udpSize: number, ttl: number, length: number, mayBe: boolean): void {
    if (!mayBe) throw malformed('OPT stands outside of the additional section');
    if (this.#edns !== undefined) throw malformed('OPT stands twice');
    if (!name.isRoot) throw malformed('the name of OPT is not the root');
    const end = this.offset + length;
    const options: EdnsOption[] = [];
    while (this.offset < end) {
      if (this.offset + 4 > end) throw malformed('an option is cut short');
      const code = this.#uint16();
      const dataEnd = this.#uint16() + this.offset;
      if (dataEnd > end) throw malformed('an option is cut short');
      options.push({ code, data: copyOctets(this.#bytes, this.offset, dataEnd) });
      this.offset = dataEnd;
    }
    const edns = { udpSize, version: (ttl >>> 16) & 0xff, dnssecOk: (ttl & 0x8000) !== 0, options };
    this.#edns = { edns, rcode: ttl >>> 24 };
  }

  /** The data with its names uncompressed. */
  #rdata(type: number, rrClass: number, length: number): Uint8Array {
    const bytes = this.#bytes;
    const start = this.offset;
    const end = start + length;
    this.offset = end;
    const layout = hasData(length, rrClass) ? layoutOf(type, rrClass) : undefined;
    if (layout === undefined) return copyOctets(bytes, start, end);
    if (layout.mayPoint) return this.#expanded(layout, start, end);
    checkFields(layout, bytes, start, end);
    return copyOctets(bytes, start, end);
  }

  #expanded({ fields }: Layout, start: number, end: number): Uint8Array {
    const bytes = this.#bytes;
    expanded.truncate(0);
    let at = start;
    for (const { compression, end: endOf } of fields) {
      if (compression === undefined) {
        const next = endOf(bytes, at, end);
        expanded.octets(bytes, at, next);
        at = next;
        continue;
      }
      at = names.read(bytes, at, compression);
      if (at > end) throw malformed('a name passes the end of its record');
      expanded.octets(names.octets, 0, names.length);
    }
    if (at !== end) throw tooLong(end - at);
    return expanded.take();
  }

  #name(): Name {
    const bytes = this.#bytes;
    const start = this.offset;
    const high = bytes[start] ?? 0;
    const place = high < POINTER ? start : ((high & 0x3f) << 8) | (bytes[start + 1] ?? 0);
    const known = this.#names.get(place);
    if (known !== undefined) {
      this.offset += 2;
      return known;
    }
    this.offset = names.read(bytes, start, 'both');
    const name = names.take();
    this.#names.set(place, name);
    return name;
  }

  #uint16(): number {
    const value = readUint16(this.#bytes, this.offset);
    this.offset += 2;
    return value;
  }

  #need(octets: number, what: string): void {
    if (this.offset + octets > this.#bytes.length) throw malformed(`${what} is cut short`);
  }
}
