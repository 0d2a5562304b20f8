/** An upload of a large file: begun, or found again where an earlier attempt has left it. */
import { codeOf } from '../../../platform/errors.js';
import { present } from '../../../platform/present.js';
import type { BlobStore } from '../blob-store.js';
import { isCrc } from '../checksum/combine.js';
import type { KeyPlace, PartInfo, UploadInfo } from '../object-types.js';
import { MOST_PARTS } from '../rules/multipart.js';
import { PART_BYTES } from './context.js';
import { type FileIdentity, isSameFile, type SourceFile } from './local-file.js';
import type { PutFileOptions } from './put-options.js';
import { isObject, type TransferRecord } from './record.js';

const MIB = 1024 * 1024;

/** What is recorded of one. */
export interface UploadState {
  readonly uploadId: string;
  readonly partBytes: number;
  readonly file: FileIdentity;
}

/** An upload that an earlier attempt has begun, of a file that has not changed since. */
export async function findUpload(
  store: BlobStore,
  { identity }: SourceFile,
  place: KeyPlace,
  state: UploadState | undefined,
): Promise<{ upload: UploadInfo; partBytes: number; parts: readonly PartInfo[] } | undefined> {
  if (state === undefined || identity === undefined) return undefined;
  const upload = { bucket: place.bucket, key: place.key, uploadId: state.uploadId };
  try {
    if (!isSameFile(state.file, identity)) {
      await store.abortUpload(upload);
      return undefined;
    }
    const parts: PartInfo[] = [];
    for (let after: number | undefined; ; ) {
      const page = await store.listParts(upload, { limit: 1000, ...present({ after }) });
      parts.push(...page.parts);
      after = page.next;
      if (after === undefined) return { upload: page.upload, partBytes: state.partBytes, parts };
    }
  } catch (error) {
    if (codeOf(error) === 'blob.no_such_upload') return undefined;
    throw error;
  }
}

export async function beginUpload(
  store: BlobStore,
  { identity }: SourceFile,
  size: number,
  place: KeyPlace,
  { headers, metadata, tags, checksum = 'CRC32' }: PutFileOptions,
  record: TransferRecord<UploadState> | undefined,
): Promise<{ upload: UploadInfo; partBytes: number }> {
  const type = isCrc(checksum) ? 'FULL_OBJECT' : 'COMPOSITE';
  const upload = await store.createUpload(place, {
    ...present({ headers, metadata, tags }),
    checksum: { algorithm: checksum, type },
  });
  const partBytes = Math.max(PART_BYTES, Math.ceil(size / MOST_PARTS / MIB) * MIB);
  if (identity !== undefined) await record?.save({ uploadId: upload.uploadId, partBytes, file: identity });
  return { upload, partBytes };
}

/** Undefined where it is none. */
export function readUploadState(value: unknown): UploadState | undefined {
  if (!isObject(value) || !isObject(value['file'])) return undefined;
  const { uploadId, partBytes } = value;
  const { size, modified, inode } = value['file'];
  if (typeof uploadId !== 'string' || typeof partBytes !== 'number' || !(partBytes >= PART_BYTES)) return undefined;
  if (typeof size !== 'number' || typeof modified !== 'string' || typeof inode !== 'string') return undefined;
  return { uploadId, partBytes, file: { size, modified, inode } };
}
