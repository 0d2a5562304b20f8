/**
 * A large file goes in parts, several at a time, and goes on where an earlier attempt was broken off.
 *
 *     record of this file, this object ─▶ upload on the server, its parts ─▶ those that are the file's still are kept ─▶ the rest is sent
 *          (none: a new upload)            (gone: a new upload)                                                        ─▶ complete
 */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { codeOf } from '../../../platform/errors.js';
import { inParallel } from '../../../platform/in-parallel.js';
import { present } from '../../../platform/present.js';
import type { BlobStore, CompletedPart, CompleteOptions, PutResult } from '../blob-store.js';
import { createChecksum } from '../checksum/checksum.js';
import { combineCrc, isCrc } from '../checksum/combine.js';
import { blobErrors } from '../errors.js';
import type { ChecksumAlgorithm, KeyPlace, PartInfo, UploadInfo, UploadPlace } from '../object-types.js';
import { PARTS_AT_ONCE, ProgressMeter, type TransferContext } from './context.js';
import { checkUnchanged, readFileRange, type SourceFile } from './local-file.js';
import type { PutFileOptions, PutReport } from './put-options.js';
import { claimRecord, type TransferRecord } from './record.js';
import { withRetries } from './retry.js';
import { beginUpload, findUpload, readUploadState, type UploadState } from './upload-state.js';

interface Part {
  readonly number: number;
  readonly first: number;
  readonly length: number;
}

interface SentPart {
  readonly completed: CompletedPart;
  /** Of its bytes, by the upload's algorithm. */
  readonly checksum: Buffer;
}

/** Of one transfer. */
interface Job {
  readonly store: BlobStore;
  readonly source: SourceFile;
  readonly upload: UploadPlace;
  readonly algorithm: ChecksumAlgorithm;
  readonly partBytes: number;
  readonly sent: Map<number, SentPart>;
  readonly meter: ProgressMeter;
}

export async function putFileInParts(
  store: BlobStore,
  source: SourceFile,
  size: number,
  place: KeyPlace,
  options: PutFileOptions,
  context: TransferContext & { readonly server: string },
): Promise<PutReport> {
  const names = ['put', context.server, place.bucket, place.key, resolve(source.path)];
  const record = await claimRecord(context, names, readUploadState);
  const meter = new ProgressMeter(context, size);
  const found = await findUpload(store, source, place, record?.found);
  const { upload, partBytes } = found ?? (await beginUpload(store, source, size, place, options, record));
  const algorithm = upload.checksum?.algorithm ?? 'CRC32';
  const job: Job = { store, source, upload, algorithm, partBytes, sent: new Map(), meter };
  const parts = [...partsOf(size, partBytes)];
  const resumedBytes = await keepParts(job, parts, found?.parts ?? []);
  const missing = parts.filter(({ number }) => !job.sent.has(number));
  try {
    await inParallel(missing, context.parallel ?? PARTS_AT_ONCE, async (part) => {
      context.signal?.throwIfAborted();
      await withRetries(context, () => sendPart(job, part, context.signal));
    });
  } catch (error) {
    // Nobody could go on with it, or there is nothing to go on from.
    if (record === undefined || job.sent.size === 0) await abandon(job, record);
    throw error;
  }
  const result = await complete(job, parts, size, options, upload, record);
  return { ...result, resumedBytes };
}

/** The record stays where the server cannot be asked: another attempt finds the upload by it. */
async function abandon({ store, upload }: Job, record: TransferRecord<UploadState> | undefined): Promise<void> {
  await store.abortUpload(upload).then(
    () => record?.release(),
    () => undefined,
  );
}

function* partsOf(size: number, partBytes: number): Generator<Part> {
  for (let first = 0, number = 1; first < size; first += partBytes, number += 1) {
    yield { number, first, length: Math.min(partBytes, size - first) };
  }
}

