/** Lines of a crontab, and expressions that are typed with their command. */
import { badCrontab } from '../crontab/errors.js';
import { readPercents } from '../crontab/percent.js';
import { readVariable } from '../crontab/variable.js';
import { MOST_CRONTAB_BYTES } from '../file-bounds.js';
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

/**
 * A whole crontab, of the user's form or the system's. CRON_TZ sets the zone of the lines after it. Error: `cron.bad_crontab` for one
 * that is too long.
 */
export function lintCrontab(text: string, filename: string, options: LintOptions): LineFinding[] {
  if (Buffer.byteLength(text) > MOST_CRONTAB_BYTES) {
    throw badCrontab(filename, 1, `it is longer than ${MOST_CRONTAB_BYTES} bytes`);
  }
  const findings: LineFinding[] = [];
  let { timeZone } = options;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const variable = readVariable(line);
    if (variable !== undefined) {
      if (variable.name === 'CRON_TZ') timeZone = variable.value || options.timeZone;
      continue;
    }
    const { expression, command } = splitLine(line);
    const found = [...lintSchedule(expression, { ...options, timeZone }), ...lintCommand(command)];
    findings.push(...found.map((finding) => ({ ...finding, line: index + 1, expression })));
  }
  return findings;
}

/** An expression; with a command behind it when its sixth word is no field. */
export function lintExpression(text: string, options: LintOptions): LineFinding[] {
  const words = text.trim().split(/[ \t]+/);
  const isLine = words.length > 5 && !text.startsWith('@') && !FIELD.test(words[5] ?? '');
  const { expression, command } =
    isLine && !/^(?:at|in)$/i.test(words[0] ?? '') ? splitLine(text.trim()) : { expression: text, command: '' };
  const found = [...lintSchedule(expression, options), ...lintCommand(command)];
  return found.map((finding) => ({ ...finding, line: 1, expression }));
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
