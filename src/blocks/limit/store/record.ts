/**
 * An entry as bytes. In a journal row they follow one another:
 *
 *     entry    key │ scope │ fresh_at double │ demands varint │ record         each of the three with its length before
 *
 *     record   algorithm   byte: its place in limit.ts, from 1; 0 for a key that was reset, and then nothing follows
 *              limit       varints: count, period in µs, burst
 *              totals      varints: allowed, refused
 *              last_at     double
 *              state       varint: how many numbers; doubles
 *              recent      varint: how many decisions; of each, the oldest first:
 *                            at          signed varint: µs after the one before it, the first after last_at
 *                            allowed     varint: 2 × cost + 1, or 2 × cost when refused
 *                            remaining   varint
 *
 * A key that was asked a few times takes about a hundred bytes. The list of algorithms in limit.ts is append only.
 */
import { Entry } from '../engine/entry.js';
import { bytesOfKey } from '../key.js';
import { algorithmNames, defineLimit, type Limit, type LimitTerms, sameLimit } from '../limit.js';
import type { Micros, RecordedDecision } from '../limiter.js';
import { rulesOf } from '../rules/index.js';
import { ByteReader, ByteWriter } from './bytes.js';

/** An entry of a journal row before its record is read. The parts are views of the row. */
export interface RawEntry {
  readonly key: Buffer;
  readonly scope: Buffer;
  readonly freshAt: Micros;
  readonly demands: number;
  readonly record: Buffer;
}

const inner = new ByteWriter();

export function writeEntry(writer: ByteWriter, entry: Entry): void {
  inner.clear();
  writeRecord(inner, entry);
  writer.bytes(bytesOfKey(entry.key));
  writer.bytes(bytesOfKey(entry.scope));
  // What was given back is as new at once, and is still to be found for as long as anything else: see KEPT_FRESH_US.
  writer.double(entry.gone ? 0 : Math.max(entry.freshAt, entry.lastAt));
  writer.varint(entry.allowedTotal + entry.limitedTotal);
  writer.bytes(inner.view());
}

export function* readEntries(row: Buffer): Generator<RawEntry, void, undefined> {
  const reader = new ByteReader(row);
  while (!reader.atEnd) {
    yield {
      key: reader.bytes(),
      scope: reader.bytes(),
      freshAt: reader.double(),
      demands: reader.varint(),
      record: reader.bytes(),
    };
  }
}

function writeRecord(writer: ByteWriter, entry: Entry): void {
  if (entry.gone) {
    writer.byte(0);
    return;
  }
  const { limit, state, lastAt } = entry;
  writer.byte(algorithmNames.indexOf(limit.algorithm) + 1);
  writer.varint(limit.count);
  writer.varint(limit.periodUs);
  writer.varint(limit.burst);
  writer.varint(entry.allowedTotal);
  writer.varint(entry.limitedTotal);
  writer.double(lastAt);
  writer.varint(state.length);
  for (let i = 0; i < state.length; i++) writer.double(state[i] ?? 0);
  writer.varint(entry.recordedCount);
  let before = lastAt;
  entry.eachRecorded((at, allowed, cost, remaining) => {
    writer.signed(at - before);
    writer.varint(2 * cost + (allowed ? 1 : 0));
    writer.varint(remaining);
    before = at;
  });
}

/** Reads a record into an entry of this key and scope. */
export function readRecord(record: Buffer, entry: Entry): void {
  const reader = new ByteReader(record);
  const algorithm = algorithmNames[reader.byte() - 1];
  if (algorithm === undefined) {
    entry.clear();
    return;
  }
  const limit = knownLimit(
    { algorithm, count: reader.varint(), periodUs: reader.varint(), burst: reader.varint() },
    entry.limit,
  );
  entry.gone = false;
  entry.limit = limit;
  entry.rules = rulesOf(algorithm);
  entry.allowedTotal = reader.varint();
  entry.limitedTotal = reader.varint();
  let at = reader.double();
  entry.state = Array.from({ length: reader.varint() }, () => reader.double());
  const recorded: RecordedDecision[] = [];
  for (let left = reader.varint(); left > 0; left--) {
    at += reader.signed();
    const rest = reader.varint();
    recorded.push({ at, allowed: rest % 2 === 1, cost: Math.floor(rest / 2), remaining: reader.varint() });
  }
  entry.replay(recorded);
}

/** A record that was read from the file, as an entry of its own. */
export function entryOf(key: string, scope: string, record: Buffer): Entry {
  const entry = new Entry(key, scope, anyLimit, []);
  readRecord(record, entry);
  return entry;
}

export const isGone = (record: Buffer) => record[0] === 0;

const anyLimit = defineLimit({ algorithm: 'gcra', count: 1, periodUs: 1 });
let lastLimit = anyLimit;

/** The limit as an object; most entries in a row have the same as the one before. */
function knownLimit(read: LimitTerms, present: Limit): Limit {
  if (sameLimit(present, read)) return present;
  if (!sameLimit(lastLimit, read)) lastLimit = defineLimit(read);
  return lastLimit;
}
