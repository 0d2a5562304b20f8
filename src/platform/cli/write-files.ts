/** Files that a command makes in a folder that the user names. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.js';
import { makeFolder } from '../make-folder.js';
import { cliErrors } from './errors.js';

export interface FileToWrite {
  readonly filename: string;
  readonly text: string;
}

/**
 * Returns the paths. The folder is made where there is none. Errors: `usage.conflict` when a file is there already and is not to be
 * replaced, and then nothing is written; `cli.output_failed`.
 */
export function writeFiles(files: readonly FileToWrite[], folder: string, replace: boolean): string[] {
  const paths = files.map(({ filename }) => join(folder, filename));
  const present = replace ? undefined : paths.find((path) => existsSync(path));
  if (present !== undefined) {
    throw cliErrors.error('usage.conflict', `${present} is there already`, { hint: 'to replace it, add --yes' });
  }
  try {
    makeFolder(folder);
    for (const { filename, text } of files) writeFileSync(join(folder, filename), text);
  } catch (error) {
    throw cliErrors.error('cli.output_failed', `${folder} cannot be written: ${messageOf(error)}`, { cause: error });
  }
  return paths;
}
