/**
 * Ends exchanges whose peer stands still. Only the time counts in which this side waits for the peer: a disk that is slow, or
 * a long transaction, is not the peer's fault.
 *
 *     waiting for the peer ──30 s of waiting──▶ fewer bytes than the least? ──yes──▶ fail
 *          ▲                                          │ no: the count begins anew
 *          └──────────────────────────────────────────┘
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
const DEFAULT_PATIENCE: Patience = { windowMs: 30_000, leastBytes: 30_000 };

const LOOKS_PER_WINDOW = 10;

interface Watched {
  waitedMs: number;
  moved: number;
}

export class SlowPeers {
  readonly #clock: Clock;
  readonly #patience: Patience;
  readonly #watched = new Map<PeerProgress, Watched>();

  constructor(clock: Clock, patience: Patience = DEFAULT_PATIENCE) {
    this.#clock = clock;
    this.#patience = patience;
  }

  watch(peer: PeerProgress): void {
    this.#watched.set(peer, { waitedMs: 0, moved: 0 });
  }

  forget(peer: PeerProgress): void {
    this.#watched.delete(peer);
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const pause = this.#patience.windowMs / LOOKS_PER_WINDOW;
    let lookedAt = this.#clock.monotonic();
    while (!signal.aborted) {
      await this.#clock.sleep(pause, signal).catch(() => {});
      const now = this.#clock.monotonic();
      this.#look(now - lookedAt);
      lookedAt = now;
    }
  }

  #look(passedMs: number): void {
    const { windowMs, leastBytes } = this.#patience;
    for (const [peer, watched] of this.#watched) {
      watched.moved += peer.moved;
      peer.moved = 0;
      if (peer.waiting) watched.waitedMs += passedMs;
      if (watched.waitedMs < windowMs) continue;
      if (watched.moved < leastBytes) {
        this.#watched.delete(peer);
        peer.fail();
      }
      watched.waitedMs = 0;
      watched.moved = 0;
    }
  }
}
