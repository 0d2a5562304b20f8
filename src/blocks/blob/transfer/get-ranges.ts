/**
 * A large object of a server is received in ranges, several at a time, all of one version (If-Match), into a file beside the one that it will be. It
 * goes on where an earlier attempt was broken off, if the object is still the same.
 *
 *     record ─▶ `.ds-….ds-part`, taken over by renaming it: of two processes one has it ─▶ ranges that are missing ─▶ compared, renamed
 *       (none, another ETag, another size: a new file)
 */
import { type FileHandle, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { inParallel } from '../../../platform/in-parallel.js';
import { present } from '../../../platform/present.js';
import type { BlobStore } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import type { ObjectPlace, ObjectStat } from '../object-types.js';
import { badDigest, type Checked, type CheckPlan, checkedBy, ObjectCheck, planCheck } from './check.js';
import { PART_BYTES, PARTS_AT_ONCE, ProgressMeter, type TransferContext } from './context.js';
import type { GetReport } from './get-options.js';
import { readFileRange } from './local-file.js';
import { type DownloadState, isReceived, openPartialFile, ReceivedBook, readDownloadState } from './partial-file.js';
import { unevenSizes } from './read-checked.js';
import { claimRecord, type TransferRecord } from './record.js';
import { withRetries } from './retry.js';
import { moveInPlace, writeAll } from './temporary.js';

/** Bytes: what S3 has at the most. A server that tells of more would have each of its ranges counted. */
const LARGEST_OBJECT = 50 * 1024 ** 4;

interface Job {
  readonly store: BlobStore;
  readonly place: ObjectPlace;
  readonly stat: ObjectStat;
  readonly path: string;
  readonly temporary: string;
  readonly handle: FileHandle;
  readonly received: Uint8Array;
  readonly meter: ProgressMeter;
  readonly record: TransferRecord<DownloadState> | undefined;
}

/** @param modifiedAt what the file gets as its time of change; undefined: now */
export async function getInRanges(
  store: BlobStore,
  { bucket, key }: ObjectPlace,
  stat: ObjectStat,
  path: string,
  modifiedAt: number | undefined,
  context: TransferContext & { readonly server: string },
): Promise<GetReport> {
  if (stat.size > LARGEST_OBJECT) {
    throw blobErrors.error(
      'blob.refused',
      `the server says that ${bucket}/${key} has ${stat.size} bytes: no object is so large`,
    );
  }
  const place = { bucket, key, ...present({ versionId: stat.versionId }) };
  const names = ['get', context.server, bucket, key, stat.versionId ?? '', resolve(path)];
  const record = await claimRecord(context, names, readDownloadState);
  const { temporary, handle, received } = await openPartialFile(record?.found, stat, path, context);
  const meter = new ProgressMeter(context, stat.size);
  const job: Job = { store, place, stat, path, temporary, handle, received, meter, record };
  try {
    let resumedBytes = stat.size;
    for (const { length } of missingRanges(job)) resumedBytes -= length;
    meter.add(resumedBytes);
    await receiveAll(job, context);
    const checked = await compare(job);
    await moveInPlace(temporary, path, modifiedAt);
    await record?.release();
    return { stat, checked, resumedBytes };
  } finally {
    await handle.close();
  }
}

interface Range {
  readonly index: number;
  readonly first: number;
  readonly length: number;
}

function* rangesOf(size: number): Generator<Range> {
  for (let index = 0, first = 0; first < size; index += 1, first += PART_BYTES) {
    yield { index, first, length: Math.min(PART_BYTES, size - first) };
  }
}

function* missingRanges({ stat, received }: Job): Generator<Range> {
  for (const range of rangesOf(stat.size)) if (!isReceived(received, range.index)) yield range;
}

async function receiveAll(job: Job, context: TransferContext): Promise<void> {
  const book = new ReceivedBook(job, job.record, context);
  // Before the first range: what is killed now is found again.
  await book.write();
  try {
    await inParallel(missingRanges(job), context.parallel ?? PARTS_AT_ONCE, async (range) => {
      context.signal?.throwIfAborted();
      await withRetries(context, () => receiveRange(job, range, context.signal));
      await book.add(range.index);
    });
  } catch (error) {
    // What failed is what is to be told, and not that the record could not be written for it.
    await book.write().catch(() => undefined);
    if (job.record === undefined || book.isEmpty) {
      await rm(job.temporary, { force: true });
      await job.record?.release();
    }
    throw error;
  }
}

async function receiveRange(job: Job, { first, length }: Range, signal: AbortSignal | undefined): Promise<void> {
  const { store, place, stat, handle, path, meter } = job;
  const { body } = await store.getObject(place, {
    range: { first, last: first + length - 1 },
    conditions: { ifMatch: [stat.etag] },
  });
  let done = 0;
  try {
    for await (const piece of body) {
      signal?.throwIfAborted();
      if (done + piece.length > length) throw otherLength(place, length, done + piece.length);
      await writeAll(handle, path, piece, first + done);
      done += piece.length;
      meter.add(piece.length);
    }
    if (done < length) throw otherLength(place, length, done);
  } catch (error) {
    meter.add(-done);
    throw error;
  }
}

function otherLength({ bucket, key }: ObjectPlace, asked: number, received: number) {
  return blobErrors.error(
    'blob.unreachable',
    `${asked} bytes of ${bucket}/${key} were asked for, and ${received} came`,
  );
}

/** The whole file is read again: what is compared is what is on this machine. One that is not what it should be is removed. */
async function compare(job: Job): Promise<Checked | undefined> {
  const { store, place, stat, temporary, record } = job;
  const plan = await planCheck(store, place, stat);
  if (plan === undefined) return undefined;
  if (!(await isRight(job, plan))) {
    const sizes = await unevenSizes(store, place, stat.size, plan);
    if (sizes === undefined || !(await isRight(job, { expected: plan.expected, layout: { sizes } }))) {
      await rm(temporary, { force: true });
      await record?.release();
      throw badDigest(`${place.bucket}/${place.key}`, plan);
    }
  }
  return checkedBy(plan);
}

async function isRight({ handle, temporary, stat }: Job, plan: CheckPlan): Promise<boolean> {
  const check = new ObjectCheck(plan);
  const file = { path: temporary, handle, identity: undefined };
  for await (const piece of readFileRange(file, 0, stat.size)) check.update(piece);
  return check.isRight();
}
