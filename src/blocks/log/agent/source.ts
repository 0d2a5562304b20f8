/**
 * What the agent reads from. A source hands out chunks and goes on when the pipeline has room for more. The pipeline keeps them in order and
 * commits each together with its checkpoint: with the local store as the sink the entries themselves, else that sink's buffer. So a source
 * may read on while what it read is compressed, and a crash sets it back to the last checkpoint. What must not happen before a chunk is on
 * disk, such as to write down that a file is done with, waits for `onSafe`.
 */
import type { EntryBatch } from '../entry-batch.js';

/** How far a file has been read, as it is written into the ledger with the entries. */
export interface Checkpoint {
  /** Number of the file in the ledger. */
  readonly file: number;
  /** Bytes read and handed out, whole entries only. */
  readonly offset: number;
  /** Lines up to there. */
  readonly lines: number;
  /** What proves later that a file is still this one: length and hash of its beginning, and of the last bytes before `offset`. */
  readonly fingerprint: { readonly length: number; readonly hash: string };
  readonly tail: { readonly length: number; readonly hash: string };
}

export interface SourceChunk {
  /** All of one origin, or of none. Timestamps are those of reading; a transform may find better ones. */
  readonly entries: EntryBatch;
  /** Only sources that can be read again have one. */
  readonly checkpoint?: Checkpoint;
  /** Lines that the entries are made of: more than entries where several lines are one entry. */
  readonly lines: number;
  /** Called once, after the commit that has these entries and this checkpoint. */
  readonly onSafe?: () => void;
}

/** Takes a chunk; resolves when the source may go on. Rejects when the signal of the source has been aborted meanwhile. */
export type TakeChunk = (chunk: SourceChunk) => Promise<void>;

export interface Source {
  /** For people and metrics: a path, `syslog udp 127.0.0.1:5514`. */
  readonly name: string;
  /** Reads until the signal, or until there is nothing more (stdin, a command, `--once`). */
  run(take: TakeChunk, signal: AbortSignal): Promise<void>;
}
