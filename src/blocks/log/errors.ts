/** Error codes of the logs. */
import { defineErrors } from '../../platform/errors.js';

export const logErrors = defineErrors({
  'log.bad_query': { kind: 'usage', meaning: 'The text is no LogQL query, or one that ds log does not have.' },
});
