import { userInfo } from 'node:os';
import { crontabOf, cronUrl, loadApply, MOST_JOBS_BYTES, newPingKey, withBook } from '../../src/blocks/cron/index.js';
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
import { inputName, readInput } from '../../src/platform/cli/input.js';

export default class CronApply extends DsCommand {
  static override summary = 'make jobs what a file says: add, change, and with --prune remove';
  static override description =
    `FILE is YAML or JSON with a list of jobs, as ds cron export --to yaml prints it, or with jobs below their names; or a crontab, as ds cron
import reads it. Jobs that are not in the file stay, unless --prune removes them, with their history: more than one is asked about on a
terminal, and needs --yes in a script; a file without jobs is refused then, unless it says jobs: []. All of it happens at once, or nothing
does. Jobs that stay keep their history, and those that are paused stay paused.

Keys of a job: name, description, schedule, tz, dst, jitter; command (shell, cwd, env, env-file, stdin), http {method, url, headers,
headers-file, body, expect} or external {ping-key}; timeout, kill-after, retries {most, delay, longest-delay, jitter}, concurrency, mutex,
catch-up {policy, window, most}, start-deadline, after {job, on}, pauses [{from, until, reason}], delivery, output, notify {on, command,
webhook}, late-after, overrun-after. Each has the default of ds cron add.

Pipes get added, changed, unchanged or removed, the name, and the keys that changed, between tabs. --json: {changes: [{name, change, keys:
[{key, before, after}]}], dry_run, warnings}.

Exit codes: 0 done; 2 the file cannot be read, and nothing changed; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Two jobs',
      command: `cat > jobs.yaml <<'END'
jobs:
  - name: backup
    schedule: 30 2 * * *
    command: echo backed up
    retries: 2
  - name: report
    after: backup
    command: echo reported
END
<%= config.bin %> <%= command.id %> jobs.yaml`,
    },
    {
      description: 'What would it change?',
      command: `sed -i 's/30 2/45 2/' jobs.yaml
<%= config.bin %> <%= command.id %> jobs.yaml --dry-run`,
    },
    {
      description: 'These jobs and no others, in a script',
      command: '<%= config.bin %> <%= command.id %> jobs.yaml --prune --yes',
    },
    {
      description: 'From one store into another',
      command: '<%= config.bin %> cron export --to yaml | <%= config.bin %> <%= command.id %> - --db copy.db',
    },
  ];
  static override args = { file: Args.string({ required: true, description: 'YAML, JSON or crontab; - is stdin' }) };
  static override flags = {
    ...targetFlags('cron'),
    prune: Flags.boolean({ description: 'remove jobs that are not in the file, with their history' }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask before several jobs are removed' }),
    'dry-run': Flags.boolean({ description: 'say what would change, and change nothing' }),
    system: Flags.boolean({ description: 'of a crontab: it has a user before each command' }),
    user: Flags.string({
      helpValue: 'NAME',
      description: 'of a crontab: whose lines, and LOGNAME (default: who runs this)',
    }),
    home: Flags.string({ helpValue: 'PATH', description: 'of a crontab: HOME, where commands run' }),
    tz: Flags.string({ helpValue: 'ZONE', description: "zone of jobs that tell none (default: the machine's)" }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(CronApply);
    const text = await readInput(args.file, MOST_JOBS_BYTES);
    const { changeJson, pingKeysOf, planApply, readDesired, refuseEmptyPrune, sayChanges, sayNames } =
      await loadApply();
    const dryRun = flags['dry-run'] === true;
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    await withBook(target, this.context, async (book) => {
      const present = (await book.list()).map(({ spec }) => spec);
      const filename = inputName(args.file);
      const desired = readDesired(text, {
        filename,
        ...crontabOf(flags, userInfo()),
        timeZone: flags.tz ?? this.context.timeZone,
        pingKey: pingKeysOf(present, () => newPingKey(this.context.random)),
      });
      if (flags.prune) refuseEmptyPrune(text, filename, desired);
      const { jobs, warnings } = desired;
      const { plan, changes } = planApply(present, jobs, { prune: flags.prune === true });
      if (plan.remove.length > 1 && !dryRun && !flags.yes) {
        const command = `ds cron apply ${quoteForShell(args.file)} --prune --yes${sameTarget(flags)}`;
        const question = `remove ${plan.remove.length} jobs and their history: ${sayNames(plan.remove)}?`;
        if (!(await confirm(question, command))) throw cliErrors.error('cli.interrupted', 'nothing was changed');
      }
      if (!dryRun) await book.apply(plan);
      for (const warning of warnings) this.out.warn(warning);
      this.out.document({ changes: changes.map(changeJson), dry_run: dryRun, warnings }, () => {
        for (const line of sayChanges(changes, this.out.isTerminal)) this.out.line(line);
      });
    });
  }
}
