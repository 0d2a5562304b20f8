/** Folders under `$DS_HOME` that daemons need: the registry's, the logs'. */
import { messageOf } from '../errors.js';
import { makeFolder } from '../make-folder.js';
import { daemonErrors } from './errors.js';

/** Error: `daemon.home_unusable`. */
export function makeHomeFolder(path: string): void {
  try {
    makeFolder(path);
  } catch (error) {
    throw unusable(path, `the folder ${path} cannot be made: ${messageOf(error)}`, error);
  }
}

/** `daemon.home_unusable`: the folder is there, and nothing can be written in it. */
export function unwritable(path: string, cause: unknown) {
  return unusable(path, `nothing can be written in ${path}: ${messageOf(cause)}`, cause);
}

function unusable(path: string, message: string, cause: unknown) {
  return daemonErrors.error('daemon.home_unusable', message, {
    hint: 'choose another place: DS_HOME=~/.local/share/ds',
    details: { path },
    cause,
  });
}
