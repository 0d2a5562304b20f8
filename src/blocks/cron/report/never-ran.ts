import type { DsError } from '../../../platform/errors.js';
import { cronErrors } from '../errors.js';

/** A job is there, and has no run that could be looked at. */
export function neverRan(name: string): DsError {
  return cronErrors.error('cron.no_such_run', `${name} has not run yet`, {
    hint: `ds cron run ${name} --wait`,
    details: { job: name },
  });
}
