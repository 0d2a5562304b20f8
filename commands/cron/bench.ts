import {
  type BenchPlan,
  type BenchProgress,
  type BenchResult,
  cronUrl,
  databaseHint,
  databaseUrl,
  HIGHEST_BENCH_RATE,
  loadBench,
  MOST_BENCH_JOBS,
} from '../../src/blocks/cron/index.js';
import { type Column, countFlag, durationFlag, Flags, rateFlag } from '../../src/platform/cli/command.js';
import { EXIT_INTERRUPTED } from '../../src/platform/cli/exit-codes.js';
import { LoadCommand } from '../../src/platform/cli/load-command.js';
import { formatLatency } from '../../src/platform/cli/load-report.js';
import { speaksUnicode } from '../../src/platform/cli/plot.js';
import { sparkline } from '../../src/platform/cli/plot-bars.js';
import { statusLine } from '../../src/platform/cli/status-line.js';
import { resolveTarget } from '../../src/platform/cli/targets.js';
import { formatSize } from '../../src/platform/units.js';

const GROUP = 'LOAD';
const SPARK_WIDTH = 60;

export default class CronBench extends LoadCommand {
  static override summary = 'measure how late a scheduler starts what is due, and how many runs it carries out';
  static override description =
    `Starts a daemon of its own on a file of its own in $DS_HOME, on the disk of your jobs, or with --url on a schema of its own in that
PostgreSQL; your jobs are not touched, and all of it is removed afterwards. At each second --rate of its --jobs are due, spread over the
second by a jitter. A run is the command "true", or with --http a request to a server of its own on this machine.

Lateness is from the moment a run is due to its start. Each run that was due counts, also those that have not started: as late as they are
at the end. These are told by what they wait for: queued for a free place (more --workers, or the machine is too slow), unsettled where
nobody had decided yet what becomes of them. Run time is from start to end, memory that of the daemon's process: on Linux the most it had.

Pipes get a name and a value on each line, between tabs; lateness and run_time have two names. --json: {place, action, jobs, workers,
rate_per_s, duration_ms, warmup_ms, interrupted, measured_ms, due, started, not_started, failed, started_per_s, ended_per_s, memory_bytes,
not_started_by: {queued, unsettled …}, lateness: {p50_ms, p90_ms, p99_ms, max_ms}, run_time: {the same}, over_time: [{due, started,
latest_ms}, one a second]}.

Ctrl-C ends it early, with the result.

Exit codes: 0 measured; 1 nothing was started, or every run failed; 2 bad input; 3 the PostgreSQL or the daemon could not be reached; 4 the
store failed; 130 interrupted, after the result.`;
  static override examples = [
    { description: 'This machine and its disk', command: '<%= config.bin %> <%= command.id %> -d 5s' },
    {
      description: 'Requests in place of commands, 64 at a time',
      command: '<%= config.bin %> <%= command.id %> --http --rate 400/s --workers 64 -d 5s',
    },
    {
      description: 'Few jobs, often due; only the percentiles',
      command: "<%= config.bin %> <%= command.id %> --jobs 100 --rate 20/s -d 3s | grep '^lateness'",
    },
    {
      description: 'A PostgreSQL that several machines share',
      command: '<%= config.bin %> <%= command.id %> --url postgres://ds@127.0.0.1/ds --http -d 5s',
    },
  ];
  static override flags = {
    url: Flags.string({
      helpValue: 'URL',
      helpGroup: 'TARGET',
      description: 'PostgreSQL to measure on, in a schema of its own (default: $DS_CRON_URL, else a file of its own)',
    }),
    duration: durationFlag({
      char: 'd',
      default: 10_000,
      min: 1_000,
      max: 600_000,
      description: 'how long to measure, in whole seconds',
      helpGroup: GROUP,
    }),
    warmup: durationFlag({
      default: 3_000,
      max: 600_000,
      description: 'the same load before it, not counted',
      helpGroup: GROUP,
    }),
    rate: rateFlag({
      char: 'r',
      default: { count: 100, perMs: 1_000 },
      description: `runs that are due at each second, 1 to ${HIGHEST_BENCH_RATE}`,
      helpGroup: GROUP,
    }),
    jobs: countFlag({
      max: MOST_BENCH_JOBS,
      description: `jobs that have their turn (default: 60 times the rate, at most ${MOST_BENCH_JOBS}: each once a minute)`,
      helpGroup: GROUP,
    }),
    workers: countFlag({ default: 16, max: 1_000, description: 'runs at a time', helpGroup: GROUP }),
    http: Flags.boolean({ description: 'runs are HTTP requests, not commands', helpGroup: GROUP }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask before loading another machine', helpGroup: GROUP }),
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(CronBench);
    const tools = await loadBench();
    const plan = tools.planBench({ ...flags, url: this.databaseOf(flags.url) });
    if (plan.url !== undefined) await this.confirmHost(new URL(plan.url).hostname, shown(plan.url), flags.yes);
    const { env, program, home, clock, random, signal } = this.context;
    const live = statusLine(!this.out.quiet && !this.out.json);
    const unicode = speaksUnicode(env);
    const onProgress = (progress: BenchProgress) => live.show(progressText(plan, progress, unicode));
    const result = await tools
      .runBench({ ...plan, env, program, home, clock, random, signal, onProgress })
      .finally(() => live.clear());
    this.out.document(tools.benchJson(plan, result), () => {
      if (this.out.isTerminal) this.showOnTerminal(plan, result, unicode);
      else this.showInPipe(tools.benchJson(plan, result));
    });
    if (result.interrupted) return EXIT_INTERRUPTED;
    return result.started > 0 && result.failed < result.started ? 0 : 1;
  }

  private databaseOf(given: string | undefined): string | undefined {
    const target = resolveTarget({ url: given }, 'cron', this.context, cronUrl);
    return target.kind === 'file' ? undefined : databaseUrl(target, databaseHint('bench', given));
  }

  private showInPipe(document: ReturnType<Awaited<ReturnType<typeof loadBench>>['benchJson']>): void {
    const { lateness, run_time, not_started_by, over_time: _overTime, ...facts } = document;
    for (const [name, value] of Object.entries(facts)) this.out.line(`${name}\t${value}`);
    for (const [group, record] of Object.entries({ not_started_by, lateness, run_time })) {
      for (const [name, value] of Object.entries(record)) this.out.line(`${group}\t${name}\t${value}`);
    }
  }

  private showOnTerminal(plan: BenchPlan, result: BenchResult, unicode: boolean): void {
    const { out } = this;
    const { due, started, failed, unstarted, startedPerSecond, endedPerSecond, memoryBytes, seconds } = result;
    const facts = [
      `${grouped(started)} of ${grouped(due)} due have started`,
      `${grouped(endedPerSecond, 1)}/s ended`,
      ...(memoryBytes === undefined ? [] : [`${formatSize(memoryBytes)} of memory`]),
    ];
    const isGood = started === due && failed === 0;
    out.styled([isGood ? 'green' : 'yellow', `${grouped(startedPerSecond, 1)}/s started`], `  ${facts.join(', ')}`);
    const what = plan.action === 'http' ? 'HTTP requests' : 'commands';
    out.styled([
      'dim',
      `${result.place}  ${grouped(plan.jobs)} jobs, ${plan.perSecond}/s due, for ${seconds.length} s, ${what}, ${plan.workers} at a time`,
    ]);
    for (const [why, count] of Object.entries(unstarted))
      out.styled(['yellow', `${grouped(count)} not started: ${why}`]);
    if (failed > 0) out.styled(['red', `${grouped(failed)} failed`]);
    out.line('');
    out.table(columns(unicode), [
      { name: 'late', ...result.lateness },
      { name: 'run time', ...result.duration },
    ]);
    if (seconds.length < 3) return;
    out.line('');
    out.line('the latest start of each second', 'bold');
    const latest = seconds.map(({ latestMs }) => latestMs);
    out.drawing(`${sparkline(latest, Math.min(SPARK_WIDTH, out.width), unicode)}\n`);
  }
}

interface Row {
  readonly name: string;
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

function columns(unicode: boolean): Column<Row>[] {
  const point = (header: string, of: (row: Row) => number): Column<Row> => ({
    header,
    value: (row) => formatLatency(of(row), unicode),
    align: 'right',
  });
  return [
    { header: '', value: ({ name }) => name, keep: true },
    point('median', ({ p50Us }) => p50Us),
    point('p90', ({ p90Us }) => p90Us),
    point('p99', ({ p99Us }) => p99Us),
    point('max', ({ maxUs }) => maxUs),
  ];
}

/** `4/10s  100 due, 100 started  p50 3 ms  p99 11 ms  max 14 ms` */
function progressText(plan: BenchPlan, progress: BenchProgress, unicode: boolean): string {
  if (progress.phase === 'jobs') return `making ${grouped(plan.jobs)} jobs: ${grouped(progress.done)}`;
  if (progress.phase === 'warm-up') return 'warming up';
  const { due, started, lateness } = progress.counts;
  const show = (us: number) => formatLatency(us, unicode);
  const { p50Us, p99Us, maxUs } = lateness;
  return [
    `${progress.second}/${plan.seconds}s`,
    `${grouped(due)} due, ${grouped(started)} started`,
    `p50 ${show(p50Us)}  p99 ${show(p99Us)}  max ${show(maxUs)}`,
  ].join('  ');
}

function shown(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

function grouped(value: number, digits = 0): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}
