/** Files of jobs, and expressions that are typed with their command. */
import { isYaml } from '../apply/desired.js';
import { readYamlJobs } from '../apply/yaml-jobs.js';
import { badCrontab } from '../crontab/errors.js';
import { MOST_ENTRIES } from '../crontab/lines.js';
import { readPercents } from '../crontab/percent.js';
import { readVariable } from '../crontab/variable.js';
import { MOST_CRONTAB_BYTES } from '../file-bounds.js';
import { isTimeZone } from '../schedule/time-zone.js';
import type { Finding } from './finding.js';
import { type LintOptions, lintSchedule } from './lint-schedule.js';

export interface LineFinding extends Finding {
  /** The first is 1. */
  readonly line: number;
  /** What was looked at: the schedule, without the command. */
  readonly expression: string;
}

/** A sixth word that is no field begins the command. */
const FIELD = /^(?:[\d*?,\-/#~()LWH]|SUN|MON|TUE|WED|THU|FRI|SAT)+$/i;

/** What was found, and how much was looked at. */
export interface LintReport {
  readonly findings: readonly LineFinding[];
  readonly schedules: number;
}

/** No job is made, so that an external one needs no key of its own. */
const NO_PING_KEY = '00000000-0000-4000-8000-000000000000';

/**
 * A file of jobs, a crontab of the user's form or the system's, or YAML. Error: `cron.bad_crontab` for what cannot be read as a whole: YAML
 * with a job that is none, a file that is too long.
 */
export function lintFile(text: string, filename: string, options: LintOptions): LintReport {
  return isYaml(text, filename) ? lintJobs(text, filename, options) : lintCrontab(text, filename, options);
}

/** Each job in its own zone, with its own policy for changes of the clocks. */
function lintJobs(text: string, filename: string, options: LintOptions): LintReport {
  const { timeZone, now } = options;
  const jobs = readYamlJobs(text, { filename, timeZone, pingKey: () => NO_PING_KEY });
  const scheduled = jobs.flatMap(({ spec: { name, schedule }, line }) =>
    schedule.expression === undefined ? [] : [{ ...schedule, name, line, expression: schedule.expression }],
  );
  const findings = scheduled.flatMap(({ name: seed, line, expression, ...schedule }) => {
    const found = lintSchedule(expression, { ...schedule, seed, now });
    return found.map((finding) => ({ ...finding, line, expression }));
  });
  return { findings, schedules: scheduled.length };
}

/** CRON_TZ sets the zone of the lines after it. */
function lintCrontab(text: string, filename: string, options: LintOptions): LintReport {
  if (Buffer.byteLength(text) > MOST_CRONTAB_BYTES) {
    throw badCrontab(filename, 1, `it is longer than ${MOST_CRONTAB_BYTES} bytes`);
  }
  const findings: LineFinding[] = [];
  let schedules = 0;
  let { timeZone } = options;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const line = index + 1;
    const variable = readVariable(content);
    if (variable !== undefined) {
      if (variable.name !== 'CRON_TZ') continue;
      const zone = variable.value || options.timeZone;
      if (isTimeZone(zone)) timeZone = zone;
      else findings.push({ ...badZone(zone), line, expression: '' });
      continue;
    }
    if (++schedules > MOST_ENTRIES) throw badCrontab(filename, line, `it has more than ${MOST_ENTRIES} jobs`);
    const { expression, command } = splitLine(content);
    const found = [
      ...lintSchedule(expression, { ...options, timeZone }),
      ...(command === '' ? [NO_COMMAND] : lintCommand(command)),
    ];
    findings.push(...found.map((finding) => ({ ...finding, line, expression })));
  }
  if (text.includes('\r'))
    findings.push({ ...CARRIAGE_RETURN, line: lineOf(text, text.indexOf('\r')), expression: '' });
  return { findings, schedules };
}

const NO_COMMAND: Finding = {
  ...{ code: 'no_command', severity: 'error', field: 'command' },
  message: 'the line ends before the command',
};

const CARRIAGE_RETURN: Finding = {
  ...{ code: 'carriage_return', severity: 'error', field: 'command' },
  message: 'a carriage return, which cron would hand to the command: dos2unix FILE',
};

function badZone(zone: string): Finding {
  const message = `there is no time zone ${JSON.stringify(zone.slice(0, 100))}; the lines below are read in the one above`;
  return { code: 'unknown_zone', severity: 'error', field: 'CRON_TZ', message };
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** An expression; with a command behind it when its sixth word is no field. */
export function lintExpression(text: string, options: LintOptions): LintReport {
  const words = text.trim().split(/[ \t]+/);
  const isLine = words.length > 5 && !text.startsWith('@') && !FIELD.test(words[5] ?? '');
  const { expression, command } =
    isLine && !/^(?:at|in)$/i.test(words[0] ?? '') ? splitLine(text.trim()) : { expression: text, command: '' };
  const found = [...lintSchedule(expression, options), ...lintCommand(command)];
  return { findings: found.map((finding) => ({ ...finding, line: 1, expression })), schedules: 1 };
}

function splitLine(line: string): { readonly expression: string; readonly command: string } {
  const fields = /^@every/i.test(line) ? 2 : line.startsWith('@') ? 1 : 5;
  const match = new RegExp(`^((?:\\S+\\s+){${fields - 1}}\\S+)\\s*(.*)$`).exec(line);
  return { expression: match?.[1] ?? line, command: match?.[2] ?? '' };
}

/** cron ends the command at a percent sign, and gives the rest to its standard input. */
function lintCommand(command: string): Finding[] {
  if (readPercents(command).input === undefined) return [];
  const message = 'a % ends the command, and the rest goes to its standard input; write \\% for the sign itself';
  return [{ code: 'percent', severity: 'warning', field: 'command', message }];
}
