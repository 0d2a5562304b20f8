/**
 * Where a zone transfer ends: nothing in its messages says so but the SOA records (RFC 5936, section 2.2; RFC 1995, section 4).
 *
 *     AXFR   SOA(n) … SOA(n)                                         ends with the second SOA
 *     IXFR   SOA(n) alone                                            nothing newer than what one has
 *            SOA(n) other … SOA(n)                                   the whole zone, as AXFR
 *            SOA(n) { SOA(a) removed … SOA(b) added … }… SOA(n)      ends where SOA(n) stands in the place of a removal's
 *
 *     first ──SOA──▶ second ──other──▶ whole ──SOA──▶ done
 *                       └────SOA──▶ removed ◀──SOA(a≠n)──▶ added ──SOA(n)──▶ done
 */
import type { ResourceRecord } from '../record.js';
import { isLaterSerial } from '../serial.js';
import { soaSerial } from '../soa.js';
import { type Message, Rcode, RRType } from '../wire.js';

type State = 'first' | 'second' | 'whole' | 'removed' | 'added' | 'done';

export class TransferEnd {
  readonly #incremental: boolean;
  /** What one has, for IXFR. */
  readonly #have: number | undefined;
  #state: State = 'first';
  #serial = 0;

  /** `have` is the serial that an IXFR query names. */
  constructor(type: number, have?: number) {
    this.#incremental = type === RRType.IXFR;
    this.#have = have;
  }

  /**
   * Takes the next message. `more` when others have to follow, `done` when the transfer is whole with it, otherwise what is
   * wrong with it.
   */
  take(message: Message): 'more' | 'done' | { readonly wrong: string } {
    if (message.rcode !== Rcode.NOERROR) return 'done';
    const wrong = message.answers.map((record) => this.#record(record)).find((text) => text !== undefined);
    if (wrong !== undefined) return { wrong };
    if (this.#state === 'first') return { wrong: 'it does not begin with an SOA record' };
    return this.#state === 'done' || this.#isUpToDate() ? 'done' : 'more';
  }

  /** Alone, the SOA record says that nothing is newer (RFC 1995, section 2). */
  #isUpToDate(): boolean {
    if (!this.#incremental || this.#state !== 'second' || this.#have === undefined) return false;
    return !isLaterSerial(this.#serial, this.#have);
  }

  /** What is wrong with it. */
  #record(record: ResourceRecord): string | undefined {
    const isSoa = record.type === RRType.SOA;
    const serial = isSoa ? soaSerial(record.rdata) : undefined;
    switch (this.#state) {
      case 'first':
        if (serial === undefined) return 'it does not begin with an SOA record';
        this.#serial = serial;
        this.#state = 'second';
        return undefined;
      case 'second':
        if (!isSoa) this.#state = 'whole';
        else this.#state = this.#incremental && serial !== this.#serial ? 'removed' : 'done';
        return undefined;
      case 'whole':
        if (!isSoa) return undefined;
        this.#state = 'done';
        return serial === this.#serial ? undefined : 'its last SOA record is not its first one';
      case 'removed':
        if (isSoa) this.#state = 'added';
        return undefined;
      case 'added':
        if (isSoa) this.#state = serial === this.#serial ? 'done' : 'removed';
        return undefined;
      case 'done':
        return 'a record follows its last one';
    }
  }
}