/** Keeps what the server has, where its checksum is that of the file's bytes, which are read again for it. Returns bytes. */
async function keepParts(job: Job, parts: readonly Part[], stored: readonly PartInfo[]): Promise<number> {
  let kept = 0;
  for (const info of stored) {
    const part = parts[info.partNumber - 1];
    if (part === undefined || info.size !== part.length) continue;
    const checksum = createChecksum(job.algorithm);
    const md5 = createHash('md5');
    for await (const piece of readFileRange(job.source, part.first, part.length)) {
      checksum.update(piece);
      md5.update(piece);
    }
    const digest = checksum.digest();
    const value = digest.toString('base64');
    const same = info.checksum === undefined ? md5.digest('hex') === info.etag : info.checksum.value === value;
    if (!same) continue;
    job.sent.set(part.number, { completed: completedPart(info, value), checksum: digest });
    job.meter.add(part.length);
    kept += part.length;
  }
  return kept;
}

async function sendPart(job: Job, part: Part, signal: AbortSignal | undefined): Promise<void> {
  const { store, source, upload, algorithm, meter } = job;
  const checksum = createChecksum(algorithm);
  let moved = 0;
  async function* body() {
    for await (const piece of readFileRange(source, part.first, part.length)) {
      signal?.throwIfAborted();
      checksum.update(piece);
      yield piece;
      moved += piece.length;
      meter.add(piece.length);
    }
  }
  try {
    let digest: Buffer | undefined;
    const digestOnce = () => {
      digest ??= checksum.digest();
      return digest;
    };
    const info = await store.uploadPart(upload, part.number, body(), {
      size: part.length,
      checksum: () => ({ algorithm, value: digestOnce().toString('base64'), type: 'FULL_OBJECT' }),
    });
    const value = digestOnce().toString('base64');
    job.sent.set(part.number, { completed: completedPart(info, value), checksum: digestOnce() });
  } catch (error) {
    meter.add(-moved);
    throw error;
  }
}

/** The checksum is named again where the server has one, too. */
function completedPart({ partNumber, etag, checksum }: PartInfo, value: string): CompletedPart {
  return { partNumber, etag, ...(checksum === undefined ? {} : { checksum: value }) };
}

async function complete(
  { store, source, sent, algorithm }: Job,
  parts: readonly Part[],
  size: number,
  { conditions }: PutFileOptions,
  upload: UploadInfo,
  record: TransferRecord<UploadState> | undefined,
): Promise<PutResult> {
  try {
    await checkUnchanged(source);
    const whole = upload.checksum?.type === 'FULL_OBJECT' ? checksumOfSent(algorithm, parts, sent) : undefined;
    const result = await store.completeUpload(upload, {
      parts: parts.flatMap(({ number }) => sent.get(number)?.completed ?? []),
      size,
      ...present({ conditions, checksum: whole }),
    });
    await record?.release();
    return result;
  } catch (error) {
    // All was sent, and the answer was no: another attempt would get the same one.
    if (!RETRIABLE.includes(codeOf(error) ?? '')) {
      await store.abortUpload(upload).catch(() => undefined);
      await record?.release();
    }
    throw error;
  }
}

/** After these the upload may be there still, and complete another time. */
const RETRIABLE = ['blob.unreachable', 'blob.access_denied', 'blob.request_time_too_skewed', 'blob.refused'];

function checksumOfSent(
  algorithm: ChecksumAlgorithm,
  parts: readonly Part[],
  sent: ReadonlyMap<number, SentPart>,
): CompleteOptions['checksum'] {
  if (!isCrc(algorithm)) return undefined;
  let whole = createChecksum(algorithm).digest();
  for (const { number, length } of parts) {
    const part = sent.get(number);
    if (part === undefined) throw blobErrors.error('blob.invalid_part', `part ${number} was not sent`);
    whole = combineCrc(algorithm, whole, part.checksum, length);
  }
  return { algorithm, value: whole.toString('base64') };
}
