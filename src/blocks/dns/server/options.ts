/** What `ds dns serve` and the `dns` section of ds.yaml can say. */
import type { Checked, OptionSchema } from '../../../platform/config/options.js';
import { unguardedOptions } from '../../../platform/daemon/shared-options.js';

const DEFAULT_ADMIN = '127.0.0.1:9353';

export const dnsOptions = {
  listen: { kind: 'address', default: '127.0.0.1:1053', about: 'DNS over UDP and TCP' },
  ...unguardedOptions(DEFAULT_ADMIN),
  zoneFile: {
    kind: 'paths',
    about: 'master file to serve; imported when the daemon starts and whenever the file changes',
  },
  forward: {
    kind: 'texts',
    value: 'SERVER',
    about: 'resolver for what is in no zone here: 192.0.2.1, tls://host, https://host/dns-query',
  },
  allowForward: {
    kind: 'texts',
    value: 'NETWORK',
    about: 'who may ask for what is forwarded, beside this machine: 192.0.2.0/24',
  },
  allowTransfer: {
    kind: 'texts',
    value: 'NETWORK',
    about: 'who may transfer zones (AXFR, IXFR): 127.0.0.1, 192.0.2.0/24; nobody without it',
  },
  notify: {
    kind: 'texts',
    value: 'SERVER',
    about: 'secondary to tell of changes (NOTIFY): 192.0.2.53 or 127.0.0.1:5353',
  },
  tlsCert: { kind: 'path', about: 'certificate chain, PEM: opens DNS over TLS, and makes --doh HTTPS' },
  tlsKey: { kind: 'path', about: 'its private key, PEM', onlyWith: 'tlsCert' },
  tls: { kind: 'address', default: '127.0.0.1:8853', about: 'DNS over TLS', onlyWith: 'tlsCert' },
  doh: { kind: 'switch', default: false, about: 'serve DNS over HTTPS; plain HTTP without a certificate' },
  https: { kind: 'address', default: '127.0.0.1:8443', about: 'DNS over HTTPS', onlyWith: 'doh' },
  nsid: {
    kind: 'text',
    value: 'TEXT',
    about: 'what tells this server from others that serve the same (NSID, RFC 5001)',
  },
  cacheMb: {
    kind: 'count',
    min: 1,
    max: 16_384,
    default: 64,
    about: 'memory for forwarded answers, MiB; the least used give way',
  },
} as const satisfies OptionSchema;

export type DnsOptions = Checked<typeof dnsOptions>;
