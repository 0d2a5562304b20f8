/** Stored entries of a file against the bytes that they are of. */
import type { KnownFile } from '../../store/agent/files.js';
import type { EntryStore } from '../../store/entry-store.js';
import { lineHash } from '../../store/stored-origins.js';
import { dockerFramer } from '../framing/docker.js';
import { Coverage } from './coverage.js';
import type { DiskBytes } from './disk-bytes.js';
import { inOrder, type StoredEntry } from './in-order.js';

/** What the store says of a file. */
export interface StoredAccount {
  readonly coverage: Coverage;
  /** Lines that are others than on disk, or are not there. */
  readonly changed: number;
  /** Entries, by retention. */
  readonly removed: number;
}

/** `disk`: absent where the bytes are not there any more. */
export async function compareStored(
  file: KnownFile,
  disk: DiskBytes | undefined,
  store: Pick<EntryStore, 'origins' | 'removed'>,
): Promise<StoredAccount> {
  const coverage = new Coverage(file.begun);
  let changed = 0;
  for await (const entries of inOrder(store.origins(file.number))) {
    for (const entry of entries) {
      const isFirst = coverage.add(entry.from, entry.to);
      if (isFirst && disk !== undefined && !(await isSameLine(entry, disk, file.framing))) changed++;
    }
  }
  coverage.end(file.offset);
  const removed = store.removed(file.number).reduce((sum, { entries }) => sum + entries, 0);
  return { coverage, changed, removed };
}

async function isSameLine({ from, to, hash }: StoredEntry, disk: DiskBytes, framing: string): Promise<boolean> {
  const bytes = await disk.range(from, to);
  if (bytes.length !== to - from) return false;
  return lineHash(framing === 'docker' ? dockerText(bytes) : withoutLineEnd(bytes)) === hash;
}

const LF = 10;
const CR = 13;

function withoutLineEnd(bytes: Buffer): Buffer {
  if (bytes[bytes.length - 1] !== LF) return bytes;
  return bytes.subarray(0, bytes[bytes.length - 2] === CR ? -2 : -1);
}

function dockerText(bytes: Buffer): Buffer {
  const framed = dockerFramer.frame({ bytes, from: 0, to: bytes.length, continued: false, final: true });
  return (framed.bytes ?? bytes).subarray(framed.starts[0], framed.ends[framed.count - 1]);
}
