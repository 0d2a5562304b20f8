/**
 * log_entries: stored entries as rows for SQL. What narrows a query is given by hidden columns, so that blocks are skipped as in a search:
 *
 *     SELECT level, count(*) FROM log_entries WHERE since = '2026-11-26' AND contains = 'timeout' GROUP BY level
 *     SELECT * FROM log_entries('2026-11-26T10:00:00Z', '2026-11-26T11:00:00Z', 'timeout', 'fake')
 *
 *     since, until   ISO 8601, or nanoseconds since the Unix epoch; until is not included
 *     contains       a text that the line has
 *     of_tenant      default: all
 *
 * Rows come tenant by tenant, and block by block in order of time. SQLite asks for them synchronously, so blocks are decompressed in this thread.
 */
import type { ComputedTable, SqlValue } from '../../../platform/store/reader.js';
import type { Store } from '../../../platform/store/store.js';
import { type EntryBatch, lineText, streamOf } from '../entry-batch.js';
import { logErrors } from '../errors.js';
import type { Labels } from '../labels.js';
import { NANOS_PER_MS } from '../nanos.js';
import { levelOf, normaliseLevel } from '../transform/level.js';
import { decodeBlock } from './block/codec.js';
import { readPayloadNow } from './block/compression.js';
import { fileOf } from './block/origins.js';
import {
  blockName,
  type Choice,
  type ChosenBlock,
  chooseBlocks,
  latestBlock,
  readBlockData,
  readBlockHead,
  streamIds,
} from './block-rows.js';
import type { Damage } from './damage.js';
import { FilterQuery } from './filter/filter.js';
import { EARLIEST, LATEST } from './nanos.js';
import type { StreamLabels } from './stream-labels.js';
import { readTenants } from './totals.js';

const PAGE = 256;
const NANOS_PER_SECOND = 1_000_000_000n;

const COLUMNS = [
  'timestamp',
  'timestamp_ns',
  'level',
  'line',
  'labels',
  'metadata',
  'tenant',
  'stream',
  'file',
  'offset',
] as const;

type Given = SqlValue | undefined;

/** `store` is another connection than the one that runs the query. Damaged blocks are noted. */
export function entriesTable(store: Store, labels: StreamLabels, damage: Damage): ComputedTable {
  return {
    columns: COLUMNS,
    parameters: ['since', 'until', 'contains', 'of_tenant'],
    *rows(since: Given, until: Given, contains: Given, tenant: Given) {
      const start = readTime('since', since) ?? EARLIEST;
      const end = readTime('until', until) ?? LATEST;
      const text = isNone(contains) ? undefined : Buffer.from(String(contains));
      const tenants = isNone(tenant) ? readTenants(store).sort() : [String(tenant)];
      const state = store.read(() => latestBlock(store));
      for (const one of tenants)
        yield* rowsOf({ store, labels, damage, text }, { tenant: one, start, end, direction: 'forward', state });
    },
  };
}

interface Search {
  readonly store: Store;
  readonly labels: StreamLabels;
  readonly damage: Damage;
  readonly text: Buffer | undefined;
}

function* rowsOf(search: Search, choice: Choice): Generator<SqlValue[]> {
  const { store, text } = search;
  const filter = new FilterQuery(
    text === undefined ? [] : [{ text: text.toString(), closedLeft: false, closedRight: false }],
  );
  for (const { id } of chosen(store, choice)) {
    const head = store.read(() => readBlockHead(store, id, filter.asks));
    if (head === undefined || (head.filter !== null && !filter.mayMatch(head.filter))) continue;
    const ids = streamIds(head.streams);
    const batch = readNow(search, id, ids);
    if (batch === undefined) continue;
    for (let i = 0; i < batch.count; i++) {
      const timestamp = batch.timestamps[i] ?? 0n;
      if (timestamp < choice.start || timestamp >= choice.end) continue;
      if (text !== undefined && batch.bytes.subarray(batch.starts[i], batch.ends[i]).indexOf(text) === -1) continue;
      yield rowOf(batch, i, choice.tenant, ids[batch.streamOf?.[i] ?? 0] ?? 0);
    }
  }
}

/** Undefined where it has gone, or is damaged. */
function readNow({ store, labels, damage }: Search, id: number, ids: Uint32Array): EntryBatch | undefined {
  const data = store.read(() => readBlockData(store, id));
  if (data === undefined) return undefined;
  const name = blockName(store, id);
  const streams = Array.from(ids, (stream) => labels.of(stream));
  try {
    return decodeBlock(readPayloadNow(data, name), streams, name);
  } catch (error) {
    damage.note(id, error);
    return undefined;
  }
}

function* chosen(store: Store, choice: Choice): Generator<ChosenBlock> {
  let after: ChosenBlock | undefined;
  for (;;) {
    const page = store.view(() => chooseBlocks(store, choice, after, PAGE));
    yield* page;
    after = page.at(-1);
    if (page.length < PAGE) return;
  }
}

function rowOf(batch: EntryBatch, index: number, tenant: string, stream: number): SqlValue[] {
  const timestamp = batch.timestamps[index] ?? 0n;
  const labels = streamOf(batch, index);
  const metadata = batch.metadata?.[index];
  const { origin } = batch;
  const file = origin === undefined ? 0 : fileOf(origin, index);
  return [
    isoTime(timestamp),
    timestamp,
    levelOfEntry(batch, index, labels, metadata),
    lineText(batch, index),
    JSON.stringify(labels),
    metadata === undefined ? null : JSON.stringify(metadata),
    tenant,
    BigInt(stream),
    file === 0 ? null : BigInt(file),
    file === 0 ? null : BigInt(origin?.offsets[index] ?? 0),
  ];
}

function levelOfEntry(batch: EntryBatch, index: number, labels: Labels, metadata: Labels | undefined): string | null {
  const told = metadata?.['level'] ?? labels['level'];
  const level = told === undefined ? undefined : (normaliseLevel(told) ?? told);
  return level ?? levelOf(batch.bytes, batch.starts[index], batch.ends[index]) ?? null;
}

/** With all nine digits. */
function isoTime(nanos: bigint): string {
  const fraction = ((nanos % NANOS_PER_SECOND) + NANOS_PER_SECOND) % NANOS_PER_SECOND;
  const seconds = (nanos - fraction) / NANOS_PER_SECOND;
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, -5)}.${String(fraction).padStart(9, '0')}Z`;
}

function readTime(name: string, given: Given): bigint | undefined {
  if (isNone(given)) return undefined;
  if (typeof given === 'bigint') return given;
  if (typeof given === 'number') return BigInt(Math.trunc(given));
  const text = String(given);
  if (/^-?\d{1,19}$/.test(text)) return BigInt(text);
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw logErrors.error('log.bad_sql', `${name} is no time: ${JSON.stringify(text)}`, {
      hint: `${name} = '2026-11-26T10:00:00Z', or nanoseconds since 1970`,
    });
  return BigInt(ms) * NANOS_PER_MS;
}

function isNone(given: Given): given is null | undefined {
  return given === null || given === undefined;
}
