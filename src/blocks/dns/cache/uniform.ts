/** One TTL in an RRset (RFC 2181, section 5.2), and each record once (section 5). */
import type { ResourceRecord } from '../record.js';
import { coveredType } from './chain.js';

/** The order stays; the least TTL of a set is that of all its records. */
export function uniform(records: readonly ResourceRecord[]): readonly ResourceRecord[] {
  const sets = new Map<string, { ttl: number; readonly seen: Set<string> }>();
  const kept: ResourceRecord[] = [];
  for (const record of records) {
    const key = setKey(record);
    const set = sets.get(key) ?? { ttl: record.ttl, seen: new Set() };
    sets.set(key, set);
    set.ttl = Math.min(set.ttl, record.ttl);
    const data = Buffer.from(record.rdata.buffer, record.rdata.byteOffset, record.rdata.length).toString('latin1');
    if (set.seen.has(data)) continue;
    set.seen.add(data);
    kept.push(record);
  }
  return kept.map((record) => {
    const ttl = sets.get(setKey(record))?.ttl ?? record.ttl;
    return ttl === record.ttl ? record : { ...record, ttl };
  });
}

/** Signatures for different types are sets of their own (RFC 4035, section 2.2). */
function setKey(record: ResourceRecord): string {
  return String.fromCharCode(record.type, record.class, coveredType(record) ?? 0) + record.name.key;
}
