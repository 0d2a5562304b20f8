/**
 * What an inode that the ledger does not know is. By its name it may be a rotated form of a file that is followed; then bytes decide.
 *
 *     the name of the family itself                                   → a new file
 *     an inode that was taken for gone, with the bytes that were read → that file
 *     beside it at the very first look                                → history: not read; what is written to it from now on is
 *     plain, and the beginning of the file that is followed           → a copy of it, being made before a truncation: wait and see
 *     plain, and goes on where a file of that name has gone           → the copy made by copytruncate: that file, from where it was read to
 *     compressed, not whole yet                                       → wait
 *     compressed, and the beginning of a file that is still there     → the same as a copy
 *     compressed, and goes on where a file of the family has gone     → that file, compressed
 *     anything else                                                   → rotated since we looked: a file to be read whole
 *
 * A file may be truncated between any two reads. So what is compared with it counts only when it was not, which is looked at afterwards;
 * else the next look decides. Of files that have gone the one that was read farthest is taken: others with the same beginning
 * would agree with less.
 *
 * All of a family may begin with the same header. Where no more was read of a file that has gone, others agree with that, too; so a plain
 * one goes on for it only if the inode is still there from which it was copied. Of compressed ones nothing tells: the likelier is that it has
 * grown before it was compressed.
 *
 * What is shorter than the position of a file that has gone proves nothing and is read: better twice than not at all. (logrotate would have
 * to copy, the writer to write, we to read that, and logrotate to truncate; the writer's lines are lost by logrotate then.)
 */
import { contentOf, formOf, surveyCompressed } from './contents.js';
import { type Disk, type FileStat, inodeKey, isSameFile, type OpenFile } from './disk.js';
import { continues, isBeginningOf, NO_PROOF, PROOF_BYTES, type Proof, prove, type Readable } from './identity.js';
import type { Sighting } from './listing.js';
import type { TrackedFile } from './tracked-file.js';

export type Verdict =
  /** Decided at the next look. */
  | { readonly kind: 'wait' }
  | (Beginning & { readonly kind: 'new' })
  /** What it has now is not read. */
  | (Beginning & { readonly kind: 'history' })
  | (Beginning & { readonly kind: 'copy'; readonly of: TrackedFile })
  /** `atEnd`: there is nothing beyond the position. */
  | { readonly kind: 'moved'; readonly from: TrackedFile; readonly compressed: boolean; readonly atEnd: boolean }
  | { readonly kind: 'refused'; readonly reason: string };

interface Beginning {
  readonly compressed: boolean;
  /** Of what it has in it, so that it can be told from what may be in its inode later, before a byte of it was read. */
  readonly fingerprint: Proof;
}

export interface Relations {
  readonly family: string;
  /** All of the family that may be met again. */
  readonly relatives: readonly TrackedFile[];
  /** It was there before anybody asked for it. */
  readonly isHistory: boolean;
}

const WAIT: Verdict = { kind: 'wait' };

/** Compressed files that were not whole, by inode: with the size and time for which that was found. */
type Unfinished = Map<string, string>;

export class Judge {
  readonly #disk: Disk;
  readonly #unfinished: Unfinished = new Map();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Throws what the system says when it cannot be read. */
  async judge(sighting: Sighting, relations: Relations): Promise<Verdict> {
    const file = this.#disk.open(sighting.path);
    if (file === undefined) return WAIT;
    try {
      if (!isSameFile(file.stat(), sighting.stat)) return WAIT;
      return await this.#judgeOpen(file, sighting, relations);
    } finally {
      file.close();
    }
  }

  async #judgeOpen(file: OpenFile, { path, stat }: Sighting, relations: Relations): Promise<Verdict> {
    const { family, relatives, isHistory } = relations;
    const content = contentOf(file);
    const form = formOf(content.bytes(0, 4));
    if (form === 'utf-16') return { kind: 'refused', reason: 'it is UTF-16, and only UTF-8 and ASCII are read' };
    if (form === 'compressed') return { kind: 'refused', reason: 'of compressed files only gzip is read' };
    const compressed = form === 'gzip';
    if (isHistory && compressed) return { kind: 'history', compressed, fingerprint: NO_PROOF };
    const last = compressed ? undefined : lastOf(relatives, stat);
    if (last !== undefined && isFoundAgain(last, stat, content))
      return { kind: 'moved', from: last, compressed, atEnd: false };
    if (path === family && !compressed) return beginning(isHistory ? 'history' : 'new', content, false);
    // An empty file under a rotated name is about to be a copy.
    if (content.size === 0) return WAIT;
    if (!compressed) return this.#judgePlain(content, relations, last);
    const seen = `${stat.size} ${stat.modified}`;
    if (this.#unfinished.get(inodeKey(stat)) === seen) return WAIT;
    const verdict = await this.#judgeCompressed(file, relations);
    if (verdict === undefined) this.#unfinished.set(inodeKey(stat), seen);
    else this.#unfinished.delete(inodeKey(stat));
    return verdict ?? WAIT;
  }

