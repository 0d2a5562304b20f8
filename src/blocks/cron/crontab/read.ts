/** The jobs of a crontab, with cron's own meaning of what is left unsaid. */
import { DsError } from '../../../platform/errors.js';
import type { JobSpec } from '../job.js';
import { settleSchedule } from '../schedule.js';
import { DEFAULT_PATH } from '../spec/defaults.js';
import { readJobSpec } from '../spec.js';
import { badCrontab } from './errors.js';
import { JobNames, nameOfCommand } from './job-name.js';
import { type CrontabEntry, type CrontabForm, readLines } from './lines.js';
import { readPercents } from './percent.js';

/** What has no instant after it never has one: February 30. */
const EPOCH = 0;

export interface CrontabOptions {
  /** For messages. */
  readonly filename: string;
  readonly form: CrontabForm;
  /** Whose crontab it is; in the system form lines of others are left out, since ds runs everything as its own user. */
  readonly user: string;
  /** Its home folder, where commands run. */
  readonly home: string;
  /** IANA name of the zone for lines that CRON_TZ does not stand above. */
  readonly timeZone: string;
}

export interface CrontabJobs {
  readonly jobs: readonly JobSpec[];
  /** What cron would do and ds does not, each with the line: `etc/crontab:3: MAILTO …`. */
  readonly warnings: readonly string[];
}

/** Error: `cron.bad_crontab`, with the line. */
export function readCrontab(text: string, options: CrontabOptions): CrontabJobs {
  const entries = readLines(text, options.filename, options.form);
  const own = entries.filter(({ user }) => user === undefined || user === options.user);
  const names = namesOf(own, options.filename);
  const jobs = own.map((entry, index) => readJob(entry, names[index] ?? '', options));
  return { jobs, warnings: [...othersWarnings(entries, options), ...variableWarnings(own, options.filename)] };
}

function namesOf(entries: readonly CrontabEntry[], filename: string): string[] {
  const given = new Map<string, number>();
  for (const { name, line } of entries) {
    if (name === undefined) continue;
    const before = given.get(name);
    if (before !== undefined)
      throw badCrontab(filename, line, `the name ${name.slice(0, 64)} is that of line ${before}, too`);
    given.set(name, line);
  }
  const names = new JobNames([...given.keys()]);
  return entries.map(({ name, command }) => name ?? names.free(nameOfCommand(command)));
}

function readJob(entry: CrontabEntry, name: string, options: CrontabOptions): JobSpec {
  const { SHELL, CRON_TZ, ...variables } = Object.fromEntries(entry.variables);
  const { command, input } = readPercents(entry.command);
  const env = { PATH: DEFAULT_PATH, HOME: options.home, ...variables, LOGNAME: options.user };
  const raw = {
    name,
    schedule: entry.schedule,
    command,
    env,
    cwd: env.HOME,
    concurrency: 'allow-all',
    ...(input !== undefined && input !== '' && { stdin: input }),
    ...(SHELL !== undefined && { shell: SHELL }),
    ...(CRON_TZ !== undefined && CRON_TZ !== '' && { tz: CRON_TZ }),
  };
  try {
    const spec = readJobSpec(raw, '', options);
    settleSchedule(spec.schedule, EPOCH, { name, createdAt: EPOCH });
    return spec;
  } catch (error) {
    if (!(error instanceof DsError)) throw error;
    throw badCrontab(options.filename, entry.line, error.message, error.hint);
  }
}

function othersWarnings(entries: readonly CrontabEntry[], { filename, user: own }: CrontabOptions): string[] {
  return entries
    .filter(({ user }) => user !== undefined && user !== own)
    .map(
      ({ line, user = '' }) => `${filename}:${line}: left out: it is for the user ${user}, and ds runs jobs as ${own}`,
    );
}

/** Each value once, at the first line that it holds for. */
function variableWarnings(entries: readonly CrontabEntry[], filename: string): string[] {
  const meanings: Readonly<Record<string, (value: string) => string>> = {
    MAILTO: (value) => `ds sends no mail to ${value}: output is kept with each run, and failures are told by notify`,
    CRON_TZ: (value) =>
      `schedules are read in ${value}, as cronie does; Debian’s cron reads them in the machine’s zone`,
    TZ: () => 'TZ is for the commands; schedules are read in the zone of CRON_TZ or of the machine',
    LOGNAME: () => 'LOGNAME cannot be set in a crontab',
  };
  const warnings = new Map<string, string>();
  for (const { line, variables } of entries) {
    for (const [name, value] of variables) {
      const meaning = Object.hasOwn(meanings, name) && value !== '' ? meanings[name]?.(value) : undefined;
      const key = JSON.stringify([name, value]);
      if (meaning !== undefined && !warnings.has(key)) warnings.set(key, `${filename}:${line}: ${meaning}`);
    }
  }
  return [...warnings.values()];
}
