/**
 * Tells secondaries that a zone has changed (NOTIFY, RFC 1996). For each zone and server:
 *
 *     idle ──changed──▶ sending ──NOERROR──────────────────────▶ idle
 *                        ▲   │ ──another answer──▶ a warning ──▶ idle
 *                        │   │ ──SERVFAIL, no answer, MOST_ATTEMPTS times──▶ a warning ──▶ idle
 *                        │   └──before that──▶ waiting 1, 2, 4 … s
 *                        └── the wait is over, or the zone has changed again (then it begins anew)
 *
 * A secondary that was not reached asks by itself when its refresh interval is over. When the daemon starts it tells of all
 * zones: commands may have changed them before.
 */
import type { Logger } from 'pino';
import type { Clock, Random } from '../../../../platform/clock.js';
import { DsError, messageOf } from '../../../../platform/errors.js';
import { exchange } from '../../client/exchange.js';
import type { NameServer } from '../../client/server-address.js';
import type { Name } from '../../name.js';
import type { ResourceRecord } from '../../record.js';
import type { ZoneStore } from '../../store/zone-store.js';
import { type Message, makeMessage, Opcode, Rcode, RRClass, RRType, rcodeName } from '../../wire.js';
import type { TransferCounts } from './counts.js';
import { Gate } from './gate.js';
import { jittered } from './intervals.js';
import { storedSoa } from './stored-soa.js';

/** With waits of 1, 2, 4, 8 and 16 s, and as long as answers are waited for, close to a minute. */
const MOST_ATTEMPTS = 6;
const FIRST_WAIT_MS = 1_000;
/** Milliseconds that an answer may take. */
const TIMEOUT_MS = 3_000;
/** Messages on their way at once. */
const MOST_AT_ONCE = 20;

export interface NotifierParts {
  readonly zones: ZoneStore;
  readonly servers: readonly NameServer[];
  /** Whether a zone comes from a server, which then knows. */
  readonly comesFrom: (origin: Name, server: NameServer) => boolean;
  readonly counts: TransferCounts;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export class Notifier {
  readonly #parts: NotifierParts;
  readonly #gate = new Gate(MOST_AT_ONCE);
  readonly #ending = new AbortController();
  readonly #running = new Map<string, Notification>();
  /** Serials that were told, by the origin's key. */
  #told = new Map<string, number>();

  constructor(parts: NotifierParts) {
    this.#parts = parts;
  }

  /** Tells of all zones whose serial is another one than it was. */
  look(): void {
    if (this.#parts.servers.length === 0) return;
    const present = new Map<string, number>();
    for (const { origin, serial } of this.#parts.zones.list()) {
      present.set(origin.key, serial);
      if (this.#told.get(origin.key) !== serial) this.#tell(origin);
    }
    this.#told = present;
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  #tell(origin: Name): void {
    for (const server of this.#parts.servers) {
      if (this.#parts.comesFrom(origin, server)) continue;
      const key = `${server.shown} ${origin.key}`;
      const running = this.#running.get(key);
      if (running !== undefined) {
        running.renew();
        continue;
      }
      const notification = new Notification(origin, server, this.#parts, this.#gate, this.#ending.signal);
      this.#running.set(key, notification);
      void notification.done.finally(() => this.#running.delete(key));
    }
  }
}

/** One server that is being told of one zone. */
class Notification {
  /** Never rejects. */
  readonly done: Promise<void>;
  readonly #origin: Name;
  readonly #server: NameServer;
  readonly #parts: NotifierParts;
  readonly #gate: Gate;
  readonly #signal: AbortSignal;
  #renewed = new AbortController();

  constructor(origin: Name, server: NameServer, parts: NotifierParts, gate: Gate, signal: AbortSignal) {
    this.#origin = origin;
    this.#server = server;
    this.#parts = parts;
    this.#gate = gate;
    this.#signal = signal;
    this.done = this.#run();
  }

  /** The zone has changed once more. */
  renew(): void {
    this.#renewed.abort();
  }

  async #run(): Promise<void> {
    const { counts, logger } = this.#parts;
    const about = { zone: this.#origin.toString(), server: this.#server.shown };
    do {
      this.#renewed = new AbortController();
      try {
        await this.#tell();
      } catch (error) {
        if (this.#signal.aborted) return;
        counts.notifies.unanswered++;
        logger.warn({ ...about, reason: messageOf(error) }, 'a secondary was not told of a change (NOTIFY)');
      }
    } while (this.#renewed.signal.aborted);
  }

  /** Throws when the server could not be told; returns early when there is something newer to tell. */
  async #tell(): Promise<void> {
    const { clock, random } = this.#parts;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#gate.run(() => this.#send(), this.#signal);
        return;
      } catch (error) {
        this.#signal.throwIfAborted();
        if (this.#renewed.signal.aborted) return;
        const mayPass = error instanceof DsError || error instanceof TemporaryFailure;
        if (!mayPass || attempt >= MOST_ATTEMPTS) throw error;
      }
      const waitMs = jittered(FIRST_WAIT_MS * 2 ** (attempt - 1), random);
      await clock.sleep(waitMs, AbortSignal.any([this.#signal, this.#renewed.signal])).catch(() => {});
      this.#signal.throwIfAborted();
      if (this.#renewed.signal.aborted) return;
    }
  }

  async #send(): Promise<void> {
    const { zones, clock, random, counts } = this.#parts;
    const soa = storedSoa(zones, this.#origin);
    // It was deleted meanwhile.
    if (soa === undefined) return;
    const { response } = await exchange(this.#server, notifyMessage(soa), {
      timeoutMs: TIMEOUT_MS,
      retries: 0,
      clock,
      random,
      signal: this.#signal,
    });
    const { rcode } = response;
    if (rcode === Rcode.SERVFAIL) throw new TemporaryFailure('it answered SERVFAIL');
    if (rcode !== Rcode.NOERROR) throw new Error(`it answered ${rcodeName(rcode)}: is it a secondary of this server?`);
    counts.notifies.sent++;
  }
}

class TemporaryFailure extends Error {}

/** RFC 1996, section 3: the SOA in the answer section is a hint. */
export function notifyMessage(soa: ResourceRecord): Message {
  return makeMessage({
    opcode: Opcode.NOTIFY,
    authoritative: true,
    questions: [{ name: soa.name, type: RRType.SOA, class: RRClass.IN }],
    answers: [soa],
  });
}
