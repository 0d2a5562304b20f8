/**
 * One zone that is followed from its primaries (RFC 1034, section 4.3.5; RFC 1995; RFC 1996):
 *
 *                 ┌── at the start, after REFRESH or RETRY, or NOTIFY from a primary with another serial
 *                 ▼
 *     waiting ──▶ queued ──its turn──▶ checking ─┬─ the serial is as here ───────────────▶ waiting REFRESH
 *        ▲                                       ├─ a later one: IXFR or AXFR, applied ──▶ waiting REFRESH
 *        │                                       └─ no primary gave what it should ──────▶ waiting RETRY
 *        └────── NOTIFY meanwhile: once more ────┴──────────────────────────────────────────────────┘
 *
 * Beside it, since the last check that went well:
 *
 *     good ──EXPIRE──▶ expired: SERVFAIL, no transfers ──a check that goes well, whatever the serial──▶ good
 *
 * REFRESH, RETRY and EXPIRE are those of the zone's SOA, bounded (intervals.ts). They are counted on the monotonic clock: a
 * step of the wall clock changes nothing. What is kept over a restart is the wall clock's time of expiry; a zone is never
 * good for longer than EXPIRE from the start on. The check at the start catches what was told while nobody listened.
 *
 * NOTIFY can be forged: it makes us ask, LEAST_BETWEEN_MS apart, and nothing else.
 */
import type { Logger } from 'pino';
import type { Clock, Random } from '../../../../platform/clock.js';
import { codeOf, DsError, messageOf } from '../../../../platform/errors.js';
import { addressesOf } from '../../client/resolve.js';
import type { NameServer } from '../../client/server-address.js';
import type { Name } from '../../name.js';
import { isLaterSerial } from '../../serial.js';
import { readSoa } from '../../soa.js';
import type { Secondary as SecondaryRow, SecondaryStore } from '../../store/secondary-store.js';
import type { ZoneStore } from '../../store/zone-store.js';
import type { TransferCounts } from './counts.js';
import type { Gate } from './gate.js';
import { type Intervals, intervalsOf, jittered } from './intervals.js';
import { canonicalAddress, parsePeer } from './peers.js';
import { type Refreshed, refreshZone } from './refresh.js';
import { storedSoa } from './stored-soa.js';

/** Milliseconds between the beginnings of two checks. */
const LEAST_BETWEEN_MS = 1_000;
/** Milliseconds that resolving the name of a primary may take. */
const RESOLVE_TIMEOUT_MS = 5_000;

