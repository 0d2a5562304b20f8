import { cronUrl, loadReport, type Run, withBook } from '../../src/blocks/cron/index.js';
import { Args, type Column, DsCommand, resolveTarget, sinceFlag, targetFlags } from '../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

const DEFAULT_SINCE_MS = 30 * 86_400_000;
const MOST = 100_000;
const NOT_RUN = ['missed', 'overlapped', 'fenced', 'skipped'] as const;

export default class CronMissed extends DsCommand {
  static override summary = 'list slots that did not run, and why';
  static override description =
    `Missed: no scheduler ran when it was due, or its start deadline passed. Overlapped: another run of the job went on. Fenced: the worker
that ran it was lost, and nobody knows how it ended. Skipped: the job was paused. What ran and failed is in ds cron history.

Pipes get number, job, slot, state and reason, between tabs. --json: {runs: [...]}, as ds cron history has them.

Exit codes: 0 every slot ran; 1 some did not, or there is no such job; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Of the last 30 days',
      command: `<%= config.bin %> cron add backup --schedule '30 2 * * *' -- echo backed up
<%= config.bin %> <%= command.id %> --quiet`,
    },
    {
      description: 'Of one job, since yesterday',
      command: '<%= config.bin %> <%= command.id %> backup --since 24h --quiet',
    },
    {
      description: 'A check for a monitor',
      command: "<%= config.bin %> <%= command.id %> --since 1h --quiet && echo 'every slot ran'",
    },
  ];
  static override args = { name: Args.string({ description: 'the job (default: all)' }) };
  static override flags = {
    ...targetFlags('cron'),
    since: sinceFlag({ description: 'only slots from then on; 7d is a week ago (default: 30d)' }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(CronMissed);
    const now = this.context.clock.now();
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    const { runJson } = await loadReport();
    const { since = now - DEFAULT_SINCE_MS } = flags;
    const filter = { states: NOT_RUN, since, limit: MOST, ...(args.name === undefined ? {} : { job: args.name }) };
    const runs = await withBook(target, this.context, (book) => book.runs(filter));
    this.out.document({ runs: runs.map(runJson) }, () => {
      if (runs.length === 0) return this.out.note('every slot ran', 'green');
      this.out.table(columns(now), runs);
      if (runs.length === MOST) this.out.note(`only the newest ${MOST.toLocaleString('en-US')}`);
    });
    return runs.length === 0 ? 0 : 1;
  }
}

function columns(now: number): Column<Run>[] {
  return [
    { header: 'run', value: ({ id }) => id },
    { header: 'job', value: ({ job }) => job, keep: true },
    { header: 'slot', value: ({ slot }) => isoTime(slot), display: ({ slot }) => relativeTime(slot, now) },
    {
      header: 'state',
      value: ({ state }) => state,
      color: ({ state }) => (state === 'skipped' ? 'dim' : 'yellow'),
      keep: true,
    },
    { header: 'reason', value: ({ reason }) => reason },
  ];
}
