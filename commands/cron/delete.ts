import { cronUrl, withBook } from '../../src/blocks/cron/index.js';
import {
  Args,
  DsCommand,
  Flags,
  quoteForShell,
  resolveTarget,
  sameTarget,
  targetFlags,
} from '../../src/platform/cli/command.js';
import { confirm } from '../../src/platform/cli/confirm.js';
import { cliErrors } from '../../src/platform/cli/errors.js';

export default class CronDelete extends DsCommand {
  static override strict = false;
  static override summary = 'delete jobs, with their history';
  static override description =
    `Runs that go on are ended. More than one job is asked about on a terminal, and needs --yes in a script.

Pipes get each name and "deleted", between tabs. --json: {deleted: [NAME]}.

Exit codes: 0 deleted; 1 there is no such job, and nothing was deleted; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'One',
      command: `<%= config.bin %> cron add old -- true
<%= config.bin %> <%= command.id %> old`,
    },
    {
      description: 'Several, in a script',
      command: `<%= config.bin %> cron add old-a -- true
<%= config.bin %> cron add old-b -- true
<%= config.bin %> <%= command.id %> old-a old-b --yes`,
    },
    {
      description: 'All',
      command: `<%= config.bin %> cron add old-c -- true
<%= config.bin %> cron list | cut -f 1 | xargs -r <%= config.bin %> <%= command.id %> --yes`,
    },
  ];
  static override args = { name: Args.string({ required: true, description: 'the job; several may follow' }) };
  static override flags = {
    ...targetFlags('cron'),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  protected async execute(): Promise<void> {
    const { argv, flags } = await this.parse(CronDelete);
    const names = [...new Set(argv.map(String))];
    if (names.length > 1 && !flags.yes) {
      const command = `ds cron delete ${names.map(quoteForShell).join(' ')} --yes${sameTarget(flags)}`;
      if (!(await confirm(`delete ${names.length} jobs and their history?`, command))) {
        throw cliErrors.error('cli.interrupted', 'nothing was deleted');
      }
    }
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    await withBook(target, this.context, async (book) => {
      for (const name of names) await book.get(name);
      await book.apply({ put: [], remove: names });
    });
    this.out.document({ deleted: names }, () => {
      if (this.out.isTerminal) this.out.line(`${names.join(', ')} deleted`);
      else for (const name of names) this.out.line(`${name}\tdeleted`);
    });
  }
}