  /** `last`: what was last known to be in its inode. */
  #judgePlain(content: Readable, relations: Relations, last: TrackedFile | undefined): Verdict {
    const { family, relatives, isHistory } = relations;
    for (const original of relatives) {
      if (original.state !== 'open' || original.path !== family || original.compressed) continue;
      const comparison = this.#compare(content, original);
      if (comparison === 'unclear') return WAIT;
      if (comparison === 'beginning') return { ...beginning('copy', content, false), of: original };
    }
    if (isHistory) return beginning('history', content, false);
    // Only the file that was followed is copied away; what was compressed may have been decompressed again; and a rotated one may have been
    // missed while it was renamed once more.
    const gone = relatives.filter((file) => {
      if (file.state !== 'gone') return false;
      if (file.compressed || file === last) return true;
      return file.path === family && (wasTruncated(file, relatives) || !this.#isBeginningOfOther(file, relatives));
    });
    return goesOn(content, gone, false) ?? beginning('new', content, false);
  }

  /** Undefined: it is not whole yet. */
  async #judgeCompressed(file: OpenFile, { relatives }: Relations): Promise<Verdict | undefined> {
    const gone = relatives.filter(({ state, position }) => state === 'gone' && position.offset > 0);
    const content = await surveyCompressed(
      file,
      gone.map(({ position }) => position),
    );
    if (content === undefined) return undefined;
    for (const original of relatives) {
      if (original.state !== 'open' || original.compressed) continue;
      const comparison = this.#compare(content, original);
      if (comparison === 'unclear') return WAIT;
      if (comparison === 'beginning') return { ...beginning('copy', content, true), of: original };
    }
    return goesOn(content, gone, true) ?? beginning('new', content, true);
  }

  /** All that was read of it stands at the beginning of another one that is there: so it tells nothing. */
  #isBeginningOfOther({ position }: TrackedFile, relatives: readonly TrackedFile[]): boolean {
    if (position.offset > PROOF_BYTES) return false;
    return relatives.some((other) => {
      if (other.state !== 'open' || other.compressed) return false;
      const file = other.descriptor ?? this.#disk.open(other.path);
      if (file === undefined) return false;
      try {
        return isSameFile(file.stat(), other) && continues(contentOf(file), position);
      } finally {
        if (file !== other.descriptor) file.close();
      }
    });
  }

  /** `unclear`: the original was changed meanwhile, or cannot be read. */
  #compare(content: Readable, original: TrackedFile): 'beginning' | 'other' | 'unclear' {
    const file = original.descriptor ?? this.#disk.open(original.path);
    if (file === undefined) return 'unclear';
    try {
      if (!isSameFile(file.stat(), original)) return 'unclear';
      const before = contentOf(file);
      const isBeginning = content.size > 0 && isBeginningOf(content, before);
      const after = contentOf(file);
      const wasTruncated = after.size < Math.max(before.size, original.size) || !continues(after, original.position);
      if (wasTruncated) return 'unclear';
      return isBeginning ? 'beginning' : 'other';
    } finally {
      if (file !== original.descriptor) file.close();
    }
  }
}

/** Its inode is still there, with another content: as copytruncate leaves it. */
function wasTruncated(gone: TrackedFile, relatives: readonly TrackedFile[]): boolean {
  return relatives.some((file) => file !== gone && file.isThere && isSameFile(file, gone));
}

/** What was in this inode last. What was there before it was written over, whatever bytes come after it. */
function lastOf(files: readonly TrackedFile[], stat: FileStat): TrackedFile | undefined {
  let last: TrackedFile | undefined;
  for (const file of files) if (isSameFile(file, stat) && file.number >= (last?.number ?? 0)) last = file;
  return last;
}

/** It was taken for gone while it was renamed, or came back. Only where it is known when inodes were made: numbers are used again. */
function isFoundAgain(file: TrackedFile, stat: FileStat, content: Readable): boolean {
  const isSure = file.birth !== 0n && stat.birth !== 0n && file.state === 'gone';
  return isSure && file.position.offset > 0 && continues(content, file.position);
}

function beginning<Kind extends string>(
  kind: Kind,
  content: Readable,
  compressed: boolean,
): Beginning & { kind: Kind } {
  return { kind, compressed, fingerprint: prove(content.bytes(0, Math.min(PROOF_BYTES, content.size))) };
}

function goesOn(content: Readable, gone: readonly TrackedFile[], compressed: boolean): Verdict | undefined {
  let from: TrackedFile | undefined;
  for (const file of gone) {
    const isFarther = file.position.offset > (from?.position.offset ?? 0);
    if (isFarther && continues(content, file.position)) from = file;
  }
  if (from === undefined) return undefined;
  return { kind: 'moved', from, compressed, atEnd: content.size === from.position.offset };
}
