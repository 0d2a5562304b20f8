/** Error codes of daemons and of whoever starts, lists and stops them. */
import { defineErrors } from '../errors.js';

export const daemonErrors = defineErrors({
  'listen.bad_address': { kind: 'usage', meaning: 'The address to listen on is not HOST:PORT.' },
  'listen.not_loopback': {
    kind: 'usage',
    meaning: 'A daemon without authentication would be reachable from other machines, and nobody accepted that risk.',
  },
  'listen.address_in_use': { kind: 'usage', meaning: 'Another process holds the port.' },
  'listen.failed': {
    kind: 'usage',
    meaning: 'The operating system refused the address: a low port, or not an address of this machine.',
  },
  'secret.unreadable': { kind: 'usage', meaning: 'The file with the secret cannot be read, or holds no secret.' },
  'tls.incomplete': {
    kind: 'usage',
    meaning: 'A certificate was given without a private key, or the other way round.',
  },
  'tls.unreadable': { kind: 'usage', meaning: 'The file with the certificate or the private key cannot be read.' },
  'tls.bad_certificate': {
    kind: 'usage',
    meaning: 'The file named by --tls-cert holds no PEM certificate, or one that no TLS connection can use.',
  },
  'tls.bad_key': {
    kind: 'usage',
    meaning: 'The file named by --tls-key holds no PEM private key, or an encrypted one.',
  },
  'tls.mismatch': { kind: 'usage', meaning: 'The private key is not the one of the certificate.' },
  'daemon.unknown_block': { kind: 'usage', meaning: 'No building block has this name.' },
  'daemon.home_unusable': { kind: 'storage', meaning: 'A folder below DS_HOME cannot be made or written in.' },
  'daemon.not_running': { kind: 'no', meaning: 'No daemon of this block runs under this DS_HOME.' },
  'daemon.already_running': { kind: 'no', meaning: 'Another `ds up` under this DS_HOME runs the block already.' },
  'daemon.start_failed': { kind: 'peer', meaning: 'The daemon ended before it was ready; its log says why.' },
  'daemon.start_timeout': { kind: 'peer', meaning: 'The daemon did not become ready in time.' },
  'daemon.crashed': {
    kind: 'internal',
    meaning: 'An error that nothing expected ended the daemon; its log has the stack.',
  },
  'daemon.no_log': { kind: 'no', meaning: 'The block has no log file under this DS_HOME.' },
  'daemon.tour_failed': { kind: 'no', meaning: 'A stop of the tour did not give the answer that it must.' },
});
