/**
 * Messages (RFC 1035, section 4.1) with EDNS (RFC 6891):
 *
 *     0      2       4       6       8       10      12
 *     │ id   │ flags │ QD    │ AN    │ NS    │ AR    │ questions, then records of the three sections
 *              QR opcode4 AA TC RD RA Z AD CD rcode4
 *
 * OPT is taken out of the additional section and stands in `edns`; `rcode` has its upper eight bits from there.
 */
import type { Question, ResourceRecord } from '../record.js';

export interface Message {
  readonly id: number;
  /** QR: it is a response. */
  readonly response: boolean;
  readonly opcode: number;
  /** AA */
  readonly authoritative: boolean;
  /** TC */
  readonly truncated: boolean;
  /** RD */
  readonly recursionDesired: boolean;
  /** RA */
  readonly recursionAvailable: boolean;
  /** AD (RFC 4035, section 3.2.3) */
  readonly authenticData: boolean;
  /** CD (RFC 4035, section 3.2.2) */
  readonly checkingDisabled: boolean;
  /** Reserved, must be zero; kept for dig's warning. */
  readonly zero: boolean;
  /** 12 bits with EDNS, else 4. */
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
  readonly edns?: Edns;
}

export interface Edns {
  /** The largest UDP payload that the sender takes, octets. */
  readonly udpSize: number;
  readonly version: number;
  /** DO (RFC 3225) */
  readonly dnssecOk: boolean;
  readonly options: readonly EdnsOption[];
}

export interface EdnsOption {
  readonly code: number;
  readonly data: Uint8Array;
}

/** IANA, dns-parameters-11. */
export const EdnsOptionCode = {
  NSID: 3,
  CLIENT_SUBNET: 8,
  COOKIE: 10,
  TCP_KEEPALIVE: 11,
  PADDING: 12,
  EXTENDED_ERROR: 15,
} as const;

/** The flag word. */
export const Flag = {
  QR: 0x8000,
  AA: 0x0400,
  TC: 0x0200,
  RD: 0x0100,
  RA: 0x0080,
  Z: 0x0040,
  AD: 0x0020,
  CD: 0x0010,
} as const;

export const HEADER_OCTETS = 12;
export const LONGEST_MESSAGE = 65_535;
/** Octets of a message over UDP that pass everywhere in one piece (RFC 6891, section 6.2.5; DNS flag day 2020). */
export const SAFE_UDP_SIZE = 1_232;

/** What a message is made of when nothing else is said. */
const blank = {
  id: 0,
  response: false,
  opcode: 0,
  authoritative: false,
  truncated: false,
  recursionDesired: false,
  recursionAvailable: false,
  authenticData: false,
  checkingDisabled: false,
  zero: false,
  rcode: 0,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
} as const satisfies Message;

export function makeMessage(parts: Partial<Message>): Message {
  return { ...blank, ...parts };
}

/** The response to a query, without anything in it yet: id, opcode, question, RD and CD are taken over. */
export function responseTo(query: Message, parts: Partial<Message> = {}): Message {
  const { id, opcode, recursionDesired, checkingDisabled, questions } = query;
  return { ...blank, id, opcode, recursionDesired, checkingDisabled, questions, response: true, ...parts };
}
