/** What the steps of gc share. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Random } from '../../../../platform/clock.js';
import type { Store } from '../../../../platform/store/store.js';
import type { PackFiles } from '../packs/pack-files.js';
import type { Reserve } from '../reserve.js';

export interface GcOptions {
  /**
   * Contents that nobody has referred to for less stay, milliseconds: another process may be reading one that was deleted meanwhile. What this
   * process reads is kept however long it takes. Default {@link DEFAULT_GRACE_MS}.
   */
  readonly graceMs?: number;
  /** Its abort ends gc between two steps; the next one goes on. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (soFar: GcResult) => void;
}

/** 15 minutes. */
export const DEFAULT_GRACE_MS = 900_000;

export interface GcResult {
  /** Processes that were found dead, and what they had uploaded let go of. */
  readonly deadWriters: number;
  readonly contents: number;
  readonly chunks: number;
  /** Packs removed, and of those, how many had live chunks that were copied first. */
  readonly packs: number;
  readonly rewritten: number;
  /** That the folder of packs has fewer now. */
  readonly freedBytes: number;
  /** Packs that are left as they are since a chunk in them is damaged: ds blob scrub tells which objects. */
  readonly damagedPacks: number;
}

/** The result as it grows. */
export type GcCounts = { -readonly [Name in keyof GcResult]: number };

export interface GcParts {
  readonly store: Store;
  readonly folder: string;
  readonly files: PackFiles;
  readonly reserve: Reserve;
  readonly clock: Clock;
  readonly random: Random;
  readonly graceMs: number;
  readonly counts: GcCounts;
  isRead(contentId: number): boolean;
  /** As {@link Store.write}, also where the disk is full. */
  write<T>(work: () => T, options?: { readonly sync: 'normal' }): T;
  /** Between two steps: lets the event loop go on, throws when gc is to end. */
  pause(): Promise<void>;
}

/** See {@link GcParts.pause}. */
export function makePause({ signal, onProgress }: GcOptions, counts: GcCounts): () => Promise<void> {
  return async () => {
    onProgress?.({ ...counts });
    await nextTurn();
    signal?.throwIfAborted();
  };
}
