/**
 * Carries out a plan: copies, several at a time, then deletions. What fails is told, and the others go on; nothing is deleted where a part of the
 * source could not be read, because what is in it would count as gone.
 */

import { join } from 'node:path';
import { DsError } from '../../../../platform/errors.js';
import { inParallel } from '../../../../platform/in-parallel.js';
import type { KeyPlace } from '../../object-types.js';
import { ProgressMeter, type TransferContext } from '../context.js';
import { type CopyEnds, copyBetween } from '../copy-object.js';
import { getNewFile } from '../get-file.js';
import { putFile } from '../put-file.js';
import type { SyncStep } from './plan.js';
import type { BucketSide, SyncSide } from './side.js';
import { TargetFolder } from './target-folder.js';

export type SyncEvent =
  | { readonly kind: 'copied' | 'deleted'; readonly path: string; readonly size: number }
  | { readonly kind: 'failed'; readonly path: string; readonly error: DsError };

export interface SyncSummary {
  copied: number;
  copiedBytes: number;
  deleted: number;
  same: number;
  skipped: number;
  failed: number;
  /** Deletions that were not done, because something of the source could not be read. */
  heldDeletions: number;
}

export interface RunOptions {
  /** Both sides are buckets of one store. */
  readonly sameStore?: boolean | undefined;
  /** Bytes to copy in all, where the plan is known to its end. */
  readonly totalBytes?: number | undefined;
  /** Files at once. Default {@link FILES_AT_ONCE}. */
  readonly atOnce?: number | undefined;
  readonly onEvent?: ((event: SyncEvent) => void) | undefined;
}

const FILES_AT_ONCE = 8;
/** Parts of a large file at once, beside those of others. */
const PARTS_AT_ONCE = 2;

/** After these no other file would fare better. */
const FATAL = [
  'blob.unreachable',
  'blob.no_such_bucket',
  'blob.read_only_bucket',
  'blob.signature_does_not_match',
  'blob.invalid_access_key_id',
  'storage.full',
];

/** Error: what makes all else vain, such as a server that has gone. */
export async function runSync(
  steps: AsyncIterable<SyncStep> | Iterable<SyncStep>,
  source: SyncSide,
  target: SyncSide,
  options: RunOptions,
  context: TransferContext,
): Promise<SyncSummary> {
  const summary = { copied: 0, copiedBytes: 0, deleted: 0, same: 0, skipped: 0, failed: 0, heldDeletions: 0 };
  const work = new SyncWork(source, target, options, context, summary);
  const deletions: SyncStep[] = [];
  const atOnce = options.atOnce ?? FILES_AT_ONCE;
  await inParallel(steps, atOnce, async (step) => {
    context.signal?.throwIfAborted();
    if (step.action === 'delete') deletions.push(step);
    else await work.take(step);
  });
  if (work.sourceFailed) summary.heldDeletions = deletions.length;
  else await inParallel(deletions, atOnce, (step) => work.take(step));
  return summary;
}

class SyncWork {
  readonly #source: SyncSide;
  readonly #target: SyncSide;
  readonly #options: RunOptions;
  readonly #context: TransferContext;
  readonly #summary: SyncSummary;
  readonly #meter: ProgressMeter;
  #folder: Promise<TargetFolder> | undefined;
  sourceFailed = false;

  constructor(source: SyncSide, target: SyncSide, options: RunOptions, context: TransferContext, summary: SyncSummary) {
    this.#source = source;
    this.#target = target;
    this.#options = options;
    this.#context = context;
    this.#summary = summary;
    this.#meter = new ProgressMeter(context, options.totalBytes);
  }

  async take(step: SyncStep): Promise<void> {
    const { path } = step;
    try {
      if (step.action === 'fail') {
        this.sourceFailed ||= step.error.code === 'blob.local_file';
        throw step.error;
      }
      if (step.action === 'same') this.#summary.same += 1;
      if (step.action === 'skip') this.#summary.skipped += 1;
      if (step.action === 'copy') await this.#copied(step);
      if (step.action === 'delete') await this.#deleted(step);
    } catch (error) {
      if (!(error instanceof DsError) || this.#context.signal?.aborted || FATAL.includes(error.code)) throw error;
      this.#summary.failed += 1;
      this.#options.onEvent?.({ kind: 'failed', path, error });
    }
  }

  async #copied({ path, size }: Extract<SyncStep, { action: 'copy' }>): Promise<void> {
    await this.#copy(path, size);
    this.#summary.copied += 1;
    this.#summary.copiedBytes += size;
    this.#options.onEvent?.({ kind: 'copied', path, size });
  }

  async #deleted({ path, size }: Extract<SyncStep, { action: 'delete' }>): Promise<void> {
    if (this.#target.kind === 'folder') await (await this.#targetFolder(this.#target.path)).remove(path);
    else await this.#target.store.deleteObject(placeOf(this.#target, path));
    this.#summary.deleted += 1;
    this.#options.onEvent?.({ kind: 'deleted', path, size });
  }

  async #copy(path: string, size: number): Promise<void> {
    const context = this.#contextOfOne();
    if (this.#source.kind === 'folder') {
      if (this.#target.kind === 'folder') return;
      const file = join(this.#source.path, path);
      await putFile(this.#target.store, file, placeOf(this.#target, path), { keepTime: true }, context);
    } else if (this.#target.kind === 'folder') {
      const file = await (await this.#targetFolder(this.#target.path)).placeFor(path);
      await getNewFile(this.#source.store, placeOf(this.#source, path), file, { keepTime: true, size }, context);
    } else {
      const ends: CopyEnds = {
        from: this.#source.store,
        to: this.#target.store,
        same: this.#options.sameStore === true,
      };
      const places = { source: placeOf(this.#source, path), destination: placeOf(this.#target, path) };
      await copyBetween(ends, places, { size }, context);
      if (ends.same) this.#meter.add(size);
    }
  }

  #targetFolder(path: string): Promise<TargetFolder> {
    this.#folder ??= TargetFolder.open(path);
    return this.#folder;
  }

  /** Each file tells of its own bytes; what is told of all are their sums. */
  #contextOfOne(): TransferContext {
    let before = 0;
    return {
      ...this.#context,
      parallel: PARTS_AT_ONCE,
      onProgress: ({ done }) => {
        this.#meter.add(done - before);
        before = done;
      },
    };
  }
}

function placeOf({ bucket, prefix }: BucketSide, path: string): KeyPlace {
  return { bucket, key: prefix + path };
}
