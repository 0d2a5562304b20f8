import {
  cronUrl,
  type Job,
  loadReport,
  loadSchedule,
  loadSpec,
  type Run,
  withBook,
} from '../../src/blocks/cron/index.js';
import { Args, DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { listDaemons } from '../../src/platform/daemon/registry.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

const NEXT_RUNS = 5;
const LAST_RUNS = 5;

export default class CronShow extends DsCommand {
  static override summary = 'show a job: what it is, when it runs next, how it ran last';
  static override description =
    `A terminal and pipes get the job as YAML has it, its next slots and its last runs, a line each: name and value between tabs. --json:
{name, spec: {…}, paused, pause_reason, paused_until, created_at, updated_at, next_at, accounted_until, running, queued, last: {…}, when,
clock_changes, ping_url, next: [TIME], runs: [{…}]}; spec is what ds cron apply reads, when says the schedule in words, ping_url is what
a job that runs elsewhere tells of its runs by (ds cron add).

Exit codes: 0 done; 1 there is no such job; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Everything of it',
      command: `<%= config.bin %> cron add backup --schedule '30 2 * * *' -- echo backed up
<%= config.bin %> <%= command.id %> backup`,
    },
    {
      description: 'When does it run next?',
      command: '<%= config.bin %> <%= command.id %> backup | awk \'$1 == "next" {print $2}\'',
    },
    { description: 'As ds cron apply reads it', command: '<%= config.bin %> <%= command.id %> backup --json' },
  ];
  static override args = { name: Args.string({ required: true, description: 'the job' }) };
  static override flags = { ...targetFlags('cron') };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(CronShow);
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    const [{ jobJson, pingUrl, runJson, sayPause, sayRun }, { nextSlots }, { writeJobSpec }] = await Promise.all([
      loadReport(),
      loadSchedule(),
      loadSpec(),
    ]);
    const { job, runs } = await withBook(target, this.context, async (book) => ({
      job: await book.get(args.name),
      runs: await book.runs({ job: args.name, limit: LAST_RUNS }),
    }));
    const ping = await pingUrl(job.spec, { target, daemons: () => listDaemons(this.context.home), usual: cronUrl });
    const said = { ...(await sayTimes(job)), ...(ping === undefined ? {} : { ping_url: ping }) };
    const next = nextSlots(job, NEXT_RUNS);
    const document = { ...jobJson(job), ...said, next: next.map(isoTime), runs: runs.map(runJson) };
    this.out.document(document, () => {
      const now = this.context.clock.now();
      const time = (instant: number) => (this.out.isTerminal ? relativeTime(instant, now) : isoTime(instant));
      this.out.table(
        [
          { header: 'what', value: ([what]) => what, keep: true },
          { header: 'is', value: ([, is]) => is, keep: true },
        ],
        [
          ...Object.entries(writeJobSpec(job.spec)).map(([key, value]) => [key, textOf(value)] as const),
          ...Object.entries(said).map(([key, value]) => [key, value] as const),
          ...(job.paused ? [['paused', sayPause(job, time)] as const] : []),
          ...next.map((instant) => ['next', time(instant)] as const),
          ...runs.map((run: Run) => ['run', `${time(run.slot)}: ${sayRun(run)}`] as const),
        ],
      );
    });
  }
}

/** What the schedule says, in English. */
async function sayTimes({ spec }: Job): Promise<{ readonly when?: string; readonly clock_changes?: string }> {
  if (spec.schedule.expression === undefined) return {};
  const { describeSchedule } = await loadSchedule();
  const { when, clockChanges } = describeSchedule(spec.schedule, spec.name);
  return { when, ...(clockChanges === undefined ? {} : { clock_changes: clockChanges }) };
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
