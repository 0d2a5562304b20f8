/** Error codes of the load generator. */
import { defineErrors } from '../errors.js';

export const loadErrors = defineErrors({
  'load.bad_url': {
    kind: 'usage',
    meaning: 'The URL to load cannot be read, or is of a scheme that is not supported.',
  },
  'load.bad_request': { kind: 'usage', meaning: 'The method or a header of the request cannot be sent as it is.' },
});
