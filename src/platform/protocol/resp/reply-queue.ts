/**
 * Replies of one connection in the order of their commands, some of them still outstanding:
 *
 *     head ─▶ [outstanding] ─▶ [settled] ─▶ [outstanding] ─▶ [settled] ◀─ tail
 *
 * Only a settled head can leave.
 */
import type { Reply, TaggedReply } from './reply.js';

export interface ReplySlot {
  /** undefined while outstanding. */
  settled: { readonly reply: Reply } | undefined;
  next: ReplySlot | undefined;
  /** Settled, it leaves without a word: CLIENT REPLY. */
  readonly leftOut: boolean;
}

/** What a small reply is counted as, in bytes. */
const SMALL = 64;

export class ReplyQueue {
  size = 0;
  /** Roughly the memory that settled replies hold. */
  bytes = 0;
  #head: ReplySlot | undefined;
  #tail: ReplySlot | undefined;

  /** Whether the head is settled. */
  get ready(): boolean {
    return this.#head?.settled !== undefined;
  }

  reserve(leftOut = false): ReplySlot {
    const slot: ReplySlot = { settled: undefined, next: undefined, leftOut };
    if (this.#tail === undefined) this.#head = slot;
    else this.#tail.next = slot;
    this.#tail = slot;
    this.size++;
    return slot;
  }

  append(reply: Reply): void {
    this.settle(this.reserve(), reply);
  }

  /** Whether the slot is the head, so that something can leave now. */
  settle(slot: ReplySlot, reply: Reply): boolean {
    slot.settled = { reply };
    this.bytes += weight(reply);
    return slot === this.#head;
  }

  /** Takes the settled head out; undefined where it is left out. */
  shift(): Reply | undefined {
    const head = this.#head;
    if (head?.settled === undefined) throw new TypeError('no reply is ready');
    this.#head = head.next;
    if (this.#head === undefined) this.#tail = undefined;
    this.size--;
    const { reply } = head.settled;
    this.bytes -= weight(reply);
    return head.leftOut ? undefined : reply;
  }
}

function weightOfTagged(reply: TaggedReply): number {
  if (reply.type === 'raw') return reply.bytes.length;
  return reply.type === 'bytes' ? reply.text.length : 0;
}

function weight(reply: Reply): number {
  if (typeof reply === 'string' || Buffer.isBuffer(reply)) return SMALL + reply.length;
  if (typeof reply !== 'object' || reply === null) return SMALL;
  if ('type' in reply) return SMALL + weightOfTagged(reply);
  return SMALL * (1 + reply.length);
}
