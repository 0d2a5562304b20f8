import { loadSchedule, scheduleOptions } from '../../src/blocks/cron/index.js';
import { Args, DsCommand, textFlags } from '../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

export default class CronExplain extends DsCommand {
  static override strict = false;
  static override summary = 'say a schedule in words';
  static override description =
    `What it says, when it is due next, and what changes of the clocks do to it. Schedules are as in "ds cron next"; "ds cron lint" tells what
is probably not meant.

Pipes get a word and what there is to say, between tabs: when, zone, clocks, next. --json: {expression, when, time_zone, clock_changes,
next_at}; clock_changes only for cron fields, next_at only where there is one.

Exit codes: 0 explained; 2 a schedule that cannot be read.`;
  static override examples = [
    { description: 'Both day fields', command: "<%= config.bin %> <%= command.id %> '30 2 1 * MON'" },
    {
      description: 'In another zone',
      command: "<%= config.bin %> <%= command.id %> '0 9 * * MON-FRI' --tz Asia/Tokyo",
    },
    { description: 'What H stands for', command: "<%= config.bin %> <%= command.id %> 'H H(0-5) * * *' --seed backup" },
  ];
  static override args = {
    expression: Args.string({ required: true, description: 'schedule, as one argument or as several' }),
  };
  static override flags = textFlags(scheduleOptions);

  protected async execute(): Promise<void> {
    const { argv, flags } = await this.parse(CronExplain);
    const { compileSchedule, describeSchedule } = await loadSchedule();
    const now = this.context.clock.now();
    const expression = argv.join(' ');
    const timeZone = flags.tz ?? this.context.timeZone;
    const { dst = 'vixie', seed = '' } = flags;
    const schedule = { expression, timeZone, clockChanges: dst, jitterMs: 0 };
    const { when, clockChanges } = describeSchedule(schedule, seed);
    const at = compileSchedule(schedule, { name: seed, createdAt: now }).next(now);
    const record = {
      ...{ expression, when, time_zone: timeZone },
      ...(clockChanges === undefined ? {} : { clock_changes: clockChanges }),
      ...(at === undefined ? {} : { next_at: isoTime(at) }),
    };
    this.out.document(record, () => {
      this.say('when', when);
      this.say('zone', timeZone);
      if (clockChanges !== undefined) this.say('clocks', clockChanges);
      if (at === undefined) this.say('next', this.out.isTerminal ? 'never, by the clock' : '');
      else this.say('next', this.out.isTerminal ? `${isoTime(at)}, ${relativeTime(at, now)}` : isoTime(at));
    });
  }

  private say(word: string, text: string): void {
    if (this.out.isTerminal) this.out.styled(['dim', word.padEnd(8)], text);
    else this.out.line(`${word}\t${text}`);
  }
}
