/** What is appended to files, as a source that ends with the signal. */
import type { Clock } from '../../../platform/clock.js';
import type { EntrySource, ScannedBatch, ScanRequest, ScanTotals } from '../entry-source.js';
import { type FileContext, streamLabels, wholeBatch } from './file-source.js';
import { followFile } from './follow.js';
import { LineTimes } from './line-times.js';
import type { LogFile } from './log-file.js';
import { raced } from './raced.js';

export class FollowedSource implements EntrySource {
  readonly order = 'arrival';

  constructor(
    private readonly files: readonly LogFile[],
    private readonly context: FileContext,
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
  ) {}

  scan(request: ScanRequest, totals: ScanTotals): AsyncIterable<ScannedBatch> {
    const chosen = this.files.filter((file) => {
      const stream = streamLabels(file);
      return request.matchers.every((matcher) => matcher.matches(stream[matcher.name] ?? ''));
    });
    return raced(chosen.map((file) => this.#follow(file, request, totals)));
  }

  async *#follow(file: LogFile, { start }: ScanRequest, totals: ScanTotals): AsyncGenerator<ScannedBatch> {
    const stream = streamLabels(file);
    const times = new LineTimes(this.context.zone, this.context.now, file.writtenAt);
    for await (const piece of followFile(file, this.clock, this.signal)) {
      const batch = wholeBatch(piece, times, stream);
      totals.blocks++;
      totals.bytes += piece.bytes.length;
      totals.entries += batch.count;
      yield { batch, from: 0, to: batch.count, selected: [true], frontier: start };
    }
  }
}
