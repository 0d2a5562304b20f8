import { cronUrl, loadReport, runStates, withBook } from '../../src/blocks/cron/index.js';
import { DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';

export default class CronStats extends DsCommand {
  static override summary = 'show how many jobs there are, and what became of the slots of the last day';
  static override description =
    `Pipes get "jobs", "paused", "queued" and "running", then each state that slots of the last 24 hours are in, with their numbers, between
tabs. --json: what ds cron status has.

Exit codes: 0 done; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'What is in the file',
      command: `<%= config.bin %> cron add backup --schedule '30 2 * * *' -- echo backed up
<%= config.bin %> <%= command.id %>`,
    },
    {
      description: 'Only what failed',
      command: '<%= config.bin %> <%= command.id %> | awk \'$1 == "failed" {print $2}\'',
    },
    { description: 'As JSON', command: '<%= config.bin %> <%= command.id %> --json' },
  ];
  static override flags = { ...targetFlags('cron') };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(CronStats);
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    const { statusJson } = await loadReport();
    const status = await withBook(target, this.context, (book) => book.status());
    this.out.document(statusJson(status), () => {
      const { jobs, paused, queued, running, day } = status;
      const counts = { jobs, paused, queued, running };
      const ended = runStates.flatMap((state) =>
        day[state] === undefined || state in counts ? [] : [[state, day[state]] as const],
      );
      const rows = [...Object.entries(counts), ...ended];
      this.out.table(
        [
          { header: 'what', value: ([name]) => name },
          { header: 'number', value: ([, count]) => count },
        ],
        rows,
      );
    });
  }
}
