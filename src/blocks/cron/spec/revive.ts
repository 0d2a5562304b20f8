/** Jobs as the stores keep them: JSON of a whole JobSpec, maybe of a version of ds that knew fewer keys. */
import type { JobSpec } from '../job.js';
import { defaultSpec } from './defaults.js';

/**
 * It was checked before it was stored; what is missing gets the default. Its keys stay in the order in which readJobSpec() writes
 * them: the store compares schedules as JSON, and takes one whose keys come otherwise for another one.
 */
export function reviveJobSpec(json: string): JobSpec {
  const stored = JSON.parse(json) as Pick<JobSpec, 'name' | 'action'> & Partial<JobSpec>;
  return {
    ...stored,
    ...defaultSpec,
    ...stored,
    schedule: { ...stored.schedule, ...defaultSpec.schedule, ...stored.schedule },
    retries: { ...defaultSpec.retries, ...stored.retries },
    catchUp: { ...defaultSpec.catchUp, ...stored.catchUp },
    notifications: { ...defaultSpec.notifications, ...stored.notifications },
  };
}
