import {
  type LineFinding,
  type LintReport,
  loadLint,
  MOST_JOBS_BYTES,
  scheduleOptions,
} from '../../src/blocks/cron/index.js';
import { Args, type Column, DsCommand, textFlags } from '../../src/platform/cli/command.js';
import { inputName, readInput } from '../../src/platform/cli/input.js';

export default class CronLint extends DsCommand {
  static override strict = false;
  static override summary = 'tell what of a schedule is probably not meant';
  static override description =
    `Takes an expression, a whole line of a crontab, or a file of jobs, or - for stdin: a crontab, or YAML as ds cron apply takes it, whose jobs
tell their own zone and policy. Errors: what cannot be read, or is due at no time; in a crontab a line without a command, an unknown CRON_TZ.
Warnings: both day fields, steps that do not divide their range, every minute of an hour, days that some months do not have, times
that clocks skip or repeat within a year, a % that cuts the command. Notes: what is good to know. Of commands nothing else is looked at, nor
who is to run them; stderr tells how many schedules there were.

Pipes get findings, one a line, between tabs: line, severity, code, field, message. --json prints an object a finding:
{line, expression, code, severity, field, message}.

Exit codes: 0 nothing worse than a note; 1 errors or warnings; 2 bad input, or a file that cannot be read, such as YAML with a job
that is none.`;
  static override examples = [
    {
      description: 'An expression',
      command: "<%= config.bin %> <%= command.id %> '*/7 * 1 * MON' || echo 'look again'",
    },
    {
      description: 'A line with its command',
      command: `<%= config.bin %> <%= command.id %> '0 3 31 * * date +%F' || echo 'look again'`,
    },
    {
      description: 'A crontab',
      command:
        "echo '30 2 * * * backup' | <%= config.bin %> <%= command.id %> - --tz America/New_York || echo 'look again'",
    },
  ];
  static override args = {
    expression: Args.string({ required: true, description: 'schedule, or the name of a file of jobs; - is stdin' }),
  };
  static override flags = textFlags(scheduleOptions);

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(CronLint);
    const { lintExpression, lintFile } = await loadLint();
    const text = argv.join(' ');
    const { clock, timeZone } = this.context;
    const { dst = 'vixie', seed = '' } = flags;
    const options = { timeZone: flags.tz ?? timeZone, clockChanges: dst, seed, now: clock.now() };
    // A schedule of one word begins with @.
    const isFile = !/[ \t]/.test(text.trim()) && !text.startsWith('@');
    const report = isFile
      ? lintFile(await readInput(text, MOST_JOBS_BYTES), inputName(text), options)
      : lintExpression(text, options);
    this.show(report);
    return report.findings.some(({ severity }) => severity !== 'note') ? 1 : 0;
  }

  private show({ findings, schedules }: LintReport): void {
    if (this.out.json) for (const finding of findings) this.out.item(finding, '');
    else if (!this.out.isTerminal) this.out.table(columns, findings);
    else for (const { line, severity, message, field } of findings) this.say(line, severity, message, field);
    if (this.out.isTerminal && findings.length === 0 && schedules > 0) this.out.line('nothing found', 'green');
    if (schedules === 0) this.out.warn('there is no schedule in it');
    else if (this.out.isTerminal)
      this.out.note(`looked at ${schedules} ${schedules === 1 ? 'schedule' : 'schedules'}; of commands only at %`);
  }

  private say(line: number, severity: LineFinding['severity'], message: string, field = ''): void {
    const color = severity === 'error' ? 'red' : severity === 'warning' ? 'yellow' : 'dim';
    this.out.styled([color, severity.padEnd(8)], ['dim', `line ${line}  ${field.padEnd(13)}`], message);
  }
}

/** For pipes. */
const columns: Column<LineFinding>[] = [
  { header: 'line', value: ({ line }) => line },
  { header: 'severity', value: ({ severity }) => severity },
  { header: 'code', value: ({ code }) => code },
  { header: 'field', value: ({ field }) => field },
  { header: 'message', value: ({ message }) => message },
];
