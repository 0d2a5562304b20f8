/** Where queries read entries: the store, a live file, an archive, stdin. The query engine (logql/) knows nothing else of them. */
import type { EntryBatch } from './entry-batch.js';

/** `{name="value"}`, `!=`, `=~`, `!~`. A name that a stream does not have counts as an empty value, as in Loki. */
export interface LabelMatcher {
  readonly name: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
  /** Of the whole value; regular expressions are compiled once. */
  matches(value: string): boolean;
}

export type Direction = 'forward' | 'backward';

/**
 * What a block that may be skipped is asked: a text that each entry of interest has in its line or metadata. It is given with
 * what is known of its ends, because a filter of whole tokens can only be asked for a part that is a whole token.
 */
export interface RequiredText {
  readonly text: string;
  /** The text begins where a token of the line begins (or it begins with a character that is of no token). */
  readonly closedLeft: boolean;
  readonly closedRight: boolean;
}

/** What each entry of interest has as a label of its stream, or in its structured metadata. */
export interface RequiredValue {
  readonly name: string;
  readonly value: string;
}

export interface ScanRequest {
  /** Nanoseconds since the Unix epoch; included. */
  readonly start: bigint;
  /** Not included. */
  readonly end: bigint;
  /** All must match the entry's stream. */
  readonly matchers: readonly LabelMatcher[];
  readonly direction: Direction;
  /** Hints: a source may use them to skip what cannot match, and may ignore them. */
  readonly required: readonly RequiredText[];
  /** The same. */
  readonly requiredValues?: readonly RequiredValue[];
}

export interface ScannedBatch {
  /** Within it entries are in order of time, equal ones in order of arrival. May have entries that were not asked for: see `selected`. */
  readonly batch: EntryBatch;
  /** Indexes from (included) and to (not included) that are within the time asked for. */
  readonly from: number;
  readonly to: number;
  /** Whether entries of stream `i` of the batch are selected by the matchers. */
  readonly selected: readonly boolean[];
  /**
   * No later batch of this scan has an entry before this time (backward: after it). What has been read up to here can be handed out.
   */
  readonly frontier: bigint;
}

/** What a scan has cost; counted while it goes on. */
export interface ScanTotals {
  blocks: number;
  skippedBlocks: number;
  /** Left out, with all that was in them. */
  damagedBlocks: number;
  /** Of lines, decompressed. */
  bytes: number;
  entries: number;
}

export function noTotals(): ScanTotals {
  return { blocks: 0, skippedBlocks: 0, damagedBlocks: 0, bytes: 0, entries: 0 };
}

export interface EntrySource {
  /**
   * `arrival`: a file as it lies on disk. Batches come in the order in which log queries hand their entries out, whatever their times say, and
   * entries within a batch may step back in time; the frontier stays at the start until the end. Absent: in order of time, as told above.
   */
  readonly order?: 'time' | 'arrival';
  scan(request: ScanRequest, totals: ScanTotals): AsyncIterable<ScannedBatch>;
}
