/** How it goes with a pipeline, as `ds log status --json` tells it. */
import { isoTime } from '../../../platform/relative-time.js';
import type { PipelineStatus } from './status.js';

const round = (amount: number): number => Math.round(amount * 10) / 10;

export function pipelineJson(one: PipelineStatus) {
  return {
    name: one.name,
    sink: one.sink,
    pid: one.pid,
    lag_bytes: one.lagBytes,
    lag_ms: one.lagMs,
    lines_read: one.linesRead,
    entries_read: one.entriesRead,
    bytes_read: one.bytesRead,
    entries_delivered: one.entriesDelivered,
    entries_per_second: round(one.entriesPerSecond),
    bytes_per_second: round(one.bytesPerSecond),
    buffer: one.buffer && {
      batches: one.buffer.batches,
      entries: one.buffer.entries,
      bytes: one.buffer.bytes,
      capacity_bytes: one.buffer.capacityBytes,
      when_full: one.buffer.whenFull,
    },
    retries: one.retries,
    failures: one.failures,
    last_error: one.lastError && { message: one.lastError.message, at: isoTime(one.lastError.at) },
    last_delivered_at: one.lastDeliveredAt === undefined ? undefined : isoTime(one.lastDeliveredAt),
    dead_letters: one.deadLetters,
    dropped: one.dropped,
    files: one.files.map(({ path, state, offset, lines, lagBytes }) => ({
      path,
      state,
      offset,
      lines,
      lag_bytes: lagBytes,
    })),
  };
}
