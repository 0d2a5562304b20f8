/** The environment of a job: little of the daemon's, so that its secrets stay with it; what the job is told; which run it is. */
import type { Environment } from '../../../platform/paths.js';
import type { CommandAction } from '../job.js';
import { DEFAULT_PATH } from '../spec/defaults.js';
import type { AttemptFacts } from './attempt.js';
import { MARK_VARIABLE } from './mark.js';

/** What a job inherits. SHELL is the one that runs it. */
const inheritedNames = ['PATH', 'HOME', 'LOGNAME', 'USER', 'LANG', 'TZ'] as const;

/** Later ones win: inherited, the job's, those of its file (as systemd's EnvironmentFile=), the facts of the run. */
export function jobEnvironment(
  action: CommandAction,
  fromFile: Readonly<Record<string, string>>,
  daemon: Environment,
  facts: Readonly<Record<string, string>>,
): Record<string, string> {
  const inherited: Record<string, string> = { PATH: DEFAULT_PATH, SHELL: action.shell };
  for (const name of inheritedNames) {
    const value = daemon[name];
    if (value !== undefined) inherited[name] = value;
  }
  return { ...inherited, ...action.environment, ...fromFile, ...facts };
}

export function factVariables(facts: AttemptFacts, mark: string): Record<string, string> {
  return {
    DS_CRON_JOB: facts.job,
    DS_CRON_RUN: String(facts.run),
    DS_CRON_SLOT: new Date(facts.slot).toISOString(),
    DS_CRON_TRIGGER: facts.trigger,
    DS_CRON_ATTEMPT: String(facts.attempt),
    DS_CRON_FENCE: String(facts.fence),
    [MARK_VARIABLE]: mark,
  };
}
