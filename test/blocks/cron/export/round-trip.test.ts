/** Jobs that go out and come in again are the jobs that they were, or it is told which are not. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planApply, readDesired } from '../../../../src/blocks/cron/apply.js';
import { exportJobs } from '../../../../src/blocks/cron/export.js';
import type { JobSpec } from '../../../../src/blocks/cron/job.js';
import { readJobSpec } from '../../../../src/blocks/cron/spec.js';
import { jobSpecs } from '../spec/job-specs.js';

const MACHINE = { form: 'user', user: 'anna', home: '/home/anna', timeZone: 'Europe/Berlin' } as const;

/** Several, of different names. */
const jobs = () => fc.uniqueArray(jobSpecs(), { selector: ({ name }) => name, maxLength: 4 });

/** What `ds cron apply` would change in `present`, if the text were its file. */
function changesBy(text: string, filename: string, present: readonly JobSpec[]) {
  const pingKey = () => {
    throw new Error('the file tells them');
  };
  const desired = readDesired(text, { filename, ...MACHINE, pingKey });
  return planApply(present, desired.jobs, { prune: true });
}

test('as YAML every key of every job survives', () => {
  fc.assert(
    fc.property(jobs(), (present) => {
      const { text, warnings } = exportJobs(present, { to: 'yaml' });
      expect(warnings).toEqual([]);
      expect(changesBy(text, 'stdin', present).plan).toEqual({ put: [], remove: [] });
    }),
    { numRuns: 40 },
  );
});

/** All of it is what a crontab says, or what holds under cron. */
const plain = readJobSpec(
  {
    ...{ name: 'plain', schedule: '15 4 * * mon', command: 'backup', cwd: MACHINE.home, concurrency: 'allow-all' },
    env: { PATH: '/usr/bin:/bin', HOME: MACHINE.home, LOGNAME: MACHINE.user },
  },
  '',
  MACHINE,
);

/** Blanks before a command mean nothing, and those of a crontab's line are not the command's. */
function withoutBlanks({ action, ...spec }: JobSpec): JobSpec {
  if (action.kind !== 'command') return { ...spec, action };
  return { ...spec, action: { ...action, command: action.command.replace(/^[ \t]+/, '') } };
}

/** The plain job with one thing of another one, of each key and of each below its schedule and its command. */
function variants(other: JobSpec): JobSpec[] {
  const parts = <Whole extends object>(mine: Whole, theirs: object): Whole[] =>
    Object.entries(theirs).map(([key, value]) => ({ ...mine, [key]: value as unknown }));
  const { schedule, action } = plain;
  return [
    ...parts(plain, other),
    ...parts(schedule, other.schedule).map((changed) => ({ ...plain, schedule: changed })),
    ...(other.action.kind === 'command' ? parts(action, other.action) : []).map((changed) => ({
      ...plain,
      action: changed,
    })),
  ];
}

test('as a crontab a job is the same, or what of it is not is told', () => {
  const roundTrip = (spec: JobSpec) => {
    const { text, warnings } = exportJobs([spec], { to: 'crontab', ...MACHINE });
    const [change] = changesBy(text, 'crontab', [spec]).changes;
    return { spec, kind: change?.kind, isTold: warnings.length > 0 };
  };
  expect(roundTrip(plain)).toMatchObject({ kind: 'unchanged', isTold: false });
  fc.assert(
    fc.property(jobSpecs(), (other) => {
      for (const spec of variants(withoutBlanks(other))) {
        const { kind, isTold } = roundTrip(spec);
        expect({ spec, same: kind === 'unchanged' || isTold }).toEqual({ spec, same: true });
      }
    }),
    { numRuns: 40 },
  );
});
