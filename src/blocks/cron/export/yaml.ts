/** Jobs as YAML that `ds cron apply` reads as the same jobs. */
import { stringify } from 'yaml';
import type { JobSpec } from '../job.js';
import { writeJobSpec } from '../spec.js';

export function writeYaml(jobs: readonly JobSpec[]): string {
  return stringify({ jobs: jobs.map((spec) => writeJobSpec(spec)) }, { lineWidth: 0 });
}
