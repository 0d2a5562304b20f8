/** Error codes of the sequencer. */
import { defineErrors } from '../../platform/errors.js';

export const seqErrors = defineErrors({
  'seq.unknown_layout': { kind: 'usage', meaning: 'No layout has this name, or the specification cannot be read.' },
  'seq.workers_exhausted': { kind: 'no', meaning: 'Every worker number of the layout is leased or cooling down.' },
  'seq.worker_taken': { kind: 'no', meaning: 'The worker number asked for is leased or cooling down.' },
  'seq.worker_out_of_range': { kind: 'usage', meaning: 'The layout has no worker of this number.' },
  'seq.lease_lost': { kind: 'no', meaning: 'The lease ran out and the number went to somebody else, or it was released.' },
  'seq.clock_ahead': { kind: 'storage', meaning: "This machine's clock is far ahead of the store's." },
  'seq.clock_backwards': { kind: 'storage', meaning: 'The clock stands before the last issued ID, and the policy is not to wait that long.' },
  'seq.time_exhausted': { kind: 'storage', meaning: "The layout's time bits have run out; no further ID can be made." },
  'seq.ticket_kind': { kind: 'usage', meaning: 'The sequence exists as the other kind (block or gapless).' },
  'seq.ticket_exhausted': { kind: 'storage', meaning: 'The sequence would pass 2^63 - 1.' },
  'seq.ticket_lost': { kind: 'no', meaning: 'The gapless number is not reserved under this token.' },
  'seq.hlc_drift': { kind: 'no', meaning: 'The remote stamp is further ahead of this clock than allowed.' },
});
