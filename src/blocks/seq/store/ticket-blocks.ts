/**
 * Tickets for a daemon: numbers are taken from the file in blocks and handed out from memory, so that most INCRs need
 * no flush. A block is on disk before its first number is handed out:
 *
 *     given out ──────────┐  ┌── next             last of the block = last in the file
 *     … 41 42 43 44 45 46 47 48 49 50 … 57 58
 *                  └─ block ──────────────┘       kill -9 here: 47 … 58 become a hole and are never given again
 *                                                 clean close: they are given back, if nobody took any after them
 *
 * Two processes on one file hold a block each: each sees rising numbers, all numbers differ, but the two interleave:
 * a number from one process may be lower than an earlier one from the other (as with CACHE in PostgreSQL's CREATE
 * SEQUENCE). Who needs one order over all processes takes straight from the file, or lets all ask one daemon.
 *
 * A block's size follows demand: 1 for a name that is asked now and then, so that a crash costs nothing, times
 * {@link GROWTH} whenever a block was used up in less than {@link QUICK_MS}, up to `maxBlock`; and down again.
 */
import type { Clock } from '../../../platform/clock.js';
import { DsError } from '../../../platform/errors.js';
import { checkCount, checkName, MAX_COUNT } from '../rules/tickets.js';
import type {
  GaplessRequest,
  GaplessTicket,
  Hole,
  TicketKey,
  TicketRange,
  TicketSummary,
  Tickets,
} from '../sequencer.js';
import type { StoredTickets } from './tickets.js';

const GROWTH = 4n;
const QUICK_MS = 1000;

export interface BlockTicketsOptions {
  readonly tickets: Tickets & Pick<StoredTickets, 'giveBack'>;
  readonly clock: Clock;
  /**
   * Most numbers taken ahead per name, which is the largest hole that a crash leaves. Default 10,000: at a million
   * INCRs a second that is a hundred flushes. 1 takes nothing ahead.
   */
  readonly maxBlock?: number;
  /** Names kept in memory; the one used least recently gives its block back. Default 10,000. */
  readonly maxNames?: number;
}

interface Waiter {
  readonly count: bigint;
  resolve(range: TicketRange): void;
  reject(error: unknown): void;
}

interface Block {
  /** Next number to hand out; beyond `last` when the block is used up. */
  next: bigint;
  /** Inclusive, and what the file holds unless somebody else took meanwhile. */
  last: bigint;
  size: bigint;
  /** Monotonic time of the last refill. */
  refilledAt: number;
  refilling: boolean;
  waiters: Waiter[];
}

export class BlockTickets implements Tickets {
  readonly #tickets: BlockTicketsOptions['tickets'];
  readonly #clock: Clock;
  readonly #maxBlock: bigint;
  readonly #maxNames: number;
  /** In the order of their last refill, the oldest first. */
  readonly #blocks = new Map<string, Block>();

  constructor(options: BlockTicketsOptions) {
    this.#tickets = options.tickets;
    this.#clock = options.clock;
    this.#maxBlock = BigInt(options.maxBlock ?? 10_000);
    this.#maxNames = options.maxNames ?? 10_000;
  }

  /** `count` numbers from memory, or undefined when the block has too few left: then {@link take} is to be used. */
  takeNow(name: string, count: bigint): TicketRange | undefined {
    const block = this.#blocks.get(name);
    if (block === undefined || block.refilling || count < 1n) return undefined;
    return cut(block, count);
  }

  async take(name: string, count: bigint): Promise<TicketRange> {
    checkName(name);
    checkCount(count);
    const block = this.#blocks.get(name) ?? this.#add(name);
    const range = block.refilling ? undefined : cut(block, count);
    if (range !== undefined) return range;
    return new Promise((resolve, reject) => {
      block.waiters.push({ count, resolve, reject });
      if (!block.refilling) void this.#refill(name, block);
    });
  }

  /** The highest number given out. Not counted: what this daemon has taken ahead. */
  async current(name: string): Promise<bigint | undefined> {
    const inFile = await this.#tickets.current(name);
    const block = this.#blocks.get(name);
    if (block === undefined || inFile !== block.last) return inFile;
    const given = block.next - 1n;
    return given === 0n ? undefined : given;
  }

