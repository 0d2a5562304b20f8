/** What `ds seq serve` and the `seq` section of ds.yaml can say. */
import type { Checked, OptionSchema } from '../../../platform/config/options.js';
import { sharedOptions } from '../../../platform/daemon/shared-options.js';

const DEFAULT_ADMIN = '127.0.0.1:9390';

export const seqOptions = {
  listen: { kind: 'address', default: '127.0.0.1:6390', about: 'Redis protocol' },
  http: { kind: 'address', default: '127.0.0.1:8390', optional: true, about: 'HTTP; off for none' },
  ...sharedOptions(DEFAULT_ADMIN),
  onClockBack: {
    kind: 'choice',
    choices: ['wait', 'borrow', 'fail'],
    default: 'wait',
    about: 'when the clock stands before the last ID',
  },
  maxWait: {
    kind: 'duration',
    default: '5s',
    about: 'longest wait for a clock that went back, and for a free worker number',
  },
} as const satisfies OptionSchema;

export type SeqOptions = Checked<typeof seqOptions>;
