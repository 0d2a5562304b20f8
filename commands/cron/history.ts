import {
  type CronBook,
  cronUrl,
  loadReport,
  type Run,
  type RunFilter,
  type RunState,
  runStates,
  withBook,
} from '../../src/blocks/cron/index.js';
import {
  Args,
  type Column,
  countFlag,
  DsCommand,
  Flags,
  resolveTarget,
  sinceFlag,
  targetFlags,
  timeFlag,
} from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { invalidValue } from '../../src/platform/cli/flags.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';
import { formatDuration } from '../../src/platform/units.js';

const DEFAULT_LIMIT = 50;
/** Between two looks with --follow, milliseconds. */
const LOOK_MS = 500;

export default class CronHistory extends DsCommand {
  static override summary = 'list what became of slots and runs, the newest first';
  static override description =
    `Every slot of every job is here, whether it ran or not: queued, running, succeeded, failed, cancelled, fenced (its worker was lost),
skipped (paused), missed (no scheduler ran, or too late), overlapped (another run went on); with the reason. With --attempts it is one
run, by its number or the newest of a job that has begun, and each of its starts: the first and its retries.

Pipes get number, job, slot, state, trigger, attempts, milliseconds, exit code or signal, and the reason, between tabs. --json:
{runs: [{id, job, trigger, slot, due_at, state, reason, attempt, fence, worker, started_at, finished_at, duration_ms, exit_code, signal,
output_bytes}]}; with --follow a run a line. With --attempts pipes get attempt, start, outcome, milliseconds, exit code or signal, fence,
worker and the reason; --json: the run, and attempts: [{attempt, fence, worker, started_at, finished_at, duration_ms, outcome, reason,
exit_code, signal}].

Exit codes: 0 done; 1 there is no such job or run; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Of a job',
      command: `<%= config.bin %> cron add backup -- echo backed up
<%= config.bin %> cron run backup --wait
<%= config.bin %> <%= command.id %> backup`,
    },
    {
      description: 'What ran within a day, of all jobs',
      command: '<%= config.bin %> <%= command.id %> --state succeeded,failed --since 24h',
    },
    {
      description: 'Each start of the newest run, its retries included',
      command: '<%= config.bin %> <%= command.id %> backup --attempts',
    },
    {
      description: 'How long it takes, in milliseconds',
      command: '<%= config.bin %> <%= command.id %> backup --state succeeded | cut -f 7 | sort -n',
    },
  ];
  static override args = {
    name: Args.string({ description: 'the job (default: all); with --attempts the number of a run, or the job' }),
  };
  static override flags = {
    ...targetFlags('cron'),
    state: Flags.string({ helpValue: 'STATE,…', description: `only these: ${runStates.join(', ')}` }),
    since: sinceFlag({ description: 'only slots from then on; 24h is a day ago, a time without a zone is in UTC' }),
    until: timeFlag({ description: 'only slots before then; -1h is an hour ago' }),
    limit: countFlag({ default: DEFAULT_LIMIT, max: 100_000, description: 'at most so many' }),
    follow: Flags.boolean({ char: 'f', description: 'then each run as it ends, until interrupted' }),
    attempts: Flags.boolean({
      exclusive: ['state', 'since', 'until', 'follow'],
      description: 'of one run: each of its starts',
    }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(CronHistory);
    const { since, until } = flags;
    const states = flags.state?.split(',').map(readState);
    const filter: RunFilter = {
      limit: flags.limit,
      ...(args.name === undefined ? {} : { job: args.name }),
      ...(states === undefined ? {} : { states }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    };
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    const report = await loadReport();
    await withBook(target, this.context, async (book) => {
      if (flags.attempts) return this.showAttempts(report, book, args.name);
      if (!flags.follow) return this.show(report, await book.runs(filter));
      const follower = await report.RunFollower.start(book, args.name);
      const runs = await book.runs(filter);
      for (const run of runs.toReversed()) this.showOne(report, run);
      const shown = new Set(runs.filter(report.isFinal).map(({ id }) => id));
      for (;;) {
        await this.context.clock.sleep(LOOK_MS, this.context.signal);
        for (const run of await follower.look()) {
          if (!shown.has(run.id) && isWanted(run, filter)) this.showOne(report, run);
        }
      }
    });
  }

  private async showAttempts(report: Report, book: CronBook, what: string | undefined): Promise<void> {
    const { attemptJson, attemptRow, findRun, runJson, sayRun } = report;
    if (what === undefined) {
      throw cliErrors.error('usage.missing', 'missing the run whose attempts are asked for', {
        hint: 'ds cron history backup --attempts, or the number of a run in place of backup',
      });
    }
    const run = await findRun(book, what);
    const attempts = await book.attempts(run.id);
    const now = this.context.clock.now();
    this.out.document({ ...runJson(run), attempts: attempts.map(attemptJson) }, () => {
      if (this.out.isTerminal) this.out.line(sayRun(run));
      if (attempts.length === 0) return this.out.note('it has not started');
      this.out.table(
        attemptColumns(now),
        attempts.map((attempt) => attemptRow(attempt, now)),
      );
    });
  }

  private showOne({ runJson, runRow, sayRun }: Report, run: Run): void {
    const now = this.context.clock.now();
    if (this.out.json || this.out.isTerminal) this.out.item(runJson(run), sayRun(run));
    else this.out.table(columns(now), [runRow(run, now)]);
  }

  private show({ runJson, runRow }: Report, runs: readonly Run[]): void {
    const now = this.context.clock.now();
    this.out.document({ runs: runs.map(runJson) }, () => {
      if (runs.length === 0) return this.out.note('no runs');
      this.out.table(
        columns(now),
        runs.map((run) => runRow(run, now)),
      );
    });
  }
}

type Report = Awaited<ReturnType<typeof loadReport>>;

function isWanted({ state, slot }: Run, { states, since, until }: RunFilter): boolean {
  if (states !== undefined && !states.includes(state)) return false;
  return (since === undefined || slot >= since) && (until === undefined || slot < until);
}

function readState(word: string): RunState {
  const state = runStates.find((known) => known === word);
  if (state === undefined) throw invalidValue('--state', word, `one of ${runStates.join(', ')}`);
  return state;
}

type Row = ReturnType<Report['runRow']>;

function columns(now: number): Column<Row>[] {
  return [
    { header: 'run', value: ({ run }) => run.id },
    { header: 'job', value: ({ run }) => run.job, keep: true },
    { header: 'slot', value: ({ run }) => isoTime(run.slot), display: ({ run }) => relativeTime(run.slot, now) },
    { header: 'state', value: ({ run }) => run.state, color: ({ tone }) => tone, keep: true },
    { header: 'trigger', value: ({ run }) => run.trigger, color: () => 'dim' },
    { header: 'attempts', value: ({ run }) => run.attempt },
    {
      header: 'took',
      value: ({ durationMs }) => durationMs,
      display: ({ durationMs }) => (durationMs === undefined ? '' : formatDuration(durationMs)),
    },
    { header: 'exit', value: ({ run }) => run.signal ?? run.exitCode },
    { header: 'reason', value: ({ run }) => run.reason, color: () => 'dim' },
  ];
}

type AttemptRow = ReturnType<Report['attemptRow']>;

function attemptColumns(now: number): Column<AttemptRow>[] {
  return [
    { header: 'attempt', value: ({ attempt }) => attempt.attempt, keep: true },
    {
      header: 'started',
      value: ({ attempt }) => isoTime(attempt.startedAt),
      display: ({ attempt }) => relativeTime(attempt.startedAt, now),
    },
    { header: 'outcome', value: ({ state }) => state, color: ({ tone }) => tone, keep: true },
    { header: 'took', value: ({ durationMs }) => durationMs, display: ({ durationMs }) => formatDuration(durationMs) },
    { header: 'exit', value: ({ attempt }) => attempt.signal ?? attempt.exitCode },
    { header: 'fence', value: ({ attempt }) => attempt.fence, color: () => 'dim' },
    { header: 'worker', value: ({ attempt }) => attempt.worker, color: () => 'dim' },
    { header: 'reason', value: ({ attempt }) => attempt.reason, color: () => 'dim' },
  ];
}
