/** Error codes of the rate limiter and of the tester. */
import { defineErrors } from '../../platform/errors.js';

export const limitErrors = defineErrors({
  'limit.bad_rate': { kind: 'usage', meaning: 'The rate cannot be read, or is outside what can be counted exactly.' },
  'limit.bad_burst': { kind: 'usage', meaning: 'The burst is out of range, or the algorithm has none.' },
  'limit.bad_cost': { kind: 'usage', meaning: 'A cost is not a whole number from 0 to 2^26.' },
  'limit.bad_key': { kind: 'usage', meaning: 'The key is empty, or longer than 1 MiB.' },
  'limit.bad_demand': { kind: 'usage', meaning: 'A check names too many limits, or the same one twice.' },
  'limit.bad_block': { kind: 'usage', meaning: 'The time that a key is to be blocked for is out of range.' },
  'limit.unknown_algorithm': { kind: 'usage', meaning: 'No algorithm has this name.' },
});
