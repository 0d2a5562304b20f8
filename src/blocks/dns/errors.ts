/** Error codes of the domain name system. */
import { defineErrors } from '../../platform/errors.js';

export const dnsErrors = defineErrors({
  'dns.bad_name': {
    kind: 'usage',
    meaning: 'The text is no domain name: an empty or too long label, more than 255 octets, or a broken escape.',
  },
  'dns.malformed': {
    kind: 'peer',
    meaning:
      'A message breaks the rules of the wire format: it is cut short, lies about a count or a length, or loops.',
  },
  'dns.bad_record': {
    kind: 'usage',
    meaning: 'The data of a resource record cannot be read, or does not fit its type.',
  },
  'dns.unknown_type': {
    kind: 'usage',
    meaning: 'No record type or class has this name; TYPE65280 names one by number.',
  },
  'dns.message_too_long': { kind: 'usage', meaning: 'The message does not fit into 65,535 octets.' },
});
