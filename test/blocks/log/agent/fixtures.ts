/** What tests of the agent share: a store that keeps lines in a table, sinks whose answers the test chooses, chunks. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CheckpointKeeper } from '../../../../src/blocks/log/agent/pipeline/pipeline.js';
import type { AgentStore } from '../../../../src/blocks/log/agent/pipeline/store-pipeline.js';
import type { Delivery, Sink } from '../../../../src/blocks/log/agent/sink.js';
import type { Checkpoint, SourceChunk } from '../../../../src/blocks/log/agent/source.js';
import { type EntryBatch, EntryBatchBuilder, lineText } from '../../../../src/blocks/log/entry-batch.js';
import { makeLabels } from '../../../../src/blocks/log/labels.js';
import { AGENT_TABLES } from '../../../../src/blocks/log/store/agent/tables.js';
import { openStore, type Store, type StoreOptions } from '../../../../src/platform/store/store.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';

const DEFINITION = {
  block: 'log-agent-test',
  applicationId: 0x6c6f6754,
  migrations: [
    `${AGENT_TABLES}
     CREATE TABLE lines (id INTEGER PRIMARY KEY, line TEXT NOT NULL, stream TEXT NOT NULL);
     CREATE TABLE positions (file INTEGER PRIMARY KEY, position INTEGER);`,
  ],
};

export interface TestStore extends AgentStore<EntryBatch>, CheckpointKeeper {
  readonly path: string;
  lines(): string[];
  position(file: number): number | undefined;
}

/** Real SQLite, flushed as the agent's own store is; entries are rows of their lines. */
export function testStore(options: Partial<StoreOptions> = {}, path = join(temporaryFolder(), 'log.db')): TestStore {
  const sql = openStore(DEFINITION, { path, ...options });
  onTestFinished(() => sql.close());
  return { path, sql, ...entriesIn(sql) };
}

function entriesIn(sql: Store): Omit<TestStore, 'path' | 'sql'> {
  return {
    prepare: async (_tenant, batch) => batch,
    insert(batch) {
      for (let i = 0; i < batch.count; i++) {
        sql
          .statement<[string, string]>('INSERT INTO lines (line, stream) VALUES (?, ?)')
          .run(lineText(batch, i), JSON.stringify(batch.streams[batch.streamOf?.[i] ?? 0]));
      }
    },
    commit: async (work) => sql.write(work),
    save({ file, offset }) {
      sql.statement<[number, number]>('INSERT OR REPLACE INTO positions VALUES (?, ?)').run(file, offset);
    },
    lines: () =>
      sql
        .statement<[], { line: string }>('SELECT line FROM lines ORDER BY id')
        .all()
        .map(({ line }) => line),
    position: (file) =>
      sql.statement<[number], { position: number }>('SELECT position FROM positions WHERE file = ?').get(file)
        ?.position,
  };
}

/** Whole lines of a file, each with its line end, from `offset` on. */
export function fileChunk(file: number, offset: number, lines: readonly string[], onSafe?: () => void): SourceChunk {
  const batch = batchOf(lines, makeLabels([['filename', `/var/log/${file}.log`]]));
  const offsets = new Float64Array(lines.length);
  const endOffsets = new Float64Array(lines.length);
  let at = offset;
  for (const [i, line] of lines.entries()) {
    offsets[i] = at;
    at += Buffer.byteLength(line) + 1;
    endOffsets[i] = at;
  }
  const checkpoint: Checkpoint = {
    file,
    offset: at,
    lines: 0,
    fingerprint: { length: 0, hash: '' },
    tail: { length: 0, hash: '' },
  };
  return {
    entries: { ...batch, origin: { file, offsets, endOffsets } },
    checkpoint,
    lines: lines.length,
    ...(onSafe !== undefined && { onSafe }),
  };
}

/** What cannot be read again. */
export function liveChunk(lines: readonly string[]): SourceChunk {
  return { entries: batchOf(lines, makeLabels([['source', 'stdin']])), lines: lines.length };
}

export function batchOf(lines: readonly string[], stream = makeLabels([['app', 'shop']])): EntryBatch {
  const builder = new EntryBatchBuilder();
  for (const [i, line] of lines.entries())
    builder.add({ timestamp: 1_750_000_000_000_000_000n + BigInt(i), line, stream });
  return builder.build();
}

export function linesOf(batch: EntryBatch): string[] {
  return Array.from({ length: batch.count }, (_, i) => lineText(batch, i));
}

export interface Received {
  readonly id: string;
  readonly lines: readonly string[];
}

/** A sink that answers as the test says; `received` has what was delivered whole. */
export class ScriptedSink implements Sink {
  readonly name = 'scripted';
  readonly attempts: Received[] = [];
  readonly received: string[] = [];
  answer: (lines: readonly string[], id: string, signal: AbortSignal) => Delivery | Promise<Delivery> = () => ({
    outcome: 'delivered',
  });

  async deliver(batch: EntryBatch, id: string, signal: AbortSignal): Promise<Delivery> {
    const lines = linesOf(batch);
    this.attempts.push({ id, lines });
    const delivery = await this.answer(lines, id, signal);
    if (delivery.outcome === 'delivered') this.received.push(...lines);
    if (delivery.outcome === 'rejected' && delivery.entries !== undefined) {
      this.received.push(...lines.filter((_, i) => !delivery.entries?.includes(i)));
    }
    return delivery;
  }

  async close(): Promise<void> {}
}
