import { clockChangePolicies, type LineFinding, loadLint, MOST_CRONTAB_BYTES } from '../../src/blocks/cron/index.js';
import { Args, type Column, DsCommand, Flags } from '../../src/platform/cli/command.js';
import { inputName, readInput } from '../../src/platform/cli/input.js';

export default class CronLint extends DsCommand {
  static override strict = false;
  static override summary = 'tell what of a schedule is probably not meant';
  static override description =
    `Takes an expression, a whole line of a crontab, or a crontab: a file, or - for stdin. Errors: what cannot be read, or is due at no time.
Warnings: both day fields, steps that do not divide their range, every minute of an hour, days that some months do not have, times
that clocks skip or repeat within a year, a % that cuts the command. Notes: what is good to know.

Pipes get findings, one a line, between tabs: line, severity, code, field, message. --json prints an object a finding:
{line, expression, code, severity, field, message}.

Exit codes: 0 nothing worse than a note; 1 errors or warnings; 2 bad input, or a file that cannot be read.`;
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
    expression: Args.string({ required: true, description: 'schedule, or the name of a crontab; - is stdin' }),
  };
  static override flags = {
    tz: Flags.string({ helpValue: 'ZONE', description: "time zone, as Europe/Berlin (default: the machine's)" }),
    dst: Flags.option({
      options: clockChangePolicies,
      default: 'vixie',
      description: 'what changes of the clocks do',
    })(),
  };

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(CronLint);
    const { lintCrontab, lintExpression } = await loadLint();
    const text = argv.join(' ');
    const { clock, timeZone } = this.context;
    const options = { timeZone: flags.tz ?? timeZone, clockChanges: flags.dst, now: clock.now() };
    // A schedule of one word begins with @.
    const isFile = !/[ \t]/.test(text.trim()) && !text.startsWith('@');
    const findings = isFile
      ? lintCrontab(await readInput(text, MOST_CRONTAB_BYTES), inputName(text), options)
      : lintExpression(text, options);
    this.show(findings);
    return findings.some(({ severity }) => severity !== 'note') ? 1 : 0;
  }

  private show(findings: readonly LineFinding[]): void {
    if (this.out.json) for (const finding of findings) this.out.item(finding, '');
    else if (!this.out.isTerminal) this.out.table(columns, findings);
    else if (findings.length === 0) this.out.line('nothing found', 'green');
    else for (const { line, severity, message, field } of findings) this.say(line, severity, message, field);
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
