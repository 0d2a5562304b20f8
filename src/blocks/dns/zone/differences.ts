/** Two states of a zone, record by record. */
import { canonicalRdata } from '../rdata/canonical.js';
import type { ResourceRecord } from '../record.js';
import { isLaterSerial } from '../serial.js';
import { soaSerial, withSerial } from '../soa.js';
import type { ZoneDifference } from '../store/zone-store.js';
import { RRType } from '../wire.js';

export interface DifferenceOptions {
  /**
   * `to` is a master file that would be imported: a serial in it that is no later than the stored one makes no difference,
   * since the stored one stays.
   */
  readonly asImport?: boolean;
}

/**
 * Both in the order of WholeZone.records(): SOA first, then canonical. So are the differences, removed before added; a TTL or
 * the case of letters that changed is one of each. Only a record of each side is in memory.
 */
export function* differencesOf(
  from: Iterable<ResourceRecord>,
  to: Iterable<ResourceRecord>,
  { asImport = false }: DifferenceOptions = {},
): Generator<ZoneDifference, void, undefined> {
  const [old, fresh] = [new Side(from), new Side(to)];
  try {
    for (;;) {
      const [a, b] = [old.current, fresh.current];
      if (a === undefined && b === undefined) return;
      const order = a === undefined ? 1 : b === undefined ? -1 : compare(a, b);
      if (order === 0 && a !== undefined && b !== undefined && isSame(a.record, b.record, asImport)) {
        old.advance();
        fresh.advance();
        continue;
      }
      if (order <= 0 && a !== undefined) yield { op: 'removed', record: a.record };
      if (order >= 0 && b !== undefined) yield { op: 'added', record: b.record };
      if (order <= 0) old.advance();
      if (order >= 0) fresh.advance();
    }
  } finally {
    old.close();
    fresh.close();
  }
}

/** A record with what it is sorted by. */
interface Placed {
  readonly record: ResourceRecord;
  readonly owner: Uint8Array;
  readonly data: Uint8Array;
}

class Side {
  readonly #records: Iterator<ResourceRecord>;
  current: Placed | undefined;

  constructor(records: Iterable<ResourceRecord>) {
    this.#records = records[Symbol.iterator]();
    this.advance();
  }

  advance(): void {
    const { done, value } = this.#records.next();
    if (done === true) {
      this.current = undefined;
      return;
    }
    const owner = value.name === this.current?.record.name ? this.current?.owner : undefined;
    this.current = {
      record: value,
      owner: owner ?? value.name.sortKey(),
      data: canonicalRdata(value.type, value.rdata),
    };
  }

  close(): void {
    this.#records.return?.();
  }
}

/** There is one SOA on each side: they are held against each other, whatever is in them. */
function compare(a: Placed, b: Placed): number {
  const isSoa = ({ record }: Placed) => record.type === RRType.SOA;
  if (isSoa(a) || isSoa(b)) return Number(isSoa(b)) - Number(isSoa(a));
  return Buffer.compare(a.owner, b.owner) || a.record.type - b.record.type || Buffer.compare(a.data, b.data);
}

function isSame(a: ResourceRecord, b: ResourceRecord, asImport: boolean): boolean {
  if (a.ttl !== b.ttl || Buffer.compare(a.name.wire, b.name.wire) !== 0) return false;
  const keepsSerial = asImport && a.type === RRType.SOA && !isLaterSerial(soaSerial(b.rdata), soaSerial(a.rdata));
  const data = keepsSerial ? withSerial(b.rdata, soaSerial(a.rdata)) : b.rdata;
  return Buffer.compare(a.rdata, data) === 0;
}
