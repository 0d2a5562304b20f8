import {
  cronUrl,
  externalAbout,
  jobOptions,
  loadReport,
  loadSpec,
  newPingKey,
  programNameWarning,
  rawJobOf,
  withBook,
} from '../../src/blocks/cron/index.js';
import {
  Args,
  DsCommand,
  Flags,
  resolveTarget,
  splitAtDashes,
  targetFlags,
  textFlags,
} from '../../src/platform/cli/command.js';
import { listDaemons } from '../../src/platform/daemon/registry.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';

export default class CronAdd extends DsCommand {
  static override summary = 'add a job: a command, a request, or something that runs elsewhere';
  static override description =
    `What stands behind -- is a program and its arguments, word for word; --command is a line for the shell. Jobs run while a ds cron serve runs on the
same file or PostgreSQL. Without --schedule and --after a job runs when it is asked to: ds cron run.

Schedules have 5 fields (minute hour day month weekday), 6 with seconds before them, 7 with a year behind; names, ranges, steps, L, W,
# and ?, H and ~ for a stable spread; @hourly, @daily …; see ds cron explain.

A job that runs elsewhere (--external) tells of each run by a ping of its URL, which is secret: URL/start when it begins, URL when it has
ended well, URL/fail or URL/STATUS; a ds cron serve takes it. The URL that is told is that of --url, of a daemon that runs on the file, or else of port 8095 here.

Pipes get the name, the next run, and the URL for pings where it has one, between tabs. --json: the job, as ds cron show has it, and
ping_url.

Exit codes: 0 added; 2 bad input, or there is a job of this name; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Every night at half past two in Berlin, once again when it fails',
      command: `<%= config.bin %> <%= command.id %> backup --schedule '30 2 * * *' --tz Europe/Berlin --timeout 1h --retries 1 -- echo backed up`,
    },
    {
      description: 'After it, whether it succeeded or not',
      command: `<%= config.bin %> <%= command.id %> report --after backup:any --command 'df -h / | mail -s disk ops'`,
    },
    {
      description: 'A request every 90 seconds; what was slept through is made up for once',
      command: `<%= config.bin %> <%= command.id %> ping --schedule '@every 90s' --http https://shop.example/health --catch-up last`,
    },
    {
      description: 'Something that another machine runs, and tells by a ping',
      command: `<%= config.bin %> <%= command.id %> offsite --schedule '0 4 * * *' --external --late-after 30m`,
    },
  ];
  static override args = {
    name: Args.string({ required: true, description: 'letters, digits and . _ - / @ :' }),
  };
  static override flags = {
    ...targetFlags('cron'),
    ...textFlags(jobOptions),
    external: Flags.boolean({ description: externalAbout }),
    paused: Flags.boolean({ description: 'nothing runs until ds cron resume' }),
  };

  protected async execute(): Promise<void> {
    const { own, behind: words } = splitAtDashes(this.argv);
    const { args, flags } = await this.parse(CronAdd, own);
    const { readJobSpec } = await loadSpec();
    const spec = readJobSpec({ ...rawJobOf(flags, {}, words), name: args.name }, '', {
      timeZone: this.context.timeZone,
      pingKey: () => newPingKey(this.context.random),
    });
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    const { jobJson, pingUrl } = await loadReport();
    const ping = await pingUrl(spec, { target, daemons: () => listDaemons(this.context.home), usual: cronUrl });
    await withBook(target, this.context, async (book) => {
      const added = await book.put(spec, { create: true });
      const job = flags.paused ? await book.pause(spec.name) : added;
      const warning = programNameWarning(words);
      if (warning !== undefined) this.out.warn(warning);
      this.out.document({ ...jobJson(job), ...(ping === undefined ? {} : { ping_url: ping }) }, () => {
        const { nextAt } = job;
        if (!this.out.isTerminal) {
          const fields = [
            spec.name,
            nextAt === undefined ? '' : isoTime(nextAt),
            ...(ping === undefined ? [] : [ping]),
          ];
          return this.out.line(fields.join('\t'));
        }
        const now = this.context.clock.now();
        const next = nextAt === undefined ? 'no next run by a schedule' : `next run ${relativeTime(nextAt, now)}`;
        this.out.line(`${spec.name} added, ${job.paused ? 'paused' : next}`);
        if (ping !== undefined) this.out.note(`it tells of its runs by pings: curl ${ping}`);
      });
    });
  }
}
