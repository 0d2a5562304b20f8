/** Records as rows of a table or as tab-separated fields: name, TTL, class, type, data. */
import { printRdata } from '../rdata/index.js';
import type { ResourceRecord } from '../record.js';
import { className, typeName } from '../wire.js';

export interface RecordRow {
  readonly name: string;
  /** Seconds. */
  readonly ttl: number;
  readonly class: string;
  readonly type: string;
  readonly data: string;
}

export function recordRow({ name, ttl, class: rrClass, type, rdata }: ResourceRecord): RecordRow {
  return {
    name: name.toString(),
    ttl,
    class: className(rrClass),
    type: typeName(type),
    data: printRdata(type, rdata, rrClass),
  };
}
