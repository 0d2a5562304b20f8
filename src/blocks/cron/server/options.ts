/** What `ds cron serve` and the `cron` section of ds.yaml can say. */
import type { Checked, OptionSchema } from '../../../platform/config/options.js';
import { sharedOptions } from '../../../platform/daemon/shared-options.js';

const DEFAULT_ADMIN = '127.0.0.1:9095';

const shared = sharedOptions(DEFAULT_ADMIN);

export const cronOptions = {
  listen: {
    kind: 'address',
    default: '127.0.0.1:8095',
    about: 'HTTP: the API, and pings as healthchecks.io takes them',
  },
  workers: {
    kind: 'count',
    min: 0,
    max: 1_000,
    default: 16,
    about: 'runs at a time in this process; 0 schedules, and leaves them to others',
  },
  lease: {
    kind: 'duration',
    default: '10s',
    about: 'how long a process may be silent until others take over what it had',
  },
  keep: { kind: 'duration', default: '90d', about: 'how long runs and their output are kept after their end' },
  database: {
    kind: 'text',
    value: 'URL',
    about:
      'PostgreSQL in place of the file, which several machines share: postgres://host/name; the password by databaseFile or PGPASSWORD',
  },
  databaseFile: { kind: 'path', about: 'file whose first line is the URL of the PostgreSQL, password included' },
  ...shared,
  requirepassFile: {
    ...shared.requirepassFile,
    about: 'file whose first line is the token of the API; $DS_HOME/cron.token, made at the first start, without it',
  },
} as const satisfies OptionSchema;

export type CronOptions = Checked<typeof cronOptions>;
