/**
 * Input that can be read once, as a file that can be read again: a zone file is read twice, and by a parser that cannot
 * wait for a pipe.
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

export interface Spool {
  readonly path: string;
  remove(): Promise<void>;
}

/** Reads the input to its end, unless the signal ends it, by its reason. Call remove() whatever happens later. */
export async function spool(input: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<Spool> {
  const folder = await mkdtemp(join(tmpdir(), 'ds-zone-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const path = join(folder, 'input');
  try {
    const out = createWriteStream(path, { mode: 0o600 });
    await (signal === undefined ? pipeline(input, out) : pipeline(input, out, { signal }));
  } catch (error) {
    await remove();
    signal?.throwIfAborted();
    throw error;
  }
  return { path, remove };
}
