import { cronUrl, loadReport, withBook } from '../../src/blocks/cron/index.js';
import { Args, DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

export default class CronResume extends DsCommand {
  static override summary = 'let a paused job go on';
  static override description = `Slots that passed meanwhile stay skipped. A job that is not paused stays as it is.

Pipes get the name and the next run, between tabs. --json: the job, as ds cron show has it.

Exit codes: 0 done; 1 there is no such job; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'After a pause',
      command: `<%= config.bin %> cron add backup --schedule '30 2 * * *' --paused -- echo backed up
<%= config.bin %> <%= command.id %> backup`,
    },
    { description: 'When does it run next?', command: '<%= config.bin %> <%= command.id %> backup | cut -f 2' },
    {
      description: 'All of them',
      command: '<%= config.bin %> cron list | cut -f 1 | xargs -n 1 <%= config.bin %> <%= command.id %>',
    },
  ];
  static override args = { name: Args.string({ required: true, description: 'the job' }) };
  static override flags = { ...targetFlags('cron') };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(CronResume);
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    const { jobJson } = await loadReport();
    const job = await withBook(target, this.context, (book) => book.resume(args.name));
    this.out.document(jobJson(job), () => {
      const { nextAt } = job;
      if (!this.out.isTerminal)
        return this.out.line([args.name, nextAt === undefined ? '' : isoTime(nextAt)].join('\t'));
      const next =
        nextAt === undefined
          ? 'no next run by a schedule'
          : `next run ${relativeTime(nextAt, this.context.clock.now())}`;
      this.out.line(`${args.name} goes on, ${next}`);
    });
  }
}
