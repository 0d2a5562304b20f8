/**
 * Jobs as a crontab. What would run otherwise under cron is left out as a comment with the reason; what cron lacks around a job
 * (timeouts, retries, history …) is told, and the job is written.
 */
import type { CommandAction, JobSpec } from '../job.js';
import { DEFAULT_PATH } from '../spec/defaults.js';
import { writeJobSpec } from '../spec.js';
import { isDebianSchedule } from './debian-schedule.js';
import type { CrontabForm } from './lines.js';
import { writePercents } from './percent.js';
import { writeVariable } from './variable.js';

export interface CrontabWriteOptions {
  readonly form: CrontabForm;
  /** Who runs the commands. */
  readonly user: string;
  /** Its home folder. */
  readonly home: string;
  /** IANA name of the machine's zone. */
  readonly timeZone: string;
}

export interface CrontabText {
  readonly text: string;
  /** How many jobs are in it. */
  readonly jobCount: number;
  /** One for each job that is left out, or of which something is. */
  readonly warnings: readonly string[];
}

/** Keys of the compact form that a crontab says, or that hold there without being said. */
const SAID = new Set(['name', 'schedule', 'tz', 'command', 'shell', 'cwd', 'env', 'stdin', 'dst']);

export function writeCrontab(jobs: readonly JobSpec[], options: CrontabWriteOptions): CrontabText {
  const variables = new VariableLines();
  const isZoned = jobs.some(({ schedule }) => schedule.timeZone !== options.timeZone);
  const lines: string[] = [];
  const warnings: string[] = [];
  let jobCount = 0;
  for (const spec of jobs) {
    const entry = entryOf(spec, isZoned, options);
    if ('problem' in entry) {
      warnings.push(`${spec.name} is left out: ${entry.problem}`);
      lines.push('', `# left out: ${spec.name}: ${entry.problem}`);
      continue;
    }
    jobCount++;
    lines.push('', `# name: ${spec.name}`, ...variables.change(entry.variables), entry.line);
    warnings.push(...warningsOf(spec, variables.emptied, options));
  }
  return { text: `${lines.join('\n').trimStart()}\n`, jobCount, warnings };
}

interface WrittenEntry {
  readonly line: string;
  /** All that must hold for it. */
  readonly variables: ReadonlyMap<string, string>;
}

function entryOf(
  spec: JobSpec,
  isZoned: boolean,
  options: CrontabWriteOptions,
): WrittenEntry | { readonly problem: string } {
  const { action, schedule } = spec;
  if (action.kind !== 'command') return { problem: `cron runs commands only; this job has ${action.kind}` };
  const { expression } = schedule;
  if (expression === undefined) return { problem: 'it has no schedule' };
  if (!isDebianSchedule(expression)) return { problem: `cron cannot read its schedule ${JSON.stringify(expression)}` };
  if (schedule.clockChanges !== 'vixie') return { problem: `cron has no dst ${schedule.clockChanges}` };
  if (action.environmentFile !== undefined) return { problem: 'cron reads no env-file' };
  const { environment, folder = options.home } = action;
  if (environment['CRON_TZ'] !== undefined || (environment['SHELL'] ?? action.shell) !== action.shell) {
    return { problem: 'SHELL and CRON_TZ mean something to cron' };
  }
  const variables = variablesOf(action, isZoned ? schedule.timeZone : undefined, options.home);
  if (variables.get('HOME') !== folder) {
    return { problem: `cron runs commands in HOME, not in ${JSON.stringify(folder)}` };
  }
  const unsaid = [...variables].find(([name, value]) => writeVariable({ name, value }) === undefined);
  if (unsaid !== undefined) return { problem: `a crontab cannot say the value of ${unsaid[0]}` };
  const command = writePercents(action.command.trimStart(), action.input ?? '');
  if (command === undefined) return { problem: whyNoCommand(action) };
  const user = options.form === 'system' ? ` ${options.user}` : '';
  return { line: `${expression.trim()}${user} ${command}`, variables };
}

function whyNoCommand({ command, input = '' }: CommandAction): string {
  if (command.includes('\n')) return 'its command has several lines';
  if (input !== '' && !input.endsWith('\n')) return 'cron ends the standard input with a line end';
  return 'a crontab cannot say a line end behind a backslash';
}

/** LOGNAME is set by cron itself, and cannot be set. */
function variablesOf(action: CommandAction, timeZone: string | undefined, home: string) {
  const { LOGNAME: _, ...environment } = action.environment;
  const variables = new Map(Object.entries({ PATH: DEFAULT_PATH, HOME: home, ...environment, SHELL: action.shell }));
  if (timeZone !== undefined) variables.set('CRON_TZ', timeZone);
  return variables;
}

/** Lines that bring about the variables of the next job, given that all that stands above holds on. */
class VariableLines {
  readonly #holding = new Map([
    ['PATH', DEFAULT_PATH],
    ['SHELL', '/bin/sh'],
  ]);
  /** Variables that the last job should not have, and has as empty ones: a crontab cannot take one back. */
  emptied: readonly string[] = [];

  change(wanted: ReadonlyMap<string, string>): string[] {
    const lines: string[] = [];
    for (const [name, value] of wanted) {
      if (this.#holding.get(name) === value) continue;
      this.#holding.set(name, value);
      lines.push(writeVariable({ name, value }) ?? '');
    }
    this.emptied = [...this.#holding.keys()].filter((name) => !wanted.has(name));
    for (const name of this.emptied) {
      if (this.#holding.get(name) === '') continue;
      this.#holding.set(name, '');
      lines.push(`${name}=""`);
    }
    return lines;
  }
}

function warningsOf(spec: JobSpec, emptied: readonly string[], options: CrontabWriteOptions): string[] {
  const { name, action, concurrency, schedule } = spec;
  const { PATH, LOGNAME = options.user } = action.kind === 'command' ? action.environment : {};
  const lost = Object.keys(writeJobSpec(spec)).filter((key) => !SAID.has(key) && key !== 'concurrency');
  const warnings = [
    lost.length > 0 && `cron has no ${lost.join(', ')}`,
    concurrency !== 'allow-all' &&
      `cron starts it beside a run of it that goes on; there is no concurrency ${concurrency}`,
    schedule.timeZone !== options.timeZone &&
      `Debian’s cron reads its times in ${options.timeZone}; cronie knows CRON_TZ=${schedule.timeZone}`,
    PATH === undefined && `its PATH will be ${DEFAULT_PATH}, not that of the daemon`,
    LOGNAME !== options.user && `its LOGNAME will be ${options.user}`,
    emptied.length > 0 && `${emptied.join(', ')} will be empty, not unset`,
  ];
  return warnings.flatMap((warning) => (warning === false ? [] : [`${name}: ${warning}`]));
}
