/** How it goes with pipelines, as `ds log status` says it: in records for pipes, and words for terminals. */
import { relativeTime } from '../../../platform/relative-time.js';
import { formatDuration, formatSize } from '../../../platform/units.js';
import type { PipelineStatus } from '../agent/status.js';
import { sumOf } from '../store/agent/counts.js';

type Cells = readonly (string | number | undefined)[];

export const rounded = (amount: number): number => Math.round(amount * 10) / 10;

/** A record for each pipeline, and those of its files behind it. */
export function* statusRecords(pipelines: readonly PipelineStatus[]): Generator<Cells> {
  for (const one of pipelines) {
    const { name, pid, lagBytes, lagMs, entriesDelivered, buffer, retries, deadLetters, lastError } = one;
    const rates = [rounded(one.entriesPerSecond), rounded(one.bytesPerSecond)];
    const waits = [entriesDelivered, buffer?.entries, buffer?.bytes, retries, deadLetters.entries, sumOf(one.dropped)];
    yield ['pipeline', name, pid, lagBytes, lagMs, ...rates, ...waits, lastError?.message];
    for (const { path, state, offset, lines, lagBytes: behind } of one.files) {
      yield ['file', name, path, state, offset, lines, behind];
    }
  }
}

export function lagText({ lagBytes, lagMs }: PipelineStatus): string {
  return lagMs === 0 ? 'none' : `${formatSize(lagBytes)}, ${formatDuration(Math.round(lagMs / 1000) * 1000)}`;
}

/** What was dropped and why, and the last trouble: whether it is over, and since when. @param now milliseconds */
export function* statusNotes(pipelines: readonly PipelineStatus[], now: number): Generator<string> {
  for (const { name, dropped, lastError, lastDeliveredAt, failures } of pipelines) {
    for (const [reason, entries] of Object.entries(dropped)) yield `${name}: ${entries} entries dropped: ${reason}`;
    if (lastError === undefined) continue;
    const at = relativeTime(lastError.at, now);
    if (failures > 0) {
      const since =
        lastDeliveredAt === undefined
          ? 'nothing was delivered yet'
          : `last delivery ${relativeTime(lastDeliveredAt, now)}`;
      yield `${name}: fails, ${failures} times in a row, ${since}; last error ${at}: ${lastError.message}`;
    } else if (lastDeliveredAt !== undefined && lastDeliveredAt >= lastError.at) {
      yield `${name}: delivers again since; last error ${at}: ${lastError.message}`;
    } else yield `${name}: last error ${at}: ${lastError.message}`;
  }
}
