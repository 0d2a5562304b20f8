/**
 * The layouts that are known by name. Bits are listed most significant first, epochs in milliseconds since 1970.
 *
 *              63                                                                              0
 *   twitter    0 | timestamp 41 × 1 ms       | datacenter 5 | worker 5   | sequence 12   2010-11-04
 *   discord        timestamp 42 × 1 ms       | worker 5     | process 5  | increment 12  2015-01-01
 *   instagram      timestamp 41 × 1 ms       | shard 13     | sequence 10                2011-08-24
 *   sonyflake  0 | timestamp 39 × 10 ms      | sequence 8   | machine 16                 2014-09-01
 *   sonyflake2 0 | timestamp 39 × 10 ms      | sequence 8   | machine 16                 2025-01-01
 *   mastodon       timestamp 48 × 1 ms                      | sequence 16                1970-01-01
 *   tsid           timestamp 42 × 1 ms       | node 10      | counter 12                 2020-01-01
 *   js53  11 × 0 | timestamp 41 × 1 ms       | worker 5     | sequence 7                 2020-01-01
 *
 * Sources: twitter-archive/snowflake (IdWorker.scala); Discord developer documentation, "Snowflakes"; Instagram
 * engineering, "Sharding & IDs at Instagram" (2012); sony/sonyflake v1 and v2 (`toID`: the sequence stands above the
 * machine); mastodon/mastodon lib/mastodon/snowflake.rb; f4b6a3/tsid-creator (Tsid.java; 10 node bits, its default
 * for 1024 nodes). js53 is ours: 53 bits, so that JavaScript, JSON and spreadsheets read it exactly; 32 workers of
 * 128,000 IDs/s each until 2089.
 */
import {
  type ByteKind,
  type ByteLayout,
  type FieldSpec,
  type IntegerLayout,
  integerLayout,
  type Layout,
} from './layout.js';

const time = (bits: number): FieldSpec => ({ name: 'timestamp', role: 'time', bits });
const worker = (name: string, bits: number): FieldSpec => ({ name, role: 'worker', bits });
const sequence = (name: string, bits: number): FieldSpec => ({ name, role: 'sequence', bits });

const named = (name: string, epoch: number, unitMs: number, ...fields: FieldSpec[]): IntegerLayout =>
  integerLayout(name, name, epoch, unitMs, fields);

const integerLayouts: readonly IntegerLayout[] = [
  named('twitter', 1288834974657, 1, time(41), worker('datacenter', 5), worker('worker', 5), sequence('sequence', 12)),
  named('discord', 1420070400000, 1, time(42), worker('worker', 5), worker('process', 5), sequence('increment', 12)),
  named('instagram', 1314220021721, 1, time(41), worker('shard', 13), sequence('sequence', 10)),
  named('sonyflake', Date.UTC(2014, 8, 1), 10, time(39), sequence('sequence', 8), worker('machine', 16)),
  named('sonyflake2', Date.UTC(2025, 0, 1), 10, time(39), sequence('sequence', 8), worker('machine', 16)),
  named('mastodon', 0, 1, time(48), sequence('sequence', 16)),
  named('tsid', Date.UTC(2020, 0, 1), 1, time(42), worker('node', 10), sequence('counter', 12)),
  named('js53', Date.UTC(2020, 0, 1), 1, time(41), worker('worker', 5), sequence('sequence', 7)),
];

/**
 * The byte kinds carry no worker number; they lease a slot all the same, for its floor: so that they keep rising when
 * the clock is stepped back across a restart.
 */
const SLOTS = 65_536;

function byteLayout(name: ByteKind, bits: number, epoch: number, unitMs: number, timeBits: number, randomBits: number) {
  const endsAt = epoch + 2 ** timeBits * unitMs;
  const layout: ByteLayout = {
    family: 'bytes',
    name,
    space: name,
    bits,
    byteLength: bits / 8,
    epoch,
    unitMs,
    endsAt,
    workers: SLOTS,
    randomBits,
  };
  return layout;
}

/** KSUID seconds count from 2014-05-13T16:53:20Z (segmentio/ksuid). */
const KSUID_EPOCH = 1_400_000_000_000;

const byteLayouts: readonly ByteLayout[] = [
  byteLayout('uuid7', 128, 0, 1, 48, 73),
  byteLayout('ulid', 128, 0, 1, 48, 80),
  byteLayout('ksuid', 160, KSUID_EPOCH, 1000, 32, 118),
  byteLayout('xid', 96, 0, 1000, 32, 53),
];

export const builtinLayouts: ReadonlyMap<string, Layout> = new Map<string, Layout>(
  [...integerLayouts, ...byteLayouts].map((layout) => [layout.name, layout]),
);
