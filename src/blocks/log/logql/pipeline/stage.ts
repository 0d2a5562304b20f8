import type { EntryLabels } from './entry-labels.js';

/** The entry that goes through a pipeline; stages change it in place. */
export interface EntryState {
  line: string;
  /** Nanoseconds since the Unix epoch. */
  timestamp: bigint;
  readonly labels: EntryLabels;
}

/** Whether the entry goes on. */
export type StageFunction = (entry: EntryState) => boolean;

/** Labels that somebody will look at; undefined: all. What nobody looks at, parsers need not extract. */
export type NeededLabels = ReadonlySet<string> | undefined;
