/** What `ds kv serve` and the `kv` section of ds.yaml can say. */
import type { Checked, OptionSchema } from '../../../platform/config/options.js';
import { sharedOptions } from '../../../platform/daemon/shared-options.js';

const DEFAULT_ADMIN = '127.0.0.1:9379';

export const kvOptions = {
  listen: { kind: 'address', default: '127.0.0.1:6379', about: 'Redis protocol, RESP2 and RESP3' },
  tlsCert: { kind: 'path', about: 'PEM file of the certificate and its chain: then only TLS is served' },
  tlsKey: { kind: 'path', about: 'PEM file of the private key', onlyWith: 'tlsCert' },
  sync: {
    kind: 'choice',
    choices: ['full', 'normal'],
    default: 'full',
    about: 'full: answers leave after the flush to disk; normal: a power loss may take back the last ones',
  },
  cacheMb: {
    kind: 'count',
    default: 64,
    min: 1,
    max: 1_000_000,
    about: 'MB of memory for keys and values',
  },
  history: {
    kind: 'count',
    default: 100_000,
    min: 0,
    max: 1_000_000_000,
    about: 'changes that watch can go back',
  },
  ...sharedOptions(DEFAULT_ADMIN),
} as const satisfies OptionSchema;

export type KvOptions = Checked<typeof kvOptions>;
