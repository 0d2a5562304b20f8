import { cronUrl, loadReport, type Status, withBook } from '../../src/blocks/cron/index.js';
import { DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

export default class CronStatus extends DsCommand {
  static override summary = 'show who schedules, who runs, and what is due';
  static override description =
    `Pipes get name and value between tabs: leader, its lease's end, next slot, jobs, paused, queued, running; then a line for each worker
with its name, places and last sign of life. --json: {jobs, paused, queued, running, day: {state: number}, leader: {worker, fence, until},
workers: [{name, capacity, seen_at}], next_at}.

What failed or was missed is no concern of it: for that, ds cron missed and ds cron history --state failed.

Exit codes: 0 somebody schedules, or nothing is due; 1 a slot is due and nobody schedules; 2 bad input; 3 the server could not be reached;
4 the store failed.`;
  static override examples = [
    {
      description: 'Of the file',
      command: `<%= config.bin %> cron add backup --schedule '30 2 * * *' -- echo backed up
<%= config.bin %> <%= command.id %>`,
    },
    {
      description: 'When is the next slot?',
      command: '<%= config.bin %> <%= command.id %> | awk \'$1 == "next" {print $2}\'',
    },
    {
      description: 'A check for a monitor',
      command: "<%= config.bin %> <%= command.id %> --quiet > /dev/null && echo 'nothing is late'",
    },
  ];
  static override flags = { ...targetFlags('cron') };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(CronStatus);
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    const { isLate, statusJson } = await loadReport();
    const status = await withBook(target, this.context, (book) => book.status());
    const now = this.context.clock.now();
    const late = isLate(status, now);
    this.out.document(statusJson(status), () => {
      const time = (instant: number) => (this.out.isTerminal ? relativeTime(instant, now) : isoTime(instant));
      this.out.table(
        [
          { header: 'what', value: ([what]) => what },
          { header: 'is', value: ([, is]) => is },
        ],
        rowsOf(status, time),
      );
      if (late) this.out.warn('a slot is due, and nobody schedules: ds cron serve');
    });
    return late ? 1 : 0;
  }
}

function rowsOf(status: Status, time: (instant: number) => string): (readonly [string, string | number])[] {
  const { leader, nextAt, jobs, paused, queued, running, workers } = status;
  return [
    ['leader', leader === undefined ? 'none' : leader.worker],
    ...(leader === undefined ? [] : [['lease', time(leader.until)] as const]),
    ['next', nextAt === undefined ? 'none' : time(nextAt)],
    ...Object.entries({ jobs, paused, queued, running }),
    ...workers.map(
      ({ name, capacity, seenAt }) => ['worker', `${name}, ${capacity} at a time, seen ${time(seenAt)}`] as const,
    ),
  ];
}
