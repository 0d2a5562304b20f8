import { userInfo } from 'node:os';
import {
  crontabOf,
  cronUrl,
  loadApply,
  loadCrontab,
  MOST_CRONTAB_BYTES,
  withBook,
} from '../../src/blocks/cron/index.js';
import {
  Args,
  DsCommand,
  Flags,
  quoteForShell,
  resolveTarget,
  sameTarget,
  targetFlags,
} from '../../src/platform/cli/command.js';
import { inputName, readInput } from '../../src/platform/cli/input.js';

export default class CronImport extends DsCommand {
  static override summary = 'add the jobs of a crontab';
  static override description =
    `As Debian's cron reads it: commands run by /bin/sh or SHELL, in HOME, with cron's PATH and the variables that stand above them, beside
runs of theirs that go on; the first % begins the input. CRON_TZ above a line is the zone of its schedule. ds sends no mail: MAILTO is told
of, and output is kept with each run. The user's crontab stays as it is: take the lines out of it (crontab -e) once ds runs them.

A line is named by a comment above it, "# name: backup", or after what it runs. Other jobs of the same names are replaced with --replace,
and otherwise nothing is imported; jobs that are not in the crontab stay.

Pipes get added, changed or unchanged, the name, and the keys that changed, between tabs. --json: {changes: [{name, change, keys:
[{key, before, after}]}], dry_run, warnings}.

Exit codes: 0 done; 2 the crontab cannot be read, or there are other jobs of these names, and nothing changed; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'One of a user',
      command: `printf '# name: backup\\n30 2 * * * echo backed up\\n' > my.crontab
<%= config.bin %> <%= command.id %> my.crontab`,
    },
    {
      description: 'What would it do?',
      command: '<%= config.bin %> <%= command.id %> - --dry-run < my.crontab',
    },
    {
      description: 'Once more, after a change',
      command: `sed -i 's/30 2/45 2/' my.crontab
<%= config.bin %> <%= command.id %> my.crontab --replace`,
    },
    {
      description: 'One of a package, whose lines say who runs them',
      command: `echo '10 3 * * * root echo checked' > package.cron
<%= config.bin %> <%= command.id %> package.cron --system --user root`,
    },
  ];
  static override args = { file: Args.string({ required: true, description: 'crontab; - is stdin' }) };
  static override flags = {
    ...targetFlags('cron'),
    system: Flags.boolean({ description: 'it has a user before each command, as /etc/crontab and /etc/cron.d' }),
    user: Flags.string({ helpValue: 'NAME', description: 'whose lines, and LOGNAME (default: who runs this)' }),
    home: Flags.string({ helpValue: 'PATH', description: 'HOME, where commands run (default: that of who runs this)' }),
    tz: Flags.string({ helpValue: 'ZONE', description: "zone where CRON_TZ says nothing (default: the machine's)" }),
    replace: Flags.boolean({ description: 'replace other jobs of the same names; they keep their history' }),
    'dry-run': Flags.boolean({ description: 'say what would change, and change nothing' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(CronImport);
    const text = await readInput(args.file, MOST_CRONTAB_BYTES);
    const [{ readCrontab }, { planApply, changeJson, refuseReplacing, sayChanges }] = await Promise.all([
      loadCrontab(),
      loadApply(),
    ]);
    const { jobs, warnings } = readCrontab(text, {
      filename: inputName(args.file),
      ...crontabOf(flags, userInfo()),
      timeZone: flags.tz ?? this.context.timeZone,
    });
    const dryRun = flags['dry-run'] === true;
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    await withBook(target, this.context, async (book) => {
      const present = (await book.list()).map(({ spec }) => spec);
      const { plan, changes } = planApply(present, jobs, { prune: false });
      if (!flags.replace) {
        refuseReplacing(changes, `ds cron import ${quoteForShell(args.file)} --replace${sameTarget(flags)}`);
      }
      if (!dryRun) await book.apply(plan);
      for (const warning of warnings) this.out.warn(warning);
      this.out.document({ changes: changes.map(changeJson), dry_run: dryRun, warnings }, () => {
        for (const line of sayChanges(changes, this.out.isTerminal)) this.out.line(line);
      });
    });
  }
}
