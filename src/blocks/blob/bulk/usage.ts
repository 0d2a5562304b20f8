/** What takes the space in a bucket: objects and bytes below each prefix, down to some depth. */
import type { BlobStore } from '../blob-store.js';
import { objectsOf, versionPages } from './pages.js';

export interface Usage {
  /** As it begins, with its slash; the prefix that was asked about for the sum of all. */
  readonly prefix: string;
  readonly objects: number;
  readonly bytes: number;
}

export interface UsageQuery {
  readonly bucket: string;
  readonly prefix: string;
  /** Slashes below the prefix until which prefixes are told apart; 0: only the sum. */
  readonly depth: number;
  /** Versions and not only what is current: each counts with its size, delete markers with none. */
  readonly versions: boolean;
}

/**
 * In the order of keys, the sum of all at the end. Prefixes of a depth come one after the other, as keys do: what is kept in memory is a
 * sum for each depth.
 */
export async function* usage(store: BlobStore, query: UsageQuery): AsyncGenerator<Usage> {
  const total = { prefix: query.prefix, objects: 0, bytes: 0 };
  let open: (typeof total)[] = [];
  for await (const { key, size } of entries(store, query)) {
    const names = prefixesOf(key, query.prefix, query.depth);
    const same = open.findIndex(({ prefix }, depth) => prefix !== names[depth]);
    const kept = same < 0 ? open.length : same;
    for (const done of open.slice(kept).toReversed()) yield done;
    open = [...open.slice(0, kept), ...names.slice(kept).map((prefix) => ({ prefix, objects: 0, bytes: 0 }))];
    for (const sum of [total, ...open]) {
      sum.objects++;
      sum.bytes += size;
    }
  }
  for (const done of open.toReversed()) yield done;
  yield total;
}

async function* entries(store: BlobStore, { bucket, prefix, versions }: UsageQuery) {
  if (!versions) {
    yield* objectsOf(store, bucket, prefix);
    return;
  }
  for await (const page of versionPages(store, bucket, { prefix })) {
    for (const { key, object } of page.versions) yield { key, size: object?.size ?? 0 };
  }
}

/** `a/b/c` below `` with depth 2: `a/`, `a/b/`. */
function prefixesOf(key: string, prefix: string, depth: number): string[] {
  const found: string[] = [];
  for (let slash = key.indexOf('/', prefix.length); slash >= 0 && found.length < depth; ) {
    found.push(key.slice(0, slash + 1));
    slash = key.indexOf('/', slash + 1);
  }
  return found;
}
