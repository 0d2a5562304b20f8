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
  'dns.unwritable': {
    kind: 'internal',
    meaning:
      'A value has no place in a message: a TTL beyond 2^31 - 1, or an extended response code without EDNS. A bug.',
  },
  'dns.bad_record': {
    kind: 'usage',
    meaning: 'The data of a resource record cannot be read, or does not fit its type.',
  },
  'dns.unknown_type': {
    kind: 'usage',
    meaning: 'No record type or class has this name; TYPE65280 names one by number.',
  },
  'dns.bad_zone': {
    kind: 'usage',
    meaning: 'The records make no zone: its SOA record is missing, there are several, or a record lies outside of it.',
  },
  'dns.no_such_zone': { kind: 'no', meaning: 'The zone is not in the file.' },
  'dns.zone_exists': { kind: 'usage', meaning: 'A zone of this name is there already.' },
  'dns.secondary_zone': {
    kind: 'usage',
    meaning: 'The zone is a copy of what another server is primary for, and is changed there.',
  },
  'dns.outside_zone': { kind: 'usage', meaning: 'The name does not lie within the zone.' },
  'dns.cname_conflict': {
    kind: 'usage',
    meaning:
      'A name with a CNAME record has no other data and no second one (RFC 1034, section 3.6.2); so has a DNAME.',
  },
  'dns.apex_required': { kind: 'usage', meaning: 'A zone needs its SOA record and a name server at its origin.' },
  'dns.no_such_serial': { kind: 'no', meaning: 'The zone never had this serial, as far as its history goes back.' },
  'dns.journal_gone': {
    kind: 'no',
    meaning: 'The change is known, but its records are no longer kept: the journal of a zone is bounded.',
  },
  'dns.transfer_mismatch': {
    kind: 'peer',
    meaning: 'An incremental transfer does not fit the zone as it is here; it has to be fetched as a whole.',
  },
  'dns.transfer_refused': {
    kind: 'peer',
    meaning: 'The name server answered the request for a zone transfer with an error: REFUSED, NOTAUTH, SERVFAIL.',
  },
  'dns.no_primary': {
    kind: 'peer',
    meaning: 'None of the primary servers that a zone is followed from gave what it should; of each it is said why.',
  },
  'dns.message_too_long': { kind: 'usage', meaning: 'The message does not fit into 65,535 octets.' },
  'dns.unknown_word': { kind: 'usage', meaning: 'dig has no query option of this name.' },
  'dns.bad_word': {
    kind: 'usage',
    meaning: 'A word of a query cannot be read, or asks for what is not supported here.',
  },
  'dns.bad_server': {
    kind: 'usage',
    meaning:
      'The text names no name server: it is an address, a host or a URL, with a port from 1 to 65535 where one is given.',
  },
  'dns.unsupported_transport': {
    kind: 'usage',
    meaning: 'A name server cannot be asked over this protocol: quic://, or http:// beyond this machine.',
  },
  'dns.timeout': { kind: 'peer', meaning: 'No reply that belongs to the query came from the name server in time.' },
  'dns.unreachable': {
    kind: 'peer',
    meaning: 'The name server cannot be reached: nothing listens there, its name does not resolve, or it hung up.',
  },
  'dns.no_zone_servers': {
    kind: 'no',
    meaning: 'No name servers of the zone are known to whoever was asked for them.',
  },
  'dns.bad_names': {
    kind: 'usage',
    meaning: 'A line of a file of names to ask for is no name and type, or there are too many.',
  },
  'dns.bad_hints': { kind: 'usage', meaning: 'The file names no server of the root zone with its address.' },
  'dns.no_authority': {
    kind: 'peer',
    meaning:
      'Delegations lead to no answer: of a zone on the way no server answers with authority, or aliases are a circle.',
  },
  'dns.no_server': { kind: 'peer', meaning: 'None of several name servers answered.' },
  'dns.unreadable_file': { kind: 'usage', meaning: 'A file that a command was given cannot be read.' },
  'dns.untrusted': {
    kind: 'peer',
    meaning: "The name server's certificate is not one to be trusted, or is for another name.",
  },
  'dns.bad_answer': {
    kind: 'peer',
    meaning:
      'What the server answered is no reply to a DNS query: an HTTP error, another content type, or too much of it.',
  },
  'dns.forward_loop': {
    kind: 'usage',
    meaning: 'A server that questions are to be forwarded to is this daemon itself.',
  },
  'dns.bad_network': {
    kind: 'usage',
    meaning: 'The text is neither an IP address nor a network such as 192.0.2.0/24.',
  },
  'dns.bad_zone_file': {
    kind: 'usage',
    meaning:
      'A zone file cannot be read as RFC 1035 has it, or holds what does not belong into the zone; file and line are told.',
  },
  'dns.include_outside': {
    kind: 'usage',
    meaning: 'A zone file names a file to include that is not within its own folder, or comes from stdin and has none.',
  },
  'dns.unreadable_zone_file': { kind: 'usage', meaning: 'A zone file cannot be opened or read.' },
  'dns.bad_check': {
    kind: 'usage',
    meaning: 'The text is no health check: tcp:PORT, http:PORT/PATH or command:COMMAND.',
  },
  'dns.not_a_target': {
    kind: 'usage',
    meaning: 'Only a single A, AAAA or SRV record has a target that is checked.',
  },
  'dns.no_such_target': { kind: 'no', meaning: 'No record of the name and type has a target that is checked.' },
});
