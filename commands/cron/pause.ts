import { cronUrl, loadReport, withBook } from '../../src/blocks/cron/index.js';
import {
  Args,
  DsCommand,
  Flags,
  invalidValue,
  resolveTarget,
  targetFlags,
  timeFlag,
} from '../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

export default class CronPause extends DsCommand {
  static override summary = 'pause a job: its slots are skipped, and accounted for as skipped';
  static override description =
    `What runs or waits already goes on. ds cron run still works. Pausing a paused job sets reason and end anew.

Pipes get the name, "paused" and until when, where that was said, between tabs. --json: the job, as ds cron show has it.

Exit codes: 0 paused; 1 there is no such job; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Until somebody resumes it',
      command: `<%= config.bin %> cron add backup --schedule '30 2 * * *' -- echo backed up
<%= config.bin %> <%= command.id %> backup --reason 'disk is being replaced'`,
    },
    { description: 'For two hours', command: '<%= config.bin %> <%= command.id %> backup --until +2h' },
    {
      description: 'Everything',
      command: '<%= config.bin %> cron list | cut -f 1 | xargs -n 1 <%= config.bin %> <%= command.id %>',
    },
  ];
  static override args = { name: Args.string({ required: true, description: 'the job' }) };
  static override flags = {
    ...targetFlags('cron'),
    reason: Flags.string({ helpValue: 'TEXT', description: 'why; each skipped slot says so' }),
    until: timeFlag({ description: 'goes on by itself from then on; +2h, or a time, in UTC where it tells no zone' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(CronPause);
    const { reason, until } = flags;
    if (until !== undefined && until <= this.context.clock.now()) {
      throw invalidValue('--until', isoTime(until), 'a time to come', 'write --until +2h');
    }
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    const { jobJson } = await loadReport();
    const options = { ...(reason === undefined ? {} : { reason }), ...(until === undefined ? {} : { until }) };
    const job = await withBook(target, this.context, (book) => book.pause(args.name, options));
    this.out.document(jobJson(job), () => {
      const end =
        until === undefined ? '' : this.out.isTerminal ? relativeTime(until, this.context.clock.now()) : isoTime(until);
      if (!this.out.isTerminal) return this.out.line([args.name, 'paused', ...(end === '' ? [] : [end])].join('\t'));
      this.out.line(`${args.name} is paused${end === '' ? '' : `, and goes on ${end}`}`);
    });
  }
}
