import { cronUrl, loadReport, type Run, withBook } from '../../src/blocks/cron/index.js';
import {
  Args,
  type Column,
  DsCommand,
  durationFlag,
  resolveTarget,
  targetFlags,
} from '../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

const DEFAULT_SINCE_MS = 30 * 86_400_000;
/** Runs that are read at a time, and in all. */
const PAGE = 1_000;
const MOST = 100_000;

export default class CronMissed extends DsCommand {
  static override summary = 'list slots that did not run, and why';
  static override description =
    `Missed: no scheduler ran when it was due, or its start deadline passed. Overlapped: another run of the job went on. Fenced: the worker
that ran it was lost, and nobody knows how it ended. Skipped: the job was paused.

Pipes get number, job, slot, state and reason, between tabs. --json: {runs: [...]}, as ds cron history has them.

Exit codes: 0 every slot ran; 1 some did not, or there is no such job; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Of the last 30 days',
      command: `<%= config.bin %> cron add backup --schedule '30 2 * * *' -- echo backed up
<%= config.bin %> <%= command.id %>`,
    },
    { description: 'Of one job, since yesterday', command: '<%= config.bin %> <%= command.id %> backup --since 24h' },
    {
      description: 'A check for a monitor',
      command: "<%= config.bin %> <%= command.id %> --since 1h --quiet && echo 'every slot ran'",
    },
  ];
  static override args = { name: Args.string({ description: 'the job (default: all)' }) };
  static override flags = {
    ...targetFlags('cron'),
    since: durationFlag({ default: DEFAULT_SINCE_MS, min: 1_000, description: 'slots of so long ago, until now' }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(CronMissed);
    const now = this.context.clock.now();
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    const { runJson } = await loadReport();
    const runs = await this.read(target, args.name, now - flags.since);
    this.out.document({ runs: runs.map(runJson) }, () => {
      if (runs.length === 0) return this.out.note('every slot ran', 'green');
      this.out.table(columns(now), runs);
      if (runs.length === MOST) this.out.note(`only the newest ${MOST.toLocaleString('en-US')}`);
    });
    return runs.length === 0 ? 0 : 1;
  }

  private async read(target: Parameters<typeof withBook>[0], job: string | undefined, since: number): Promise<Run[]> {
    return withBook(target, this.context, async (book) => {
      if (job !== undefined) await book.get(job);
      const found: Run[] = [];
      while (found.length < MOST) {
        const before = found.at(-1)?.id;
        const page = await book.runs({
          ...{ states: ['missed', 'overlapped', 'fenced', 'skipped'], since, limit: PAGE },
          ...(job === undefined ? {} : { job }),
          ...(before === undefined ? {} : { before }),
        });
        found.push(...page);
        if (page.length < PAGE) break;
      }
      return found;
    });
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
