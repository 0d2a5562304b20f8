import { cronUrl, loadReport, withBook } from '../../src/blocks/cron/index.js';
import { Args, DsCommand, invalidValue, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';

export default class CronCancel extends DsCommand {
  static override summary = 'end a run that goes on, or take back one that waits';
  static override description =
    `What waits is cancelled at once. What runs is asked to end by its worker within a second: SIGTERM, then SIGKILL after
the job's --kill-after. A run that has ended stays as it is.

Pipes get the number of the run and its state, between tabs. --json: the run, as ds cron history has it.

Exit codes: 0 done, or it had ended; 1 there is no such run; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'One that waits',
      command: `<%= config.bin %> cron add backup -- sleep 100
<%= config.bin %> cron run backup
<%= config.bin %> <%= command.id %> 1`,
    },
    {
      description: 'Everything that goes on or waits',
      command: `<%= config.bin %> cron run backup
<%= config.bin %> cron history --state running,queued | cut -f 1 | xargs -rn 1 <%= config.bin %> <%= command.id %>`,
    },
    { description: 'How it stands then', command: '<%= config.bin %> <%= command.id %> 1 --json' },
  ];
  static override args = {
    run: Args.string({ required: true, description: 'number of the run, as ds cron history has it' }),
  };
  static override flags = { ...targetFlags('cron') };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(CronCancel);
    if (!/^\d{1,15}$/.test(args.run)) {
      throw invalidValue('RUN', args.run, 'the number of a run', 'see the runs: ds cron history');
    }
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    const { runJson, sayRun } = await loadReport();
    const run = await withBook(target, this.context, (book) => book.cancel(Number(args.run)));
    this.out.document(runJson(run), () => {
      if (!this.out.isTerminal) return this.out.line(`${run.id}\t${run.state}`);
      this.out.line(run.state === 'running' ? `run ${run.id} of ${run.job} is asked to end` : sayRun(run));
    });
  }
}
