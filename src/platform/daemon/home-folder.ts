/** Folders under `$DS_HOME` that daemons need: the registry's, the logs'. */
import { messageOf } from '../errors.js';
import { makeFolder } from '../make-folder.js';
import { daemonErrors } from './errors.js';

/** Error: `daemon.home_unusable`. */
export function makeHomeFolder(path: string): void {
  try {
    makeFolder(path);
  } catch (error) {
    throw daemonErrors.error('daemon.home_unusable', `the folder ${path} cannot be made: ${messageOf(error)}`, {
      hint: 'choose another place: DS_HOME=~/.local/share/ds',
      details: { path },
      cause: error,
    });
  }
}
