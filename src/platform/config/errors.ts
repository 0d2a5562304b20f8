/** Error codes of options and of ds.yaml. */
import { defineErrors } from '../errors.js';

export const configErrors = defineErrors({
  'config.invalid': {
    kind: 'usage',
    meaning: 'An option of a daemon, in ds.yaml or as a flag, is unknown or has a value that cannot be used.',
  },
  'config.not_found': {
    kind: 'usage',
    meaning: 'The configuration file named by --config does not exist or cannot be read.',
  },
  'config.exists': {
    kind: 'usage',
    meaning: 'The file to write is there already, and replacing it was not asked for.',
  },
});
