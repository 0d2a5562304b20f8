/** Brings a body to disk, checks what was announced of it, and runs the step that refers to it; or leaves nothing. */
import type { PutOptions } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import type { Body, ObjectChecksum } from '../object-types.js';
import { LARGEST_BODY } from '../rules/multipart.js';
import type { Staged } from './contents.js';
import type { StoreParts } from './parts.js';

export interface StageBodyOptions extends Pick<PutOptions, 'size' | 'md5' | 'checksum'> {
  readonly mayBeInline: boolean;
}

/** `step` runs within the write's transaction; it is to add the staged bytes. */
export async function stageAndWrite<T>(
  { contents, writes }: Pick<StoreParts, 'contents' | 'writes'>,
  body: Body,
  { size, md5, checksum, mayBeInline }: StageBodyOptions,
  step: (staged: Staged, checksum: ObjectChecksum | undefined) => T,
): Promise<T> {
  if (size !== undefined && size > LARGEST_BODY)
    throw blobErrors.error(
      'blob.entity_too_large',
      `a body of ${size} bytes is too large: at most ${LARGEST_BODY} can be`,
      {
        hint: 'upload it in parts: ds blob put does',
        details: { size_bytes: size, most_bytes: LARGEST_BODY },
      },
    );
  const staged = await contents.stage(body, {
    ...(size === undefined ? {} : { size }),
    largest: LARGEST_BODY,
    mayBeInline,
  });
  try {
    if (md5 !== undefined && md5 !== staged.md5)
      throw blobErrors.error('blob.bad_digest', `the body has the MD5 ${staged.md5}, and ${md5} was announced`, {
        details: { md5: staged.md5, announced: md5 },
      });
    return await writes.run(() => step(staged, checksum?.()));
  } catch (error) {
    contents.discard(staged);
    throw error;
  }
}
