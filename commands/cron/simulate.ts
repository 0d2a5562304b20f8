import { userInfo } from 'node:os';
import {
  type ClockSurprise,
  type Collision,
  type CrontabFlags,
  crontabOf,
  cronUrl,
  type JobLoad,
  type JobSpec,
  loadApply,
  loadSchedule,
  loadSimulate,
  MOST_JOBS_BYTES,
  newPingKey,
  type Simulation,
  withBook,
} from '../../src/blocks/cron/index.js';
import {
  Args,
  type Column,
  DsCommand,
  Flags,
  invalidTime,
  invalidValue,
  resolveTarget,
  targetFlags,
} from '../../src/platform/cli/command.js';
import { inputName, readInput } from '../../src/platform/cli/input.js';
import { renderBars, sparkline } from '../../src/platform/cli/plot-bars.js';
import { isoTime } from '../../src/platform/relative-time.js';

const DAY_MS = 86_400_000;
const LONGEST_MS = 20 * 366 * DAY_MS;

export default class CronSimulate extends DsCommand {
  static override summary = 'what jobs would do over a year: load by hour, collisions, changes of the clocks';
  static override description =
    `Nothing runs. FILE is a crontab or YAML, as ds cron apply takes it; without one it is the jobs that there are. Told are how often each job
is due, at which hours of the day and minutes of the hour, at which instants the most jobs are due at once, and which fixed times changes
of the clocks move, leave out or bring twice. It ends after two million slots, and says so.

Pipes get job, kind of schedule, slots, the first and the last one, between tabs. --json: {from, to, slots, cut_at, hours: [24 counts],
minutes: [60 counts], jobs: [{name, kind, slots, first, last}], collisions, worst: [{at, count, jobs}], clock_changes: [{job, effect, local, at}]}.

Exit codes: 0 done; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'A crontab over a year in New York',
      command: `printf '30 2 * * * echo a\\n*/15 * * * * echo b\\n' > my.crontab
<%= config.bin %> <%= command.id %> my.crontab --tz America/New_York`,
    },
    {
      description: 'A week of it',
      command: '<%= config.bin %> <%= command.id %> my.crontab --from 2027-03-08 --to 2027-03-15 --tz America/New_York',
    },
    {
      description: 'Only what changes of the clocks do',
      command: `<%= config.bin %> <%= command.id %> my.crontab --tz America/New_York --json | grep -o '"effect":"[a-z ]*"' | sort | uniq -c`,
    },
  ];
  static override args = { file: Args.string({ description: 'crontab or YAML; - is stdin' }) };
  static override flags = {
    ...targetFlags('cron'),
    from: Flags.string({
      helpValue: 'TIME',
      description: 'from this time on, in --tz where it has no offset (default: now)',
    }),
    to: Flags.string({ helpValue: 'TIME', description: 'before this time, read as --from (default: 365 days later)' }),
    tz: Flags.string({
      helpValue: 'ZONE',
      description: "zone of the hours, and of jobs that tell none (default: the machine's)",
    }),
    system: Flags.boolean({ description: 'of a crontab: it has a user before each command' }),
    user: Flags.string({
      helpValue: 'NAME',
      description: 'of a crontab with users: whose lines (default: who runs this)',
    }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(CronSimulate);
    const { tz = this.context.timeZone } = flags;
    const now = this.context.clock.now();
    const { readInstant } = await loadSchedule();
    const readTime = (flag: string, text: string): number => {
      const instant = readInstant(text, tz, now);
      if (instant === undefined) throw invalidTime(flag, text);
      return instant;
    };
    const from = flags.from === undefined ? now : readTime('--from', flags.from);
    const to = flags.to === undefined ? from + 365 * DAY_MS : readTime('--to', flags.to);
    if (to <= from || to - from > LONGEST_MS) {
      throw invalidValue('--to', isoTime(to), 'a time after --from, and at most 20 years', 'write --to 2027-12-31');
    }
    const jobs = args.file === undefined ? await this.presentJobs(flags) : await this.jobsOf(args.file, tz, flags);
    const { clockSurprises, MOST_SLOTS, simulate, simulationJson } = await loadSimulate();
    const simulation = simulate(jobs, { from, to, timeZone: tz });
    const surprises = clockSurprises(jobs, from, to);
    if (simulation.cutAt !== undefined) {
      const most = MOST_SLOTS.toLocaleString('en-US');
      this.out.warn(`slots from ${isoTime(simulation.cutAt)} on are not counted: there are more than ${most}`);
    }
    this.out.document(simulationJson(simulation, surprises, { from, to }), () => {
      this.out.table(loadColumns, simulation.jobs);
      if (this.out.isTerminal) this.showMore(simulation, surprises, tz);
    });
  }

  private showMore(
    { slots, hours, minutes, collisions, worst }: Simulation,
    surprises: readonly ClockSurprise[],
    timeZone: string,
  ): void {
    this.out.line('');
    this.out.line(`${slots.toLocaleString('en-US')} slots, by hour of the day in ${timeZone}`);
    const bars = hours.map((value, hour) => ({ label: `${String(hour).padStart(2, '0')}:00`, value }));
    this.out.drawing(renderBars(bars, { width: this.out.width, paint: this.out.paintStdout }));
    this.out.line('');
    this.out.line('by minute of the hour, 0 to 59');
    this.out.drawing(`${sparkline(minutes, minutes.length)}\n`);
    this.out.line('');
    this.out.line(`${collisions.toLocaleString('en-US')} instants at which several jobs are due`);
    if (worst.length > 0) this.out.table(collisionColumns, worst);
    this.out.line('');
    this.out.line(surprises.length === 0 ? 'changes of the clocks do nothing to these jobs' : 'changes of the clocks');
    if (surprises.length > 0) this.out.table(surpriseColumns, surprises);
  }

  private async presentJobs(flags: {
    readonly db?: string | undefined;
    readonly url?: string | undefined;
  }): Promise<readonly JobSpec[]> {
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    return withBook(target, this.context, async (book) => (await book.list()).map(({ spec }) => spec));
  }

  private async jobsOf(file: string, timeZone: string, flags: CrontabFlags): Promise<readonly JobSpec[]> {
    const text = await readInput(file, MOST_JOBS_BYTES);
    const { readDesired } = await loadApply();
    const { jobs, warnings } = readDesired(text, {
      filename: inputName(file),
      ...crontabOf(flags, userInfo()),
      timeZone,
      pingKey: () => newPingKey(this.context.random),
    });
    for (const warning of warnings) this.out.warn(warning);
    return jobs;
  }
}

const maybeTime = (at: number | undefined) => (at === undefined ? undefined : isoTime(at));

const loadColumns: Column<JobLoad>[] = [
  { header: 'job', value: ({ name }) => name, keep: true },
  { header: 'kind', value: ({ kind }) => kind, color: () => 'dim' },
  { header: 'slots', value: ({ slots }) => slots, align: 'right' },
  { header: 'first', value: ({ first }) => maybeTime(first) },
  { header: 'last', value: ({ last }) => maybeTime(last) },
];

const collisionColumns: Column<Collision>[] = [
  { header: 'at', value: ({ at }) => isoTime(at), keep: true },
  { header: 'jobs', value: ({ count }) => count, align: 'right' },
  { header: 'which', value: ({ jobs, count }) => `${jobs.join(' ')}${count > jobs.length ? ' …' : ''}` },
];

const surpriseColumns: Column<ClockSurprise>[] = [
  { header: 'job', value: ({ job }) => job, keep: true },
  { header: 'local time', value: ({ local }) => local.replace('T', ' ') },
  { header: 'is', value: ({ effect }) => effect },
  { header: 'runs at', value: ({ at }) => maybeTime(at) },
];
