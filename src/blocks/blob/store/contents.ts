/**
 * What the tables of buckets and objects need of the bytes beneath them. A content is immutable and counted:
 *
 *     body ──stage()──▶ Staged ──add()──▶ content, refs 1 ──share()──▶ refs 2 ──release()──▶ refs 1 ──release()──▶ garbage ──gc──▶ gone
 *                         │
 *                         └──discard()──▶ bytes in a pack that nobody knows: garbage of the pack
 *
 * stage() comes before the transaction: when it resolves, what is in packs is on disk (fdatasync). add(), share(), release(), join() and
 * cut() are steps within the caller's transaction, so that a content and the row that refers to it are there together or not at all.
 */
import type { Body, ByteRange } from '../object-types.js';

export interface StageOptions {
  /** Bytes that the body is to have; fewer or more: `blob.incomplete_body`. */
  readonly size?: number;
  /** Largest size; beyond it `blob.entity_too_large`, as soon as it is seen. */
  readonly largest?: number;
  /** A small body is kept in memory, for the database file. Default true; parts of uploads are always in packs. */
  readonly mayBeInline?: boolean;
}

export interface Staged {
  readonly size: number;
  /** Hex. */
  readonly md5: string;
}

/** Of an upload in parts, in order. */
export interface PartLayout {
  readonly number: number;
  readonly size: number;
  /** Base64. */
  readonly checksum?: string;
}

export interface Contents {
  /** Errors: `blob.incomplete_body`, `blob.entity_too_large`, `storage.full` and others of the storage catalogue, and what the body throws. */
  stage(body: Body, options?: StageOptions): Promise<Staged>;
  /** Of what will not be added. Safe after a failed add. */
  discard(staged: Staged): void;

  /** Within a transaction. Returns the content's id; it has one reference, the caller's. Error: `blob.conflict` where what it counted on is gone. */
  add(staged: Staged): number;
  /** Within a transaction: one more reference. */
  share(contentId: number): void;
  /** Within a transaction: one fewer. A small one goes at once, another one waits for gc. */
  release(contentId: number): void;
  /** Within a transaction: a new content of others' bytes, in that order, which takes over the caller's references to them. */
  join(contentIds: readonly number[], parts: readonly PartLayout[]): number;
  /** Within a transaction: a new content of some of another one's bytes, not inline. Undefined: it is inline, copy it by reading. */
  cut(contentId: number, range: ByteRange): number | undefined;

  parts(contentId: number): readonly PartLayout[] | undefined;
  /**
   * The bytes of a range, checked against their CRC where a whole chunk is read. What it reads is kept from gc of this process until the body ends.
   * Errors, while it is read: `blob.corrupt`.
   */
  read(contentId: number, range: ByteRange | undefined): Body;

  /** Bodies being staged. */
  readonly staging: number;
  /** Lets go of the packs that this process appends to. */
  close(): Promise<void>;
}
