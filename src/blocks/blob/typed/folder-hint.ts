/** Which of two places that `ds blob sync` was given may have been meant as a folder of this machine. */
import { DsError } from '../../../platform/errors.js';
import { quoteForShell } from '../../../platform/quote-for-shell.js';
import { blobErrors } from '../errors.js';
import { isTypedFolder, readBucketPrefix } from './place.js';

/** Who types `photos` for a folder has named a bucket: there being none, the hint is the same command with `./photos`. */
export function withFolderHint(
  error: unknown,
  { source, target }: { readonly source: string; readonly target: string },
  targetFlagsAgain: string,
): unknown {
  if (!(error instanceof DsError) || error.code !== 'blob.no_such_bucket') return error;
  const missing = error.details['bucket'];
  const asFolder = (typed: string) =>
    !isTypedFolder(typed) && readBucketPrefix(typed).bucket === missing ? `./${typed}` : typed;
  const ends = [asFolder(source), asFolder(target)];
  const isChanged = ends[0] !== source || ends[1] !== target;
  if (!isChanged || ends.every(isTypedFolder)) return error;
  return blobErrors.error('blob.no_such_bucket', error.message, {
    hint: `if it is a folder: ds blob sync ${ends.map((end) => quoteForShell(end)).join(' ')}${targetFlagsAgain}`,
    details: error.details,
    cause: error,
  });
}
