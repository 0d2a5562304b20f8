/**
 * Ends exchanges whose peer stands still. Only the time counts in which this side waits for the peer: a disk that is slow, or
 * a long transaction, is not the peer's fault.
 *
 *     waiting for the peer ──its window of waiting──▶ fewer bytes than the least? ──yes──▶ fail
 *          ▲                                                │ no: the count begins anew
 *          └────────────────────────────────────────────────┘
 */
import type { Clock } from '../../../platform/clock.js';

/** One direction of one exchange. */
export interface PeerProgress {
  /** This side waits for the peer now. */
  waiting: boolean;
  /** Bytes that the peer sent or took since {@link SlowPeers} last looked; set back by it. */
  moved: number;
  fail(): void;
}

interface Patience {
  /** How much waiting makes a verdict, milliseconds. */
  readonly windowMs: number;
  /** The least that has to move in it, bytes. */
  readonly leastBytes: number;
}

/** 1 KB/s over 30 s: a modem from 1998 is faster. */
export const RECEIVING: Patience = { windowMs: 30_000, leastBytes: 30_000 };
/**
 * A write ends when the kernel has taken all of it, and the kernel takes more only when a third of what it holds, megabytes in a fast network, has gone out.
 * So whoever reads some 14 KB/s shows it within the minute that nginx has in its send_timeout, too. Of a long body the least is one write.
 */
export const SENDING: Patience = { windowMs: 60_000, leastBytes: 30_000 };

const LOOK_EVERY_MS = 3_000;

interface Watched {
  readonly peer: PeerProgress;
  readonly patience: Patience;
  waitedMs: number;
  moved: number;
}

export class SlowPeers {
  readonly #clock: Clock;
  readonly #watched = new Set<Watched>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns what ends it. */
  watch(peer: PeerProgress, patience: Patience): () => void {
    const watched: Watched = { peer, patience, waitedMs: 0, moved: 0 };
    this.#watched.add(watched);
    return () => void this.#watched.delete(watched);
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    let lookedAt = this.#clock.monotonic();
    while (!signal.aborted) {
      await this.#clock.sleep(LOOK_EVERY_MS, signal).catch(() => {});
      const now = this.#clock.monotonic();
      this.#look(now - lookedAt);
      lookedAt = now;
    }
  }

  #look(passedMs: number): void {
    for (const watched of this.#watched) {
      const { peer, patience } = watched;
      watched.moved += peer.moved;
      peer.moved = 0;
      if (peer.waiting) watched.waitedMs += passedMs;
      if (watched.waitedMs < patience.windowMs) continue;
      if (watched.moved < patience.leastBytes) {
        this.#watched.delete(watched);
        peer.fail();
      }
      watched.waitedMs = 0;
      watched.moved = 0;
    }
  }
}
