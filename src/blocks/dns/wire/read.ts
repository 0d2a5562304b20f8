/**
 * Reads messages, strictly: a name may point only to what stands before it, counts and lengths have to be true, and nothing
 * may follow the last record. What is read is bounded by the octets that are there. Every error is `dns.malformed`.
 */
import { LONGEST_LABEL, LONGEST_NAME, Name } from '../name.js';
import { malformed, type NameCompression } from '../rdata/field.js';
import { checkRdata, fieldsOf } from '../rdata/index.js';
import type { Question, ResourceRecord } from '../record.js';
import { type Edns, type EdnsOption, Flag, HEADER_OCTETS, type Message } from './message.js';
import { RRType } from './mnemonics.js';
import { OctetWriter, readUint16, readUint32 } from './octets.js';

/** A length octet that begins with these bits is the first of a pointer (RFC 1035, section 4.1.4). */
const POINTER = 0xc0;
/** TTLs with the highest bit set count as the highest (RFC 8767, section 4). */
const HIGHEST_TTL = 0x7fff_ffff;
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

/** Error: `dns.malformed`. */
export function readName(bytes: Uint8Array, start: number, compression: NameCompression = 'both'): ReadName {
  const wire = new Uint8Array(LONGEST_NAME);
  let length = 0;
  let at = start;
  let end: number | undefined;
  /** A pointer must lead before the part of the name that it ends, so there can be no loop. */
  let before = start;
  for (;;) {
    const octet = bytes[at];
    if (octet === undefined) throw malformed('a name is cut short');
    if (octet > LONGEST_LABEL) {
      const low = bytes[at + 1];
      if (octet < POINTER) throw malformed(`a label begins with the reserved bits ${octet >>> 6}`);
      if (low === undefined) throw malformed('a pointer is cut short');
      if (compression === 'never') throw malformed('a name is compressed where it must not be');
      end ??= at + 2;
      at = ((octet & 0x3f) << 8) | low;
      if (at >= before || at < HEADER_OCTETS) throw malformed('a pointer does not lead to what stands before it');
      before = at;
      continue;
    }
    const next = at + 1 + octet;
    if (next > bytes.length) throw malformed('a label is cut short');
    if (length + 1 + octet > LONGEST_NAME) throw malformed('a name has more than 255 octets');
    for (let i = at; i < next; i++) wire[length++] = bytes[i] ?? 0;
    at = next;
    if (octet === 0) break;
  }
  return { name: Name.fromValidWire(wire.slice(0, length)), end: end ?? at };
}

class Reader {
  offset = HEADER_OCTETS;
  readonly #bytes: Uint8Array;
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
      options.push({ code, data: this.#bytes.slice(this.offset, dataEnd) });
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
    const fields = fieldsOf(type);
    const mayPoint = fields?.some(({ compression }) => compression === 'both' || compression === 'read') ?? false;
    // UPDATE and NOTIFY have records without data (RFC 2136, section 2.4); classes NONE and ANY say so.
    if (length === 0 && rrClass >= 254) return new Uint8Array();
    if (!mayPoint || fields === undefined) {
      const rdata = bytes.slice(start, end);
      checkRdata(type, rdata, rrClass);
      return rdata;
    }
    const out = new OctetWriter(64);
    let at = start;
    for (const { compression, end: endOf } of fields) {
      if (compression === undefined) {
        const next = endOf(bytes, at, end);
        out.octets(bytes, at, next);
        at = next;
        continue;
      }
      const read = readName(bytes, at, compression);
      if (read.end > end) throw malformed('a name passes the end of its record');
      out.octets(read.name.wire);
      at = read.end;
    }
    if (at !== end) throw malformed(`the data of a record has ${end - at} octets too many`);
    return out.take();
  }

  #name(): Name {
    const { name, end } = readName(this.#bytes, this.offset);
    this.offset = end;
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
