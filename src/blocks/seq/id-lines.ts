/**
 * IDs as `ds seq next` prints them, wherever the worker number comes from:
 *
 *     file          worker number leased in the file     IDs made here
 *     redis://      worker number leased in Redis        IDs made here
 *     ds seq serve  its worker number                    IDs made there, fetched in batches (SEQ.NEXT)
 */
import type { Clock, Random } from '../../platform/clock.js';
import { type IdFormat, idsToStrings, renderLines } from './batch.js';
import type { Layout } from './layout/index.js';
import type { Sequencer } from './sequencer.js';
import { type ClockBackPolicy, openIdSource } from './source.js';

/** What to do when the clock stands before the last ID: see source.ts. */
export const clockBackPolicies: readonly ClockBackPolicy[] = ['wait', 'borrow', 'fail'];

export interface IdLinesOptions {
  readonly layout: Layout;
  readonly format: IdFormat;
  /** One JSON object a line instead of the bare ID. */
  readonly json: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly holder: string;
  readonly worker: number | undefined;
  /** Default `wait`. */
  readonly onClockBack: ClockBackPolicy | undefined;
  /** Longest wait in milliseconds for a clock that went back, and for a worker number to become free. */
  readonly maxWaitMs: number;
  readonly signal: AbortSignal;
  readonly onNotice: (text: string) => void;
}

export interface IdLines {
  /** The next `count` IDs (1 to {@link BATCH}), each a line; binary has nothing between. */
  next(count: number): Promise<Uint8Array>;
  /** Gives the worker number back. */
  close(): Promise<void>;
}

/**
 * IDs made between two writes. One tick of the twitter layout: while a batch is written the clock reaches the next tick,
 * so that writing costs no time of its own. Larger ones were slower: the tick that passes while a batch is written
 * is lost.
 */
export const BATCH = 4096;

/** How a server that makes IDs by itself is asked for them. */
export type NextOnServer = (layout: string, count: number, format?: string) => Promise<readonly string[]>;

/** Leases a worker number from the sequencer and makes the IDs in this process. */
export async function openLocalIdLines(sequencer: Sequencer, options: IdLinesOptions): Promise<IdLines> {
  const { layout, format, json, worker, onClockBack = 'wait', ...rest } = options;
  const number = worker === undefined ? {} : { worker };
  const source = await openIdSource({
    ...rest,
    ...number,
    layout,
    onClockBack,
    workers: sequencer.workers,
    spin: true,
  });
  return {
    next: async (count) => {
      const batch = await source.next(count);
      return json ? jsonLines(idsToStrings(batch, format)) : renderLines(batch, format);
    },
    close: () => source.close(),
  };
}

/** Lets the server make the IDs, with its own worker number. */
export function remoteIdLines(nextOnServer: NextOnServer, options: IdLinesOptions): IdLines {
  const { layout, format, json } = options;
  return {
    next: async (count) => {
      // Raw bytes are no text; on the wire they travel in hexadecimal.
      if (format === 'binary') return Buffer.from((await nextOnServer(layout.name, count, 'hex')).join(''), 'hex');
      const ids = await nextOnServer(layout.name, count, format);
      return json ? jsonLines(ids) : Buffer.from(`${ids.join('\n')}\n`, 'latin1');
    },
    close: async () => {},
  };
}

/** Whether the user asked for something that only the maker of the IDs decides, so that they must be made here. */
export function mustMakeHere({ worker, onClockBack }: IdLinesOptions): boolean {
  return worker !== undefined || onClockBack !== undefined;
}

function jsonLines(ids: readonly string[]): Uint8Array {
  return Buffer.from(ids.map((id) => `{"id":"${id}"}\n`).join(''), 'latin1');
}
