/**
 * What the agent reads from. A source hands out chunks and goes on when the pipeline has taken one: with the local store as the sink that is
 * when it is committed, together with its checkpoint; with another one when it is in that sink's buffer on disk, in the same way.
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
}

/** Takes a chunk; resolves when it is safe, and the source may go on. */
export type TakeChunk = (chunk: SourceChunk) => Promise<void>;

export interface Source {
  /** For people and metrics: a path, `syslog udp 127.0.0.1:5514`. */
  readonly name: string;
  /** Reads until the signal, or until there is nothing more (stdin, a command, `--once`). */
  run(take: TakeChunk, signal: AbortSignal): Promise<void>;
}
