/** Error codes of the logs. */
import { defineErrors } from '../../platform/errors.js';

export const logErrors = defineErrors({
  'log.bad_query': { kind: 'usage', meaning: 'The text is no LogQL query, or one that ds log does not have.' },
  'log.bad_pattern': { kind: 'usage', meaning: 'A regular expression is wrong, or too large.' },
  'log.unreadable_file': {
    kind: 'usage',
    meaning: 'A file of logs cannot be read, is damaged, or is compressed in a way that ds log does not know.',
  },
  'log.bad_transform': {
    kind: 'usage',
    meaning: 'A step of --transform or of ds.yaml is unknown or has a value that cannot be used.',
  },
  'log.bad_timezone': { kind: 'usage', meaning: 'A time zone is neither a name of the IANA database nor an offset.' },
});
