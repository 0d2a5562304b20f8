/** The file that one object goes to, where a file or a folder may be named. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathSegments } from './sync/local-path.js';

/** Into a folder it goes under what its key has after the last slash. Error: `blob.unsafe_path` where that can be no name. */
export async function fileFor(key: string, typed: string): Promise<string> {
  if (!typed.endsWith('/') && !(await isDirectory(typed))) return typed;
  const [name] = pathSegments(key.slice(key.lastIndexOf('/') + 1));
  return join(typed, name);
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
