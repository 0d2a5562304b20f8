/** Jobs as the stores keep them: JSON of a whole JobSpec, maybe of a version of ds that knew fewer keys. */
import type { JobSpec } from '../job.js';
import { defaultSpec } from './defaults.js';

/** It was checked before it was stored; what is missing gets the default. */
export function reviveJobSpec(json: string): JobSpec {
  const stored = JSON.parse(json) as Pick<JobSpec, 'name' | 'action'> & Partial<JobSpec>;
  return {
    ...defaultSpec,
    ...stored,
    schedule: { ...defaultSpec.schedule, ...stored.schedule },
    retries: { ...defaultSpec.retries, ...stored.retries },
    catchUp: { ...defaultSpec.catchUp, ...stored.catchUp },
    notifications: { ...defaultSpec.notifications, ...stored.notifications },
  };
}
