/** Resource records and questions, as the whole block speaks of them. */
import type { Name } from './name.js';

export interface Question {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
}

export interface ResourceRecord {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
  /** Seconds, 0 to 2^31 - 1. */
  readonly ttl: number;
  /** Wire form, names within it uncompressed (see rdata/field.ts). */
  readonly rdata: Uint8Array;
}

/** All records of one name, class and type; they share a TTL (RFC 2181, section 5.2). */
export interface RRset {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  readonly rdatas: readonly Uint8Array[];
}

export function recordsOf({ rdatas, ...common }: RRset): ResourceRecord[] {
  return rdatas.map((rdata) => ({ ...common, rdata }));
}
