/**
 * The folder that objects are written into. No link in it is followed: before a file is written or removed, each folder on the way is looked at,
 * and the last one has to be within the target really.
 */
import { lstat, mkdir, realpath, unlink } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { codeOf } from '../../../../platform/errors.js';
import { unwritable } from '../local-file.js';
import { pathSegments, unsafePath } from './local-path.js';

export class TargetFolder {
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  /** Made where it is not there. Error: `blob.local_file`. */
  static async open(path: string): Promise<TargetFolder> {
    try {
      await makeTree(path);
      return new TargetFolder(await realpath(path));
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  /** The path to write to; its folder is there. Errors: `blob.unsafe_path`, `blob.local_file`. */
  async placeFor(key: string): Promise<string> {
    const segments = pathSegments(key);
    const name = segments[segments.length - 1] ?? '';
    let folder = this.#root;
    for (const segment of segments.slice(0, -1)) {
      folder = join(folder, segment);
      await this.#makeFolder(folder, key);
    }
    await this.#checkWithin(folder, key);
    const place = join(folder, name);
    const there = await lstat(place).catch(() => undefined);
    if (there?.isDirectory()) throw unsafePath(key, 'there is a folder of this name');
    if (there !== undefined && !there.isFile()) throw unsafePath(key, 'what is there under this name is no file');
    return place;
  }

  /** Removes a file; its folder stays. Errors: `blob.unsafe_path`, `blob.local_file`. */
  async remove(key: string): Promise<void> {
    const place = join(this.#root, ...pathSegments(key));
    await this.#checkWithin(dirname(place), key);
    try {
      await unlink(place);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw unwritable(place, error);
    }
  }

  async #makeFolder(folder: string, key: string): Promise<void> {
    try {
      await mkdir(folder);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw unwritable(folder, error);
      const there = await lstat(folder);
      if (there.isSymbolicLink()) throw unsafePath(key, `${folder} is a symbolic link`);
      if (!there.isDirectory()) throw unsafePath(key, `${folder} is a file`);
    }
  }

  async #checkWithin(folder: string, key: string): Promise<void> {
    const real = await realpath(folder).catch((error) => {
      throw unwritable(folder, error);
    });
    if (real !== folder || !(real === this.#root || real.startsWith(this.#root.replace(/\/?$/, sep)))) {
      throw unsafePath(key, `${folder} leads out of it`);
    }
  }
}

/** As mkdir with `recursive`, which Node 20 never returns from where a folder cannot be made although its parent is there. */
async function makeTree(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeTree(dirname(path));
    await mkdir(path);
  }
}

/** Whether names that differ only in case are one file there: macOS and Windows have such file systems. */
export async function foldsCase(path: string): Promise<boolean> {
  for (let at = path; dirname(at) !== at; at = dirname(at)) {
    const name = basename(at);
    const other = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
    if (other === name) continue;
    const [one, two] = await Promise.all([inodeOf(at), inodeOf(join(dirname(at), other))]);
    if (one !== undefined) return one === two;
  }
  return false;
}

async function inodeOf(path: string): Promise<string | undefined> {
  return lstat(path, { bigint: true }).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => undefined,
  );
}
