/** What `ds log serve` and the `log` section of ds.yaml can say. */
import type { Checked, OptionSchema } from '../../../platform/config/options.js';
import { OFF, unguardedOptions } from '../../../platform/daemon/shared-options.js';

const DEFAULT_ADMIN = '127.0.0.1:9097';

const shared = unguardedOptions(DEFAULT_ADMIN);

export const logOptions = {
  listen: {
    kind: 'address',
    default: '127.0.0.1:3100',
    about: 'HTTP: push and query as Loki has them, OTLP, _bulk, NDJSON; over TLS with a certificate',
  },
  syslog: {
    kind: 'address',
    default: OFF,
    optional: true,
    about: 'syslog over UDP and TCP, RFC 5424 and 3164: 127.0.0.1:5514; off for none',
  },
  tokensFile: {
    kind: 'path',
    about:
      'file of who may ask: lines of TOKEN TENANT [rate=5MB/s] [streams=N] [read|write]; read again when it changes; without it everybody may',
  },
  tenants: {
    kind: 'choice',
    choices: ['one', 'header'],
    default: 'one',
    about: 'without a tokens file: all that comes belongs to one tenant, or to the one that X-Scope-OrgID names',
  },
  keep: { kind: 'duration', default: '30d', about: 'how long entries are kept, by their time; 0 for ever' },
  maxSize: {
    kind: 'text',
    value: 'SIZE',
    about: 'of what is stored, compressed: 20GB; the oldest entries go first. Without it: no bound',
  },
  maxStreams: {
    kind: 'count',
    min: 1,
    max: 1_000_000,
    default: 10_000,
    about: 'streams of a tenant (sets of labels); new ones beyond it are refused',
  },
  tlsCert: { kind: 'path', about: 'PEM file of the certificate and its chain: then only TLS is served' },
  tlsKey: { kind: 'path', about: 'PEM file of the private key', onlyWith: 'tlsCert' },
  pipelines: {
    kind: 'tree',
    value: '{NAME: {sources: [FILE], to: [SINK]}}',
    about: 'what ds log ship --config reads, and sends where; the daemon leaves them alone',
  },
  ...shared,
  insecure: { ...shared.insecure, about: 'accept other machines without a tokens file, and their syslog' },
} as const satisfies OptionSchema;

export type LogOptions = Checked<typeof logOptions>;
