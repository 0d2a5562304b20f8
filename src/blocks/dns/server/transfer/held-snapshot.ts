/** A snapshot that is given back by itself when its time is over: a peer that reads slowly cannot hold it for ever. */
import type { Clock } from '../../../../platform/clock.js';
import { dnsErrors } from '../../errors.js';
import type { ResourceRecord } from '../../record.js';
import type { Change, ZoneSnapshot } from '../../store/zone-store.js';

export class HeldSnapshot {
  readonly #snapshot: ZoneSnapshot;
  readonly #released = new AbortController();
  readonly #mostMs: number;

  constructor(snapshot: ZoneSnapshot, clock: Clock, mostMs: number) {
    this.#snapshot = snapshot;
    this.#mostMs = mostMs;
    clock.sleep(mostMs, this.#released.signal).then(
      () => this.close(),
      () => {},
    );
  }

  get zone() {
    return this.#snapshot.zone;
  }

  changesSince(serial: number) {
    return this.#open().changesSince(serial);
  }

  change(number: number): Change | undefined {
    return this.#open().change(number);
  }

  *records(): Generator<ResourceRecord, void, undefined> {
    for (const record of this.#open().records()) {
      yield record;
      this.#open();
    }
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#released.signal.aborted) return;
    this.#released.abort();
    this.#snapshot.close();
  }

  #open(): ZoneSnapshot {
    if (!this.#released.signal.aborted) return this.#snapshot;
    throw dnsErrors.error('dns.timeout', `the transfer was not taken within ${this.#mostMs / 1000} s`);
  }
}
