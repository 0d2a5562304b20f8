/** A folder of this machine as entries. Links are not followed, so that nothing outside it is read and no circle is walked. */
import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, whyUnreadable } from '../../../../platform/errors.js';
import { blobErrors } from '../../errors.js';
import { compareKeys } from '../../rules/key-order.js';
import { isTemporaryName } from '../temporary.js';
import type { Found } from './entry.js';

/** Error: `blob.local_file` where the folder itself cannot be read; of what is in it that is told as an entry. */
export async function* folderEntries(root: string): AsyncGenerator<Found> {
  yield* below(root, '', await namesIn(root));
}

async function* below(folder: string, prefix: string, children: readonly Dirent[]): AsyncGenerator<Found> {
  for (const child of inOrder(children)) {
    const path = prefix + child.name;
    const place = join(folder, child.name);
    if (child.isDirectory()) yield* inside(place, path);
    else if (child.isSymbolicLink()) yield { kind: 'skipped', path, why: 'symbolic_link' };
    else if (!child.isFile()) yield { kind: 'skipped', path, why: 'special_file' };
    else if (!isTemporaryName(child.name)) yield* file(place, path);
  }
}

async function* inside(folder: string, path: string): AsyncGenerator<Found> {
  let children: readonly Dirent[];
  try {
    children = await namesIn(folder);
  } catch (error) {
    yield { kind: 'failed', path: `${path}/`, error: asDsError(error, folder) };
    return;
  }
  yield* below(folder, `${path}/`, children);
}

async function* file(place: string, path: string): AsyncGenerator<Found> {
  try {
    const { size, mtimeMs } = await lstat(place);
    yield { kind: 'entry', entry: { path, size, modifiedAt: mtimeMs } };
  } catch (error) {
    // One that was removed meanwhile is not there. Names that are no UTF-8 are not there under the name that Node tells.
    if (codeOf(error) === 'ENOENT' && !path.includes('\ufffd')) return;
    yield { kind: 'failed', path, error: asDsError(error, place) };
  }
}

async function namesIn(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw asDsError(error, folder);
  }
}

/** As whole paths are ordered: all that is in a folder comes where its name with a slash would. */
function inOrder(children: readonly Dirent[]): readonly Dirent[] {
  const sortName = (child: Dirent) => (child.isDirectory() ? `${child.name}/` : child.name);
  return [...children].sort((a, b) => compareKeys(sortName(a), sortName(b)));
}

function asDsError(error: unknown, path: string) {
  return blobErrors.error('blob.local_file', `${path} cannot be read: ${whyUnreadable(error)}`, {
    details: { path },
    cause: error,
  });
}
