/**
 * Queries and responses as a load sees them: the id, and of what is said only the rcode and whether it is all.
 *
 *     code   │ TC │ rcode, 4 bits │        the upper bits of an extended rcode are not looked for: that would be reading it all
 */
import type { MessageCodec } from '../../../../platform/load/datagram-link.js';
import type { AnswerClass } from '../../../../platform/load/driver.js';
import type { StreamCodec } from '../../../../platform/load/placed-socket-link.js';
import { HEADER_OCTETS, Rcode, rcodeName } from '../../wire.js';
import type { QueryList } from './query-list.js';

const TC = 16;
const RCODE = 15;

export const answerClasses = [
  { name: 'NOERROR', tone: 'good' },
  { name: 'NXDOMAIN', tone: 'attention' },
  { name: 'truncated', tone: 'attention' },
  { name: 'errors', tone: 'wrong' },
] as const satisfies readonly AnswerClass[];

/** Index into {@link answerClasses}. */
export function classOfCode(code: number): number {
  if ((code & TC) !== 0) return 2;
  return code === Rcode.NOERROR ? 0 : code === Rcode.NXDOMAIN ? 1 : 3;
}

export function labelOfCode(code: number): string {
  const name = rcodeName(code & RCODE);
  return (code & TC) === 0 ? name : `${name}+TC`;
}

function idOf(message: Uint8Array): number {
  const [high = 0, low = 0, flags = 0] = message;
  // QR: it is a response.
  return message.length < HEADER_OCTETS || (flags & 0x80) === 0 ? -1 : (high << 8) | low;
}

function codeOf(message: Uint8Array): number {
  const [, , high = 0, low = 0] = message;
  return (low & RCODE) | ((high & 0x02) === 0 ? 0 : TC);
}

export function datagramCodec(queries: QueryList): MessageCodec {
  return {
    request(id) {
      // Node sends it later when the system's buffer is full: it must be nobody else's.
      const message = new Uint8Array(queries.nextLength);
      queries.write(id, message, 0);
      return message;
    },
    idOf,
    codeOf,
  };
}

const LENGTH_OCTETS = 2;

/** Messages behind their lengths (RFC 1035, section 4.2.2). Of a response no more is kept than its header. */
export class FramedCodec implements StreamCodec {
  problem = '';
  readonly #queries: QueryList;
  readonly #head = new Uint8Array(LENGTH_OCTETS + HEADER_OCTETS);
  /** Octets of the message under way that have come, its length included. */
  #held = 0;

  constructor(queries: QueryList) {
    this.#queries = queries;
  }

  begin(): void {
    this.#held = 0;
    this.problem = '';
  }

  requests(ids: readonly number[]): Uint8Array {
    const messages = ids.map((id) => {
      const { nextLength: length } = this.#queries;
      const framed = new Uint8Array(LENGTH_OCTETS + length);
      framed[0] = length >>> 8;
      framed[1] = length & 0xff;
      this.#queries.write(id, framed, LENGTH_OCTETS);
      return framed;
    });
    return Buffer.concat(messages);
  }

  receive(chunk: Uint8Array, length: number, answered: (id: number, code: number) => void): void {
    for (let at = 0; at < length && this.problem === ''; ) {
      const wanted = this.#held < LENGTH_OCTETS ? LENGTH_OCTETS : LENGTH_OCTETS + this.#messageLength;
      const taken = Math.min(wanted - this.#held, length - at);
      const room = this.#head.subarray(this.#held);
      room.set(chunk.subarray(at, at + Math.min(taken, room.length)));
      this.#held += taken;
      at += taken;
      this.#settle(answered);
    }
  }

  get #messageLength(): number {
    return ((this.#head[0] ?? 0) << 8) | (this.#head[1] ?? 0);
  }

  /** Tells of the message when it is whole. */
  #settle(answered: (id: number, code: number) => void): void {
    if (this.#held < LENGTH_OCTETS) return;
    const { length } = this.#head;
    if (this.#messageLength < HEADER_OCTETS) this.problem = `a message of ${this.#messageLength} octets`;
    else if (this.#held === LENGTH_OCTETS + this.#messageLength) {
      const header = this.#head.subarray(LENGTH_OCTETS, length);
      const id = idOf(header);
      if (id < 0) this.problem = 'a query, where a response was expected';
      else answered(id, codeOf(header));
      this.#held = 0;
    }
  }
}
