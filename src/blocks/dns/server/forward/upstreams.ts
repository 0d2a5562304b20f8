/**
 * Who is asked first. Each upstream is known by how fast it answers and whether it does:
 *
 *     in use ── silent, unreachable, refuses ──▶ put aside 0.25–0.5 s, 0.5–1 s … 15–30 s ──▶ in use, slower than the others
 *        ▲                                                                                       │
 *        └────────────────────────────────── answers ────────────────────────────────────────────┘
 *
 * The fastest is asked. With each answer all others count as a little faster, until one of them is tried again: so a server
 * that has recovered, or become fast, is found out by one query in some tens. When all are put aside, the one that comes back
 * first is asked all the same: a client is waiting, and what is asked for is held back by question (failures.ts).
 */
import type { Random } from '../../../../platform/clock.js';
import { backoffMs } from '../../../../platform/daemon/backoff.js';
import type { NameServer } from '../../client/server-address.js';

/** Weight of a new time in the smoothed one. */
const SMOOTHING = 0.3;
const VARIANCE_SMOOTHING = 0.25;
/** What the times of those that were not asked are multiplied by. */
const DECAY = 0.98;
/** Until how long a server may take before the next one is asked, milliseconds. */
const LEAST_LEAD_MS = 150;
const MOST_LEAD_MS = 1_500;
/** The same while nothing is known of it; over a connection it has to be opened first. */
const UNKNOWN_LEAD_MS = { datagram: 500, stream: 1_200 } as const;

export class Upstream {
  readonly server: NameServer;
  /** Smoothed time to an answer; undefined before the first. */
  smoothedMs: number | undefined;
  varianceMs = 0;
  /** In a row. */
  failures = 0;
  /** Monotonic milliseconds. */
  asideUntil = Number.NEGATIVE_INFINITY;
  /** Queries sent, and those that brought no answer of use, since the start. */
  queries = 0;
  failedQueries = 0;
  lastFailure: string | undefined;

  constructor(server: NameServer) {
    this.server = server;
  }

  get isStream(): boolean {
    return this.server.transport !== 'udp';
  }

  /** Whether nobody on the way sees what is asked. */
  get hides(): boolean {
    const { transport, plain } = this.server;
    return transport === 'tls' || (transport === 'https' && plain !== true);
  }

  /** How long it may be silent before another one is asked beside it, milliseconds. */
  get leadMs(): number {
    if (this.failures > 0) return LEAST_LEAD_MS;
    if (this.smoothedMs === undefined) return UNKNOWN_LEAD_MS[this.isStream ? 'stream' : 'datagram'];
    return Math.min(MOST_LEAD_MS, Math.max(LEAST_LEAD_MS, this.smoothedMs + 4 * this.varianceMs));
  }
}

export class Upstreams {
  readonly all: readonly Upstream[];
  readonly #random: Random;

  constructor(servers: readonly NameServer[], random: Random) {
    this.all = servers.map((server) => new Upstream(server));
    this.#random = random;
  }

  /** The best first; those that are put aside at the end. `now` is monotonic. */
  inOrder(now: number): Upstream[] {
    const rank = ({ asideUntil, smoothedMs }: Upstream) => (asideUntil > now ? 1e9 + asideUntil : (smoothedMs ?? 0));
    return this.all.toSorted((a, b) => rank(a) - rank(b));
  }

  answered(upstream: Upstream, elapsedMs: number): void {
    for (const other of this.all) if (other !== upstream && other.smoothedMs !== undefined) other.smoothedMs *= DECAY;
    upstream.failures = 0;
    upstream.asideUntil = Number.NEGATIVE_INFINITY;
    if (upstream.smoothedMs === undefined) {
      upstream.smoothedMs = elapsedMs;
      upstream.varianceMs = elapsedMs / 2;
      return;
    }
    const distance = elapsedMs - upstream.smoothedMs;
    upstream.smoothedMs += SMOOTHING * distance;
    upstream.varianceMs += VARIANCE_SMOOTHING * (Math.abs(distance) - upstream.varianceMs);
  }

  /** It was silent, could not be reached, or does not answer us. */
  failed(upstream: Upstream, why: string, now: number): void {
    upstream.failures++;
    upstream.failedQueries++;
    upstream.lastFailure = why;
    upstream.asideUntil = now + backoffMs(upstream.failures, this.#random);
    upstream.smoothedMs = Math.max(upstream.smoothedMs ?? 0, MOST_LEAD_MS);
  }
}
