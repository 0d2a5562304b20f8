/** Standard output: raw lines. */
import type { EntryBatch } from '../../entry-batch.js';
import type { Delivery, Sink } from '../sink.js';
import { rawLines } from './document.js';
import type { SinkContext } from './http-sender.js';
import { badSink } from './sink-text.js';

/** Error: `log.bad_sink` where there is no stdout. */
export function stdoutSink({ writeOut }: SinkContext): Sink {
  if (writeOut === undefined) throw badSink('nobody reads the standard output of this process');
  return {
    name: '-',
    async deliver(batch: EntryBatch): Promise<Delivery> {
      await writeOut(rawLines(batch));
      return { outcome: 'delivered' };
    },
    async close() {},
  };
}
