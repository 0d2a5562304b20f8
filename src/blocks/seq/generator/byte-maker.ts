/**
 * Makes uuid7, ulid, ksuid and xid. All rise strictly, also within a millisecond and across restarts: the tick is one
 * millisecond for every kind, also for those whose time field counts seconds.
 *
 *   uuid7   unix_ts_ms 48 │ ver 4 │ counter 12 │ var 2 │ counter 30 │ random 32
 *           RFC 9562 section 6.2 method 1, with the counter seeded afresh each millisecond, its top bit 0 so that
 *           2^41 IDs are left; the last 32 bits are random for each ID.
 *   ulid    unix ms 48 │ randomness 80
 *           ulid/spec "Monotonicity": the randomness is drawn per millisecond and incremented by one; when it would
 *           overflow the millisecond is exhausted.
 *   ksuid   seconds 32 │ millisecond 10 │ payload 118
 *           A second is too long to wait for after a restart, so the payload opens with the millisecond. It grows by a
 *           random step of up to 2^32 per ID: it rises, yet the next one cannot be guessed.
 *   xid     seconds 32 │ millisecond 10 │ source 30 │ counter 24
 *           The machine and process bytes hold the millisecond and 30 bits drawn once per source. The counter is
 *           seeded each millisecond, its top bit 0, and incremented by one; it never wraps (rs/xid's does).
 */
import type { Random } from '../../../platform/clock.js';
import type { IdBatch } from '../encoding/types.js';
import { type ByteLayout, timeExhausted } from '../layout/layout.js';
import type { IdMaker } from './maker.js';
import { RandomPool } from './random-pool.js';

/** The bytes of one kind, kept as big-endian 32-bit words. */
interface ByteState {
  /** Sets time, and seeds what follows it. */
  open(ms: number, words: Uint32Array, pool: RandomPool): void;
  /** Moves on to the next ID of the millisecond; false when there is none. */
  next(words: Uint32Array, pool: RandomPool): boolean;
}

export class ByteMaker implements IdMaker {
  readonly tickMs = 1;
  readonly epoch: number;
  readonly ticks: number;
  readonly #layout: ByteLayout;
  readonly #pool: RandomPool;
  readonly #state: ByteState;
  readonly #words: Uint32Array;
  /** Whether #words already holds an ID that was not handed out: the first of a millisecond. */
  #fresh = false;
  #bytes = Buffer.alloc(0);
  #at = 0;

  constructor(layout: ByteLayout, random: Random) {
    this.epoch = layout.epoch;
    this.ticks = layout.endsAt - layout.epoch;
    this.#layout = layout;
    this.#pool = new RandomPool(random);
    this.#words = new Uint32Array(layout.byteLength / 4);
    this.#state = stateOf(layout, this.#pool);
  }

  setWorker(): void {
    // The number is not part of the ID.
  }

  begin(count: number): void {
    this.#bytes = Buffer.allocUnsafe(count * this.#layout.byteLength);
    this.#at = 0;
  }

  open(tick: number): void {
    if (tick >= this.ticks) throw timeExhausted(this.#layout);
    this.#state.open(tick, this.#words, this.#pool);
    this.#fresh = true;
  }

  make(count: number): number {
    const words = this.#words;
    const out = this.#bytes;
    let at = this.#at;
    let made = 0;
    for (; made < count; made++) {
      if (this.#fresh) this.#fresh = false;
      else if (!this.#state.next(words, this.#pool)) break;
      for (let i = 0; i < words.length; i++, at += 4) {
        const word = words[i] as number;
        out[at] = word >>> 24;
        out[at + 1] = word >>> 16;
        out[at + 2] = word >>> 8;
        out[at + 3] = word;
      }
    }
    this.#at = at;
    return made;
  }

  finish(): IdBatch {
    const count = this.#at / this.#layout.byteLength;
    return { family: 'bytes', layout: this.#layout, count, bytes: this.#bytes.subarray(0, this.#at) };
  }
}

function stateOf(layout: ByteLayout, pool: RandomPool): ByteState {
  switch (layout.name) {
    case 'uuid7':
      return uuid7;
    case 'ulid':
      return ulid;
    case 'ksuid':
      return ksuid;
    case 'xid':
      return xid(pool.word() >>> 2);
  }
}

const uuid7: ByteState = {
  open(ms, words, pool) {
    words[0] = Math.floor(ms / 65_536);
    words[1] = ((ms % 65_536) << 16) | 0x7000 | (pool.word() & 0x7ff);
    words[2] = 0x8000_0000 | (pool.word() >>> 2);
    words[3] = pool.word();
  },
  next(words, pool) {
    const low = (words[2] as number) & 0x3fff_ffff;
    words[2] = 0x8000_0000 | ((low + 1) & 0x3fff_ffff);
    if (low === 0x3fff_ffff) {
      const high = (words[1] as number) & 0xfff;
      if (high === 0xfff) return false;
      words[1] = (words[1] as number) + 1;
    }
    words[3] = pool.word();
    return true;
  },
};

const ulid: ByteState = {
  open(ms, words, pool) {
    words[0] = Math.floor(ms / 65_536);
    words[1] = ((ms % 65_536) << 16) | (pool.word() & 0xffff);
    words[2] = pool.word();
    words[3] = pool.word();
  },
  next(words) {
    return addToTail(words, 1, 16);
  },
};

const ksuid: ByteState = {
  open(tick, words, pool) {
    words[0] = Math.floor(tick / 1000);
    words[1] = ((tick % 1000) << 22) | (pool.word() >>> 10);
    words[2] = pool.word();
    words[3] = pool.word();
    words[4] = pool.word();
  },
  next(words, pool) {
    return addToTail(words, pool.word() + 1, 22);
  },
};

/** @param source 30 bits that tell this source from every other */
function xid(source: number): ByteState {
  return {
    open(ms, words, pool) {
      words[0] = Math.floor(ms / 1000);
      words[1] = ((ms % 1000) << 22) | (source >>> 8);
      words[2] = ((source & 0xff) << 24) | (pool.word() & 0x7f_ffff);
    },
    next(words) {
      if (((words[2] as number) & 0xff_ffff) === 0xff_ffff) return false;
      words[2] = (words[2] as number) + 1;
      return true;
    },
  };
}

/**
 * Adds to the words after the first, of which `words[1]` takes part with its lowest `bits` bits only. False, and
 * nothing changed that would be handed out, when those overflow.
 */
function addToTail(words: Uint32Array, amount: number, bits: number): boolean {
  let carry = amount;
  for (let i = words.length - 1; i >= 2 && carry > 0; i--) {
    const sum = (words[i] as number) + carry;
    words[i] = sum;
    carry = sum >= 2 ** 32 ? 1 : 0;
  }
  if (carry === 0) return true;
  const mask = 2 ** bits - 1;
  if (((words[1] as number) & mask) === mask) return false;
  words[1] = (words[1] as number) + 1;
  return true;
}
