/** Options that every daemon takes, beside its own. A block spreads one of the two sets into its schema. */
import type { OptionSchema } from '../config/options.js';

/** How long requests in flight may take to finish once a daemon is told to stop. */
const DEFAULT_GRACE = '10s';

export function sharedOptions(defaultAdmin: string) {
  return {
    admin: {
      kind: 'address',
      default: defaultAdmin,
      optional: true,
      about: '/healthz, /readyz and /metrics for Prometheus; off for none',
    },
    db: { kind: 'path', about: 'SQLite file; $DS_HOME/<block>.db without it' },
    requirepassFile: { kind: 'path', about: 'file whose first line is the password that clients must give' },
    insecure: { kind: 'switch', default: false, about: 'accept other machines without a password' },
    grace: {
      kind: 'duration',
      default: DEFAULT_GRACE,
      about: 'how long requests in flight may take to finish when stopping',
    },
  } as const satisfies OptionSchema;
}

/** The same for a daemon whose protocol has no place for a password (readUnguardedAddress): what they then mean. */
export function unguardedOptions(defaultAdmin: string) {
  const { requirepassFile, insecure, ...others } = sharedOptions(defaultAdmin);
  return {
    ...others,
    requirepassFile: {
      ...requirepassFile,
      about: 'file whose first line is the password for /metrics, and only for that',
    },
    insecure: { ...insecure, about: 'accept other machines, none of which is asked for a password' },
  } as const satisfies OptionSchema;
}

/** The value of an address option that leaves the endpoint out. */
export const OFF = 'off';
