/** A body as a file of this machine: under another name until it is whole. */
import type { Random } from '../../../platform/clock.js';
import type { Body } from '../object-types.js';
import { writeAll, writeAside } from './temporary.js';

/** Its bytes. Errors: `blob.local_file`, and those of the body; then the file is what it was. */
export async function writeFileFrom(body: Body, path: string, random: Random): Promise<number> {
  return writeAside(path, random, async (handle) => {
    let done = 0;
    for await (const piece of body) {
      await writeAll(handle, path, piece, done);
      done += piece.length;
    }
    return { result: done, modifiedAt: undefined };
  });
}
