/** Error codes of the logs. */
import { defineErrors } from '../../platform/errors.js';

export const logErrors = defineErrors({
  'log.bad_query': { kind: 'usage', meaning: 'The text is no LogQL query, or one that ds log does not have.' },
  'log.unreadable_file': {
    kind: 'usage',
    meaning: 'A file of logs cannot be read, is damaged, or is compressed in a way that ds log does not know.',
  },
});
