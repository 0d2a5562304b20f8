import { type DueTime, loadSchedule, scheduleOptions } from '../../src/blocks/cron/index.js';
import {
  Args,
  type Column,
  countFlag,
  DsCommand,
  Flags,
  invalidTime,
  textFlags,
} from '../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

/** As many as a day has seconds, and some. */
const MOST = 100_000;

export default class CronNext extends DsCommand {
  static override strict = false;
  static override summary = 'print when a schedule is due';
  static override description =
    `Five fields (minute, hour, day of month, month, day of week), six with the second first, seven with the year last; @daily and its like,
@every 90s, at 2027-01-31T08:00, in 10m. Names, ranges that wrap around (FRI-MON), steps, L, LW, 15W, FRI#2, 5L; H and ~ are spread by
the name of the job: tell it by --seed.

A time that clocks skip or repeat goes by --dst: "vixie" runs a skipped one when the gap ends and a repeated one once, as Debian's cron;
"skip" leaves a skipped one out; "both" runs a repeated one twice. A schedule whose second, minute or hour begins with a star follows elapsed
time.

Pipes get the time in UTC and in the zone, between tabs. --json: {expression, time_zone, times: [{at, local}]}.

Exit codes: 0 printed; 2 a schedule that cannot be read, or is due at no time.`;
  static override examples = [
    {
      description: 'Every weekday at half past two',
      command: "<%= config.bin %> <%= command.id %> '30 2 * * MON-FRI'",
    },
    {
      description: 'What the change of the clocks does to it',
      command:
        "<%= config.bin %> <%= command.id %> '30 2 * * *' --tz America/New_York --from 2026-03-07 -n 3 --dst skip",
    },
    { description: 'Last Friday of the month', command: "<%= config.bin %> <%= command.id %> '0 18 * * 5L' -n 12" },
    {
      description: 'Once an hour, when it suits',
      command: "<%= config.bin %> <%= command.id %> 'H * * * *' --seed backup",
    },
  ];
  static override args = {
    expression: Args.string({ required: true, description: 'schedule, as one argument or as several' }),
  };
  static override flags = {
    count: countFlag({ char: 'n', default: 5, max: MOST, description: 'how many' }),
    from: Flags.string({
      helpValue: 'TIME',
      description: 'times after this one, in --tz where it has no offset (default: now)',
    }),
    ...textFlags(scheduleOptions),
  };

  protected async execute(): Promise<void> {
    const { argv, flags } = await this.parse(CronNext);
    const { MACHINE_TIME_ZONE, readInstant, upcoming } = await loadSchedule();
    const now = this.context.clock.now();
    const expression = argv.join(' ');
    const { tz, from: typedFrom = 'now', count, dst = 'vixie', seed = '' } = flags;
    const timeZone = tz ?? MACHINE_TIME_ZONE;
    const from = readInstant(typedFrom, timeZone, now);
    if (from === undefined) throw invalidTime('--from', typedFrom);
    const times = upcoming({ expression, timeZone, clockChanges: dst, seed, from, count });
    if (!this.out.json) return this.out.table(this.out.isTerminal ? shownColumns(now) : columns, times);
    this.out.item({ expression, time_zone: tz ?? this.context.timeZone, times: times.map(timeRecord) }, '');
  }
}

const localTime = ({ local, offset }: DueTime) => `${local}${offset}`;
const timeRecord = (time: DueTime) => ({ at: isoTime(time.at), local: localTime(time) });

const columns: Column<DueTime>[] = [
  { header: 'utc', value: ({ at }) => isoTime(at) },
  { header: 'local', value: localTime },
];

function shownColumns(now: number): Column<DueTime>[] {
  return [
    { header: 'local', value: ({ local, offset }) => `${local.replace('T', ' ')} ${offset}`, keep: true },
    { header: 'when', value: ({ at }) => relativeTime(at, now), align: 'right' },
    { header: 'utc', value: ({ at }) => isoTime(at), color: () => 'dim', optional: true },
  ];
}