  reserve(name: string, request: GaplessRequest): Promise<GaplessTicket> {
    return this.#tickets.reserve(name, request);
  }

  commit(ticket: TicketKey): Promise<void> {
    return this.#tickets.commit(ticket);
  }

  abort(ticket: TicketKey): Promise<void> {
    return this.#tickets.abort(ticket);
  }

  holes(name: string): Promise<Hole[]> {
    return this.#tickets.holes(name);
  }

  list(): Promise<TicketSummary[]> {
    return this.#tickets.list();
  }

  /** Gives back what is unused. Call it before the store's close, when no take is under way. */
  async close(): Promise<void> {
    const blocks = [...this.#blocks];
    this.#blocks.clear();
    await Promise.all(blocks.map(([name, block]) => this.#giveBack(name, block)));
  }

  #add(name: string): Block {
    const block: Block = {
      next: 1n,
      last: 0n,
      size: 1n,
      refilledAt: Number.NEGATIVE_INFINITY,
      refilling: false,
      waiters: [],
    };
    this.#blocks.set(name, block);
    this.#evict();
    return block;
  }

  async #refill(name: string, block: Block): Promise<void> {
    block.refilling = true;
    this.#blocks.delete(name);
    this.#blocks.set(name, block);
    this.#adaptSize(block);
    while (block.waiters.length > 0) {
      try {
        const taken = await this.#takeFor(name, block);
        // Contiguous when nobody else took: what was left of the block goes on. Else its rest becomes a hole.
        if (taken.first !== block.last + 1n || block.next > block.last) block.next = taken.first;
        block.last = taken.last;
        serve(block);
      } catch (error) {
        for (const waiter of block.waiters.splice(0)) waiter.reject(error);
      }
    }
    block.refilling = false;
    if (block.last === 0n) this.#blocks.delete(name);
  }

  /** Enough for all who wait, or for the first of them alone where the sequence is about to end. */
  async #takeFor(name: string, block: Block): Promise<TicketRange> {
    const asked = block.waiters.reduce((sum, waiter) => sum + waiter.count, 0n);
    const first = block.waiters[0]?.count ?? 1n;
    const wanted = min(max(asked, block.size), MAX_COUNT);
    try {
      return await this.#tickets.take(name, wanted);
    } catch (error) {
      const isNearEnd = error instanceof DsError && error.code === 'seq.ticket_exhausted' && wanted > first;
      if (!isNearEnd) throw error;
      return this.#tickets.take(name, first);
    }
  }

  #adaptSize(block: Block): void {
    const now = this.#clock.monotonic();
    const elapsed = now - block.refilledAt;
    block.refilledAt = now;
    if (elapsed < QUICK_MS) block.size = min(block.size * GROWTH, this.#maxBlock);
    else if (elapsed > 10 * QUICK_MS) block.size = block.size > GROWTH ? block.size / GROWTH : 1n;
  }

  #evict(): void {
    if (this.#blocks.size <= this.#maxNames) return;
    for (const [name, block] of this.#blocks) {
      if (block.refilling || block.last === 0n) continue;
      this.#blocks.delete(name);
      // Nobody waits for it; when it fails, the rest of the block stays a hole.
      this.#giveBack(name, block).catch(() => {});
      return;
    }
  }

  async #giveBack(name: string, { next, last }: Block): Promise<void> {
    if (next <= last) await this.#tickets.giveBack(name, { first: next, last });
  }
}

/** The next `count` numbers of the block, if it has as many. */
function cut(block: Block, count: bigint): TicketRange | undefined {
  const first = block.next;
  const next = first + count;
  if (next - 1n > block.last) return undefined;
  block.next = next;
  return { first, last: next - 1n };
}

/** Serves waiters in their order, as far as the block reaches. */
function serve(block: Block): void {
  let served = 0;
  for (const waiter of block.waiters) {
    const range = cut(block, waiter.count);
    if (range === undefined) break;
    waiter.resolve(range);
    served += 1;
  }
  block.waiters.splice(0, served);
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
