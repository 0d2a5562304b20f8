/** Error codes of the rate limiter and of the tester. */
import { defineErrors } from '../../platform/errors.js';

export const limitErrors = defineErrors({
  'limit.bad_rate': { kind: 'usage', meaning: 'The rate cannot be read, or is outside what can be counted exactly.' },
  'limit.bad_burst': { kind: 'usage', meaning: 'The burst is out of range, or the algorithm has none.' },
  'limit.bad_cost': { kind: 'usage', meaning: 'A cost is not a whole number from 0 to 2^26.' },
  'limit.bad_key': { kind: 'usage', meaning: 'The key is empty, or longer than 1 MiB.' },
  'limit.bad_demand': { kind: 'usage', meaning: 'A check names too many limits, or the same one twice.' },
  'limit.bad_block': { kind: 'usage', meaning: 'The time that a key is to be blocked for is out of range.' },
  'limit.too_many_keys': {
    kind: 'storage',
    meaning: 'A limiter in memory counts as many keys as it may, and will not forget one for a new one.',
  },
  'limit.bad_argument': { kind: 'usage', meaning: 'An argument of a LIMIT command cannot be read.' },
  'limit.rate_needed': { kind: 'usage', meaning: 'Nothing is stored for the key that would tell its limit.' },
  'limit.unknown_algorithm': { kind: 'usage', meaning: 'No algorithm has this name.' },
  'limit.bad_policy': { kind: 'usage', meaning: 'The policy file cannot be read, or says what no policy can mean.' },
  'limit.no_policy': { kind: 'usage', meaning: 'The daemon was asked to apply policies, and was started without any.' },
  'limit.bad_header': { kind: 'usage', meaning: 'A header is not written as name, colon and value.' },
  'limit.bad_network': {
    kind: 'usage',
    meaning: 'A trusted proxy is not an IP address or a network in CIDR notation.',
  },
  'limit.bad_request': { kind: 'usage', meaning: 'The daemon cannot read what an HTTP request asks for.' },
  'limit.bad_upstream': { kind: 'usage', meaning: 'The URL behind the reverse proxy cannot be used.' },
  'limit.upstream_unreachable': { kind: 'peer', meaning: 'The server behind the reverse proxy could not be reached.' },
  'limit.upstream_timeout': { kind: 'peer', meaning: 'The server behind the reverse proxy did not answer in time.' },
  'limit.bad_test_url': { kind: 'usage', meaning: 'What is to be tested is not an http:// or https:// URL.' },
  'limit.bad_refusal_rule': { kind: 'usage', meaning: 'What --refused-when says cannot be read.' },
  'limit.test_unreachable': {
    kind: 'peer',
    meaning: 'The endpoint under test could not be reached, does not speak HTTP, or is too slow.',
  },
  'limit.test_failed': { kind: 'peer', meaning: 'The endpoint under test fails (5xx), and is left alone.' },
});
