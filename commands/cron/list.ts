import { cronUrl, type Job, loadReport, withBook } from '../../src/blocks/cron/index.js';
import { type Column, DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

export default class CronList extends DsCommand {
  static override summary = 'list jobs: when they run next, and how they ran last';
  static override description = `A job that is paused has no next run; a terminal says when it goes on by itself.

Pipes get name, schedule, time zone, active or paused, next run, state of the last run, when it ended, running, queued, and what is run,
between tabs; times are ISO 8601. --json: {jobs: [...]}, each as ds cron show has it: of a paused one no next_at, and paused_until where
it goes on by itself.

Exit codes: 0 done; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'All of them',
      command: `<%= config.bin %> cron add backup --schedule '30 2 * * *' -- echo backed up
<%= config.bin %> <%= command.id %>`,
    },
    {
      description: 'What failed last',
      command: "<%= config.bin %> <%= command.id %> | awk -F '\\t' '$6 == \"failed\"'",
    },
    { description: 'Only the names', command: '<%= config.bin %> <%= command.id %> | cut -f 1' },
  ];
  static override flags = { ...targetFlags('cron') };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(CronList);
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    const report = await loadReport();
    const jobs = await withBook(target, this.context, (book) => book.list());
    this.out.document({ jobs: jobs.map(report.jobJson) }, () => {
      if (jobs.length === 0) return this.out.note('there are no jobs; try: ds cron add --help');
      this.out.table(columns(report, this.context.clock.now()), jobs);
    });
  }
}

function columns(report: Awaited<ReturnType<typeof loadReport>>, now: number): Column<Job>[] {
  const time = (header: string, read: (job: Job) => number | undefined): Column<Job> => ({
    header,
    value: (job) => (read(job) === undefined ? undefined : isoTime(read(job) ?? 0)),
    display: (job) => (read(job) === undefined ? '' : relativeTime(read(job) ?? 0, now)),
  });
  const toneOf = ({ last }: Job) => (last === undefined ? undefined : report.runRow(last, now).tone);
  return [
    { header: 'name', value: ({ spec }) => spec.name, keep: true },
    {
      header: 'schedule',
      value: ({ spec }) => report.sayWhen(spec),
      color: ({ paused }) => (paused ? 'dim' : undefined),
    },
    { header: 'zone', value: ({ spec }) => spec.schedule.timeZone, color: () => 'dim' },
    {
      header: 'state',
      value: ({ paused }) => (paused ? 'paused' : 'active'),
      display: (job) => sayState(job, now),
      color: ({ paused }) => (paused ? 'yellow' : 'dim'),
    },
    time('next', ({ nextAt }) => nextAt),
    { header: 'last', value: ({ last }) => last?.state, color: toneOf },
    time('ended', ({ last }) => last?.finishedAt),
    { header: 'running', value: ({ running }) => running },
    { header: 'queued', value: ({ queued }) => queued },
    { header: 'runs', value: ({ spec }) => report.sayAction(spec.action), color: () => 'dim' },
  ];
}

/** `paused, goes on in 2h` */
function sayState({ paused, pausedUntil }: Job, now: number): string {
  if (!paused) return 'active';
  return pausedUntil === undefined ? 'paused' : `paused, goes on ${relativeTime(pausedUntil, now)}`;
}