export interface SecondaryParts {
  readonly zones: ZoneStore;
  readonly secondaries: SecondaryStore;
  /** How many zones are checked at once. */
  readonly gate: Gate;
  /** Called when the zone has become one that is no longer to be answered from. */
  readonly onExpired: () => void;
  readonly counts: TransferCounts;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export class Secondary {
  readonly origin: Name;
  readonly followedAt: number;
  readonly #primaries: readonly NameServer[];
  readonly #parts: SecondaryParts;
  readonly #logger: Logger;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;
  /** Addresses of primaries, by what they resolved to last. */
  #addresses: ReadonlySet<string>;
  /** On the monotonic clock. */
  #goodUntil = 0;
  #begunAt = Number.NEGATIVE_INFINITY;
  #isChecking = false;
  #isNotified = false;
  #wake = new AbortController();
  #expiring = new AbortController();
  #problem = '';

  /** Begins to check at once. */
  constructor(row: SecondaryRow, parts: SecondaryParts) {
    this.origin = row.origin;
    this.followedAt = row.followedAt;
    this.#parts = parts;
    this.#logger = parts.logger.child({ zone: row.origin.toString() });
    this.#primaries = row.primaries.map((text) => parsePeer(text));
    this.#addresses = new Set(this.#primaries.flatMap(({ host }) => canonicalAddress(host) ?? []));
    const { expireMs } = this.#intervals();
    this.#isGoodFor(Math.max(0, Math.min(row.expiresAt - parts.clock.now(), expireMs)));
    this.#running = this.#run();
  }

  /** Whether no primary was reached for so long that the zone is no longer to be answered from. */
  get hasExpired(): boolean {
    return this.#parts.clock.monotonic() >= this.#goodUntil;
  }

  isPrimary(address: string): boolean {
    const canonical = canonicalAddress(address);
    return canonical !== undefined && this.#addresses.has(canonical);
  }

  /** Whether the zone comes from this server: then it need not be told of a change. */
  comesFrom({ host, port }: NameServer): boolean {
    return this.#primaries.some((primary) => primary.port === port && sameHost(primary.host, host));
  }

  /** A primary says that its zone has changed; `serial` where it told one. */
  notified(serial: number | undefined): void {
    const here = this.#parts.zones.get(this.origin)?.serial;
    const isNews = serial === undefined || here === undefined || isLaterSerial(serial, here);
    if (!isNews && !this.hasExpired) return;
    this.#isNotified = true;
    if (!this.#isChecking) this.#wake.abort();
  }

  /** Resolves when nothing of it goes on. */
  async close(): Promise<void> {
    this.#ending.abort();
    this.#expiring.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { gate } = this.#parts;
    const { signal } = this.#ending;
    for (let waitMs = 0; !signal.aborted; ) {
      await this.#wait(waitMs);
      try {
        waitMs = await gate.run(() => this.#check(), signal);
      } catch (error) {
        if (signal.aborted) return;
        // The file could not be read or written: what is served is what was there.
        this.#logger.error({ err: error }, 'a zone that is followed could not be checked');
        waitMs = this.#intervals().retryMs;
      }
    }
  }

  /** Until the time is over or a NOTIFY has come. */
  async #wait(ms: number): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#ending;
    this.#wake = new AbortController();
    if (!this.#isNotified) await clock.sleep(ms, AbortSignal.any([signal, this.#wake.signal])).catch(() => {});
    const sinceMs = clock.monotonic() - this.#begunAt;
    if (sinceMs < LEAST_BETWEEN_MS) await clock.sleep(LEAST_BETWEEN_MS - sinceMs, signal).catch(() => {});
  }

  /** Milliseconds until the next check. */
  async #check(): Promise<number> {
    const { zones, clock, random, counts } = this.#parts;
    this.#isNotified = false;
    this.#isChecking = true;
    this.#begunAt = clock.monotonic();
    try {
      await this.#resolve();
      const refreshed = await refreshZone({ zones, clock, random }, this.origin, {
        primaries: this.#primaries,
        hasExpired: this.hasExpired,
        signal: this.#ending.signal,
      });
      counts.received[refreshed.form]++;
      return this.#wentWell(refreshed);
    } catch (error) {
      this.#ending.signal.throwIfAborted();
      return this.#failed(error);
    } finally {
      this.#isChecking = false;
    }
  }

  #wentWell(refreshed: Refreshed): number {
    const { clock, random, secondaries } = this.#parts;
    const { refreshMs, expireMs } = this.#intervals();
    const waitMs = jittered(refreshMs, random);
    // Counted from when the primary was asked: what it has changed since is not here.
    const ageMs = clock.monotonic() - this.#begunAt;
    this.#tellOf(refreshed);
    this.#isGoodFor(expireMs - ageMs);
    const now = clock.now();
    const checked = { at: now, with: refreshed.primary.shown, expiresAt: Math.round(now + expireMs - ageMs) };
    secondaries.noteCheck(this.origin, checked, Math.round(now + waitMs));
    return waitMs;
  }

  #tellOf(refreshed: Refreshed): void {
    const about = { primary: refreshed.primary.shown, serial: this.#parts.zones.get(this.origin)?.serial };
    if (this.#problem !== '') this.#logger.info(about, 'a zone that is followed can be checked again');
    this.#problem = '';
    if (refreshed.form === 'current') this.#logger.debug(about, 'a zone that is followed has not changed');
    else {
      const { removed, added } = refreshed.form === 'whole' ? refreshed.report : refreshed;
      this.#logger.info({ ...about, form: refreshed.form, removed, added }, 'a zone was transferred to here');
    }
  }

  #failed(error: unknown): number {
    const { clock, random, secondaries, counts } = this.#parts;
    const waitMs = jittered(this.#intervals().retryMs, random);
    // Another process has deleted the zone; whoever holds this object finds that out, too.
    if (codeOf(error) === 'dns.no_such_zone') return waitMs;
    counts.failed++;
    const problem = messageOf(error);
    const level = problem === this.#problem ? 'debug' : 'warn';
    this.#problem = problem;
    this.#logger[level](
      { reason: problem, again_ms: Math.round(waitMs) },
      'a zone that is followed could not be checked',
    );
    secondaries.noteProblem(this.origin, problem, Math.round(clock.now() + waitMs));
    return waitMs;
  }

  /** From now on. */
  #isGoodFor(ms: number): void {
    const { clock, onExpired } = this.#parts;
    this.#expiring.abort();
    this.#expiring = new AbortController();
    this.#goodUntil = clock.monotonic() + ms;
    const expired = () => {
      this.#logger.error('no primary was reached for too long: the zone has expired, and is no longer answered from');
      onExpired();
    };
    clock.sleep(ms, this.#expiring.signal).then(expired, () => {});
  }

  #intervals(): Intervals {
    const soa = storedSoa(this.#parts.zones, this.origin);
    return intervalsOf(soa === undefined ? GONE : readSoa(soa.rdata));
  }

  /** Whoever sends NOTIFY is known by address. A name that does not resolve now keeps what it had. */
  async #resolve(): Promise<void> {
    const { clock } = this.#parts;
    const patience = { clock, timeoutMs: RESOLVE_TIMEOUT_MS, signal: this.#ending.signal };
    const found = new Set<string>();
    for (const primary of this.#primaries) {
      try {
        for (const address of await addressesOf(primary, patience)) found.add(canonicalAddress(address) ?? address);
      } catch (error) {
        if (!(error instanceof DsError)) throw error;
        for (const address of this.#addresses) found.add(address);
      }
    }
    this.#addresses = found;
  }
}

function sameHost(a: string, b: string): boolean {
  return (canonicalAddress(a) ?? a.toLowerCase()) === (canonicalAddress(b) ?? b.toLowerCase());
}

/** For a zone that has gone, until that is noticed. */
const GONE = { refresh: 3_600, retry: 600, expire: 86_400 };
