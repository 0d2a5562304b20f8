/**
 * Sends a batch until each of its entries is delivered or refused.
 *
 *     whole, or piece by piece ──delivered──▶ done
 *       ├─ retry ──backoff, Retry-After──▶ whole
 *       ├─ refused, and which ──▶ those
 *       └─ refused ──▶ halves ──▶ … ──▶ the entries alone that are refused
 *
 * One bad entry of 1,000 costs some 20 requests. A receiver that refuses everything would cost twice as many as there are entries, hence the
 * bound; what is left then is refused as a whole.
 */
import { type Clock, fraction, type Random } from '../../../../platform/clock.js';
import { ClosedPipe } from '../../../../platform/closed-pipe.js';
import { backoffMs } from '../../../../platform/daemon/backoff.js';
import { messageOf } from '../../../../platform/errors.js';
import type { EntryBatch } from '../../entry-batch.js';
import { part } from '../../entry-batches.js';
import type { Delivery, EntryRange, Sink } from '../sink.js';

/** Of one batch, while the entry is looked for that is refused. */
const MOST_PARTS = 200;
/** A Retry-After is believed up to here, milliseconds. */
const LONGEST_WAIT_MS = 5 * 60_000;

export interface Attempts {
  readonly sink: Sink;
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds for one. */
  readonly timeoutMs: number;
  /** No further attempt: a wait ends at once, the one under way goes on. */
  readonly stopping: AbortSignal;
  /** Breaks off the one under way, too. */
  readonly broken: AbortSignal;
  onFailure(reason: string, waitMs: number): void;
}

export interface Refused {
  readonly reason: string;
  /** Indexes of the batch, rising. */
  readonly entries: readonly number[];
  /** The receiver said how many, not which: these stand for them in the ledger, and are no dead letters. */
  readonly isCountOnly?: boolean;
}

/** Rejects with the reason of `stopping` or `broken` when it is given up, and with ClosedPipe where nothing will be taken ever again. */
export async function sendUntilSettled(batch: EntryBatch, id: string, attempts: Attempts): Promise<Refused[]> {
  const refused: Refused[] = [];
  const whole: readonly EntryRange[] = [[0, batch.count]];
  // The first one is on top: order is kept.
  const open = [...(attempts.sink.pieces?.(batch) ?? whole)].reverse();
  let parts = 0;
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    const [from, to] = range;
    const isWhole = from === 0 && to === batch.count;
    const piece = isWhole ? batch : part(batch, from, to);
    const delivery = await sendUntilAnswered(piece, isWhole ? id : `${id}.${from}-${to}`, attempts);
    parts++;
    if (delivery.outcome === 'delivered') {
      const { refused: some } = delivery;
      if (some) refused.push({ reason: some.reason, entries: indexes(from, from + some.entries), isCountOnly: true });
      continue;
    }
    const { reason, entries } = delivery;
    if (entries !== undefined) refused.push({ reason, entries: entries.map((index) => from + index) });
    else if (to - from === 1 || parts >= MOST_PARTS) refused.push({ reason, entries: indexes(from, to) });
    else {
      const middle = (from + to) >>> 1;
      open.push([middle, to], [from, middle]);
    }
  }
  return refused;
}

type Answer = Exclude<Delivery, { readonly outcome: 'retry' }>;

async function sendUntilAnswered(batch: EntryBatch, id: string, attempts: Attempts): Promise<Answer> {
  const { clock, random, stopping } = attempts;
  for (let failures = 1; ; failures++) {
    stopping.throwIfAborted();
    const delivery = await attempt(batch, id, attempts);
    if (delivery.outcome !== 'retry') return delivery;
    const waitMs = waitOf(delivery.afterMs, failures, random);
    attempts.onFailure(delivery.reason, waitMs);
    await clock.sleep(waitMs, stopping);
  }
}

/**
 * What the receiver asked for, and up to a tenth more, so that not all come back in one moment; no less than by backoff: `Retry-After: 0` would
 * have it asked without end.
 */
function waitOf(afterMs: number | undefined, failures: number, random: Random): number {
  const backoff = backoffMs(failures, random);
  if (afterMs === undefined) return backoff;
  return Math.max(backoff, Math.min(afterMs, LONGEST_WAIT_MS) * (1 + fraction(random) / 10));
}

async function attempt(batch: EntryBatch, id: string, { sink, clock, timeoutMs, broken }: Attempts): Promise<Delivery> {
  broken.throwIfAborted();
  const controller = new AbortController();
  const breakOff = () => controller.abort(broken.reason);
  broken.addEventListener('abort', breakOff, { once: true });
  const timer = new AbortController();
  // A sink that does not heed its signal is left behind.
  const late = clock.sleep(timeoutMs, timer.signal).then((): Delivery => {
    controller.abort();
    return { outcome: 'retry', reason: `no answer within ${timeoutMs} ms` };
  });
  const gone = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => broken.aborted && reject(broken.reason), { once: true });
  });
  gone.catch(() => {});
  late.catch(() => {});
  const delivery = sink.deliver(batch, id, controller.signal).catch((error: unknown): Delivery => {
    if (error instanceof ClosedPipe) throw error;
    return { outcome: 'retry', reason: messageOf(error) };
  });
  try {
    return await Promise.race([delivery, late, gone]);
  } finally {
    timer.abort();
    broken.removeEventListener('abort', breakOff);
  }
}

function indexes(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
