/** Error codes of the sequencer. */
import { defineErrors } from '../../platform/errors.js';

export const seqErrors = defineErrors({
  'seq.unknown_layout': { kind: 'usage', meaning: 'No layout has this name, or the specification cannot be read.' },
  'seq.workers_exhausted': { kind: 'no', meaning: 'Every worker number of the layout is leased or cooling down.' },
  'seq.worker_taken': { kind: 'no', meaning: 'The worker number asked for is leased or cooling down.' },
  'seq.worker_out_of_range': { kind: 'usage', meaning: 'The layout has no worker of this number.' },
  'seq.lease_lost': {
    kind: 'no',
    meaning: 'The lease ran out and the number went to somebody else, or it was released.',
  },
  'seq.clock_ahead': { kind: 'storage', meaning: "This machine's clock is far ahead of the store's." },
  'seq.clock_backwards': {
    kind: 'storage',
    meaning: 'The clock stands before the last issued ID, and the policy is not to wait that long.',
  },
  'seq.time_exhausted': { kind: 'storage', meaning: "The layout's time bits have run out; no further ID can be made." },
  'seq.ticket_kind': { kind: 'usage', meaning: 'The sequence exists as the other kind (block or gapless).' },
  'seq.ticket_exhausted': { kind: 'storage', meaning: 'The sequence would pass 2^63 - 1.' },
  'seq.ticket_lost': { kind: 'no', meaning: 'The gapless number is not reserved under this token.' },
  'seq.hlc_drift': { kind: 'no', meaning: 'The remote stamp is further ahead of this clock than allowed.' },
  'seq.field_out_of_range': { kind: 'usage', meaning: 'A value does not fit its field of the layout.' },
  'seq.bad_id': { kind: 'usage', meaning: 'The text is no ID of the layout, or of any known layout.' },
  'seq.bad_count': { kind: 'usage', meaning: 'The number of IDs asked for is not between 1 and the allowed most.' },
  'seq.bad_range': { kind: 'usage', meaning: "The time span is empty, reversed or outside the layout's time bits." },
  'seq.bad_plan': { kind: 'usage', meaning: 'The number of workers or the rate cannot be planned for.' },
  'seq.copied_database': {
    kind: 'storage',
    meaning: 'The file was made on another machine, where the original may still be in use.',
  },
  'seq.bad_ticket_name': {
    kind: 'usage',
    meaning: 'The name of a sequence is empty, longer than 512 bytes, or not valid text.',
  },
  'seq.bad_ticket_count': { kind: 'usage', meaning: 'The count of numbers to take is not within 1 to 2^53.' },
  'seq.bad_duration': {
    kind: 'usage',
    meaning: 'A time to live, skew, reservation or drift is not a whole number of milliseconds within range.',
  },
  'seq.hlc_out_of_range': {
    kind: 'usage',
    meaning: 'A hybrid logical clock stamp does not fit 48 bits of time and 16 of counter.',
  },
  'seq.bad_argument': { kind: 'usage', meaning: 'An argument of a SEQ command cannot be read.' },
  'seq.unsupported_remote': {
    kind: 'usage',
    meaning: 'The server that --url names cannot do this; `ds seq serve` can.',
  },
  'seq.too_many_layouts': { kind: 'no', meaning: 'The daemon serves as many different layouts as it may.' },
  'seq.stopping': { kind: 'peer', meaning: 'The daemon is being stopped and begins nothing new.' },
});
