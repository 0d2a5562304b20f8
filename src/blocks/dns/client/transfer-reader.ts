/**
 * What the messages of a zone transfer mean (RFC 5936, section 2.2; RFC 1995, section 4):
 *
 *     AXFR   SOA(n) records … SOA(n)                                      the whole zone
 *     IXFR   SOA(n), n no later than what one has                         nothing is newer
 *            SOA(n) records … SOA(n)                                      the whole zone
 *            SOA(n) { SOA(a) removed … SOA(b) added … }… SOA(n)           differences, the first from what one has
 *
 *     first ──SOA──▶ second ──other──▶ whole ──SOA(n)──▶ done
 *                       └────SOA(have)──▶ removed ──SOA──▶ added ──SOA(n), at n──▶ done
 *                                            ▲               │
 *                                            └─SOA, same as──┘
 *
 * A zone is what its primary says it is, but only that zone: records of another class, beyond its origin, or of no type that
 * zones have make the transfer one that is not to be used.
 */
import type { Name } from '../name.js';
import type { ResourceRecord } from '../record.js';
import { isLaterSerial } from '../serial.js';
import { soaSerial } from '../soa.js';
import { className, isMetaType, RRClass, RRType, typeName } from '../wire.js';

/** What a transfer is, told before its records. */
interface TransferForm {
  readonly kind: 'form';
  /**
   * - `whole`: records that make up the zone follow, all of them added, the SOA first and once;
   * - `incremental`: difference sequences follow, each a list of removed records and one of added ones, each with its SOA
   *   first;
   * - `current`: nothing follows, for nothing is newer.
   */
  readonly form: 'whole' | 'incremental' | 'current';
  /** Of the zone as the server has it. */
  readonly soa: ResourceRecord;
}

/** A list of a transfer, or a part of one: a message's worth. Where a list begins its first record is an SOA. */
export interface TransferRecords {
  readonly kind: 'records';
  readonly op: 'removed' | 'added';
  readonly records: readonly ResourceRecord[];
}

export type TransferPart = TransferForm | TransferRecords;

type State = 'first' | 'second' | 'whole' | 'removed' | 'added' | 'done';

/** Thrown inside; whoever knows the server makes an error of it. */
export class NoTransfer extends Error {}

export class TransferReader {
  readonly #origin: Name;
  readonly #have: number | undefined;
  #state: State = 'first';
  /** The first record. */
  #soa: ResourceRecord | undefined;
  #serial = 0;
  /** Where the difference sequence that is being read leads to. */
  #reached = 0;
  #parts: TransferPart[] = [];
  #list: ResourceRecord[] = [];
  #lastOwner: Name | undefined;

  /** `have`: the serial that an IXFR query named; undefined for AXFR. */
  constructor(origin: Name, have?: number) {
    this.#origin = origin;
    this.#have = have;
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** The parts that a message's answer records make. Error: {@link NoTransfer}. */
  take(records: readonly ResourceRecord[]): TransferPart[] {
    this.#parts = [];
    for (const record of records) this.#record(record);
    if (this.#state === 'whole' || this.#state === 'added') this.#endList('added');
    else if (this.#state === 'removed') this.#endList('removed');
    return this.#parts;
  }

  #record(record: ResourceRecord): void {
    if (this.#state === 'done') throw new NoTransfer('a record follows its last one');
    this.#check(record);
    if (record.type === RRType.SOA) this.#soaRecord(record, soaSerial(record.rdata));
    else this.#otherRecord(record);
  }

  #soaRecord(record: ResourceRecord, serial: number): void {
    switch (this.#state) {
      case 'first':
        this.#begin(record, serial);
        return;
      case 'second':
        if (serial === this.#have) this.#beginDifferences(record, serial);
        else {
          this.#beginWhole();
          this.#end(serial);
        }
        return;
      case 'whole':
        this.#end(serial);
        return;
      case 'removed':
        this.#endList('removed');
        this.#reached = serial;
        this.#list.push(record);
        this.#state = 'added';
        return;
      case 'added':
        if (serial !== this.#reached) {
          throw new NoTransfer(`a difference leads to serial ${this.#reached}, the next one begins at ${serial}`);
        }
        this.#endList('added');
        if (serial === this.#serial) this.#state = 'done';
        else {
          this.#list.push(record);
          this.#state = 'removed';
        }
    }
  }

  #otherRecord(record: ResourceRecord): void {
    if (this.#state === 'first') throw new NoTransfer('it does not begin with an SOA record');
    if (this.#state === 'second') this.#beginWhole();
    this.#list.push(record);
  }

  #begin(record: ResourceRecord, serial: number): void {
    this.#soa = record;
    this.#serial = serial;
    const isNewer = this.#have === undefined || isLaterSerial(serial, this.#have);
    this.#state = isNewer ? 'second' : 'done';
    if (!isNewer) this.#parts.push({ kind: 'form', form: 'current', soa: record });
  }

  #beginWhole(): void {
    if (this.#soa === undefined) throw new Error('a transfer without its first record');
    this.#parts.push({ kind: 'form', form: 'whole', soa: this.#soa });
    this.#list.push(this.#soa);
    this.#state = 'whole';
  }

  #beginDifferences(record: ResourceRecord, serial: number): void {
    if (this.#soa === undefined) throw new Error('a transfer without its first record');
    this.#parts.push({ kind: 'form', form: 'incremental', soa: this.#soa });
    this.#list.push(record);
    this.#reached = serial;
    this.#state = 'removed';
  }

  #end(serial: number): void {
    if (serial !== this.#serial) {
      throw new NoTransfer(`it begins with serial ${this.#serial} and ends with ${serial}`);
    }
    this.#endList('added');
    this.#state = 'done';
  }

  #endList(op: 'removed' | 'added'): void {
    if (this.#list.length > 0) this.#parts.push({ kind: 'records', op, records: this.#list });
    this.#list = [];
  }

  #check(record: ResourceRecord): void {
    const { name, type, class: rrClass } = record;
    if (rrClass !== RRClass.IN) throw new NoTransfer(`${name} is of class ${className(rrClass)}`);
    if (type === 0 || isMetaType(type)) throw new NoTransfer(`${name} has a record of type ${typeName(type)}`);
    if (type === RRType.SOA && !name.equals(this.#origin)) throw new NoTransfer(`it has an SOA record at ${name}`);
    // Owners come in runs, and are read as one name.
    if (name === this.#lastOwner) return;
    if (!name.isWithin(this.#origin)) throw new NoTransfer(`${name} is not within ${this.#origin}`);
    this.#lastOwner = name;
  }
}
