/** All keys that a request asks for, in bounded memory, and how one is shown. */
import { textOf } from '../bytes.js';
import type { KeyValueStore, ListedKey, PageRequest, PlaceInKeys } from '../key-value-store.js';
import { type EncodedBytes, encodeBytes } from './encoded-bytes.js';

/** Keys looked at for a page. */
const PAGE = 1_000;

export type KeysRequest = Omit<PageRequest, 'after' | 'limit'> & {
  /** Keys wanted; absent: all. */
  readonly most?: number;
  /** Told of keys that cannot be shown, page by page. */
  readonly onLeftOut?: (keys: number) => void;
};

/** A page at a time; pages may be empty. */
export async function* keyPages(store: KeyValueStore, request: KeysRequest): AsyncGenerator<readonly ListedKey[]> {
  const { most = Number.POSITIVE_INFINITY, onLeftOut, ...asked } = request;
  let left = most;
  let after: PlaceInKeys | undefined;
  do {
    const page = await store.page({ ...asked, ...(after === undefined ? {} : { after }), limit: PAGE });
    if (page.leftOut !== undefined) onLeftOut?.(page.leftOut);
    yield page.keys.slice(0, left);
    left -= page.keys.length;
    after = page.next;
  } while (after !== undefined && left > 0);
}

export interface ShownKey {
  readonly key: EncodedBytes;
  readonly type: string;
  readonly expires_at?: string;
}

export function shownKey({ key, type, expiresAt }: ListedKey, isoTime: (instant: number) => string): ShownKey {
  return { key: encodeBytes(key), type, ...(expiresAt === undefined ? {} : { expires_at: isoTime(expiresAt) }) };
}

/** As a line has it: bytes that are no UTF-8 are shown as U+FFFD. */
export const shownBytes = textOf;
