import {
  cronUrl,
  externalAbout,
  jobOptions,
  loadApply,
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
import { cliErrors } from '../../src/platform/cli/errors.js';

export default class CronEdit extends DsCommand {
  static override summary = 'change a job: only what is given';
  static override description =
    `The flags are those of ds cron add, whose defaults are those of a new job: what is not given stays as it is. History, fences and what
runs stay, too. Slots that have come are not decided anew; with another schedule, those that nobody has decided are missed. Lists, --env
and --header are added to; to take something out, write the job anew with ds cron apply.

Pipes get a line for each change: key, value before, value after, between tabs. --json: the job, as ds cron show has it, and changes, as
ds cron apply has them: [{name, change, keys: [{key, before, after}]}], where change is changed or unchanged.

Exit codes: 0 changed, or so already; 1 there is no such job; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Another time',
      command: `<%= config.bin %> cron add backup --schedule '30 2 * * *' -- echo backed up
<%= config.bin %> <%= command.id %> backup --schedule '30 3 * * *'`,
    },
    {
      description: 'Another command, with a deadline',
      command: '<%= config.bin %> <%= command.id %> backup --timeout 1h -- echo done',
    },
    {
      description: 'Tell somebody when it fails',
      command: '<%= config.bin %> <%= command.id %> backup --notify-on failure --webhook https://alerts.example/cron',
    },
  ];
  static override args = { name: Args.string({ required: true, description: 'the job' }) };
  static override flags = {
    ...targetFlags('cron'),
    ...textFlags(jobOptions),
    external: Flags.boolean({ description: externalAbout }),
  };

  protected async execute(): Promise<void> {
    const { own, behind: words } = splitAtDashes(this.argv);
    const { args, flags } = await this.parse(CronEdit, own);
    const isJobFlag = (name: string) => name === 'external' || name in jobOptions;
    if (words.length === 0 && !Object.keys(flags).some(isJobFlag)) {
      throw cliErrors.error('usage.missing', 'nothing to change is given', { hint: 'ds cron edit --help' });
    }
    const [{ jobJson }, { changeJson, planApply }, { readJobSpec, writeJobSpec }] = await Promise.all([
      loadReport(),
      loadApply(),
      loadSpec(),
    ]);
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    await withBook(target, this.context, async (book) => {
      const before = (await book.get(args.name)).spec;
      const spec = readJobSpec(rawJobOf(flags, writeJobSpec(before), words), '', {
        timeZone: before.schedule.timeZone,
        pingKey: () => newPingKey(this.context.random),
      });
      const { changes } = planApply([before], [spec], { prune: false });
      const keys = changes.flatMap((change) => (change.kind === 'changed' ? change.changes : []));
      const job = await book.put(spec);
      const warning = programNameWarning(words);
      if (warning !== undefined) this.out.warn(warning);
      this.out.document({ ...jobJson(job), changes: changes.map(changeJson) }, () => {
        if (keys.length === 0) return this.out.note(`${args.name} is so already`);
        this.out.table(
          [
            { header: 'key', value: ({ key }) => key, keep: true },
            { header: 'before', value: ({ before: was }) => textOf(was), color: () => 'red' },
            { header: 'after', value: ({ after }) => textOf(after), color: () => 'green' },
          ],
          keys,
        );
      });
    });
  }
}

const textOf = (value: unknown) =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
