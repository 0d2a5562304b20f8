/** stdin, where it has to be read twice: kept in a file that has no name any more, so that nothing is left behind whatever happens. */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileChunks } from './chunks.js';
import { type LogFile, piecesOf } from './log-file.js';

export interface Spooled {
  readonly file: LogFile;
  close(): Promise<void>;
}

/** All of `source`, decompressed, to be read any number of times. */
export async function spool(source: LogFile): Promise<Spooled> {
  const folder = await mkdtemp(join(tmpdir(), 'ds-log-'));
  const handle = await open(join(folder, 'stdin'), 'wx+', 0o600).finally(() => rm(folder, { recursive: true }));
  try {
    for await (const { bytes } of source.pieces()) await handle.appendFile(bytes);
  } catch (error) {
    await handle.close();
    throw error;
  }
  const file = { ...source, rereadable: true, pieces: () => piecesOf(source, fileChunks(handle)) };
  return { file, close: () => handle.close() };
}
