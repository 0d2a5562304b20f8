/**
 * What proves that bytes on disk are the ones that were read: hashes of the beginning and of what stands right before a position.
 *
 *     0        1 KiB                          offset - 1 KiB   offset        size
 *     ├─ fingerprint ─┤ ……………………………………………………… ├──── tail ────┤ not read yet … ┤
 *
 * Both grow with the file up to 1 KiB each, so that of a file with less than that every byte is in them. The fingerprint is taken when a file is
 * first seen, and may be of more than was read. Device and inode say
 * where a file is; that it is still the same one is told by
 *
 *     size ≥ offset, fingerprint and tail agree     it goes on
 *     anything else                                 truncated and begun anew, or the inode is another file's by now
 *
 * and that other bytes (a copy, decompressed ones) are those of a file that has gone, by the same: {@link continues}. Of a file that is
 * still there bytes are compared with bytes: {@link isBeginningOf}.
 */
import { createHash } from 'node:crypto';
import type { Checkpoint } from '../../source.js';

export type Proof = Checkpoint['fingerprint'];

export const PROOF_BYTES = 1024;

export const NO_PROOF: Proof = Object.freeze({ length: 0, hash: '' });

/** How far a file was read, and what stands there. */
export interface Position {
  readonly offset: number;
  readonly fingerprint: Proof;
  readonly tail: Proof;
}

export function prove(bytes: Uint8Array): Proof {
  if (bytes.length === 0) return NO_PROOF;
  // 128 bits: enough against chance, and who writes the files may write anything into them anyway.
  return { length: bytes.length, hash: createHash('sha256').update(bytes).digest('base64url').slice(0, 22) };
}

export function agrees(proof: Proof, bytes: Uint8Array): boolean {
  return bytes.length === proof.length && prove(bytes).hash === proof.hash;
}

/** Bytes that can be looked at anywhere: a file, or what was kept of a compressed one. Shorter than asked for at the end. */
export interface Readable {
  readonly size: number;
  bytes(from: number, to: number): Uint8Array;
}

/** Whether the position is in these bytes: they begin and go on as those did that were read up to it. */
export function continues(candidate: Readable, { offset, fingerprint, tail }: Position): boolean {
  if (candidate.size < offset) return false;
  if (!agrees(fingerprint, candidate.bytes(0, fingerprint.length))) return false;
  return agrees(tail, candidate.bytes(offset - tail.length, offset));
}

/** Whether the whole of `copy` is what `original` begins with, by its first and last KiB. */
export function isBeginningOf(copy: Readable, original: Readable): boolean {
  if (copy.size > original.size) return false;
  const start = Math.min(copy.size, PROOF_BYTES);
  return (
    isSame(copy.bytes(0, start), original.bytes(0, start)) &&
    isSame(copy.bytes(copy.size - start, copy.size), original.bytes(copy.size - start, copy.size))
  );
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
