/** Error codes of the scheduler. */
import { defineErrors } from '../../platform/errors.js';

export const cronErrors = defineErrors({
  'cron.bad_expression': { kind: 'usage', meaning: 'A schedule cannot be read; the message names the field.' },
  'cron.impossible_schedule': {
    kind: 'usage',
    meaning: 'A schedule has no instant: February 30, or only years that are past.',
  },
  'cron.bad_time_zone': { kind: 'usage', meaning: 'There is no time zone of this name.' },
  'cron.bad_job': {
    kind: 'usage',
    meaning: 'What a job is told cannot be meant: a bad name, a range, an unknown key.',
  },
  'cron.bad_crontab': {
    kind: 'usage',
    meaning: 'A crontab or a YAML file of jobs cannot be read; the message names the line.',
  },
  'cron.bad_url': { kind: 'usage', meaning: 'A URL is none of a place where jobs can be.' },
  'cron.bad_lease': { kind: 'usage', meaning: 'A lease is too short to be prolonged in time.' },
  'cron.bad_load': { kind: 'usage', meaning: 'No load can be measured that is as it was asked for.' },
  'cron.bad_filter': { kind: 'usage', meaning: 'What runs are asked for cannot be read.' },
  'cron.job_exists': { kind: 'usage', meaning: 'There is a job of this name already.' },
  'cron.no_such_job': { kind: 'no', meaning: 'There is no job of this name.' },
  'cron.no_such_run': { kind: 'no', meaning: 'There is no run of this number.' },
  'cron.not_recorded': {
    kind: 'storage',
    meaning:
      'A daemon stopped, and the store did not take what became of its runs: the next one that leads settles them.',
  },
  'cron.store_silent': {
    kind: 'storage',
    meaning: 'The store has not answered a daemon for a whole lease: it is not ready, and has killed what it ran.',
  },
  'cron.database_unreachable': { kind: 'peer', meaning: 'PostgreSQL could not be reached, or refused.' },
  'cron.daemon_unreachable': { kind: 'peer', meaning: 'The daemon behind --url could not be reached, or refused.' },
});
