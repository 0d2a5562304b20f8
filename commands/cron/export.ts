import { userInfo } from 'node:os';
import { cronUrl, type JobSpec, loadCrontab, loadExport, withBook } from '../../src/blocks/cron/index.js';
import { Args, DsCommand, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';

interface ExportFlags {
  readonly to: string;
  readonly system: boolean;
  readonly user?: string | undefined;
  readonly home?: string | undefined;
  readonly image?: string | undefined;
}

export default class CronExport extends DsCommand {
  static override strict = false;
  static override summary = 'print jobs for another scheduler: crontab, systemd, Kubernetes; or as YAML';
  static override description =
    `A job that would run otherwise there is left out, and what the other scheduler has no word for is told; both on stderr. A crontab and
YAML are read again by ds cron import and ds cron apply as the same jobs. systemd's units come one after the other, each under a comment
with its name, as systemctl cat prints them; Kubernetes' CronJobs as YAML documents for kubectl apply -f -.

A terminal and a pipe get the same. --json: {to, text, warnings}.

Exit codes: 0 done, whatever was left out; 1 there is no such job; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'As a crontab',
      command: `<%= config.bin %> cron add backup --schedule '30 2 * * *' --cwd "$HOME" --concurrency allow-all --env PATH=/usr/bin:/bin -- echo backed up
<%= config.bin %> <%= command.id %>`,
    },
    {
      description: 'One of them for systemd',
      command: '<%= config.bin %> <%= command.id %> backup --to systemd --quiet',
    },
    {
      description: 'All of it, to be kept with the code',
      command: '<%= config.bin %> <%= command.id %> --to yaml > jobs.yaml',
    },
  ];
  static override args = { job: Args.string({ description: 'names of jobs; all of them unless given' }) };
  static override flags = {
    ...targetFlags('cron'),
    to: Flags.string({ options: ['crontab', 'systemd', 'k8s', 'yaml'], default: 'crontab', description: 'for whom' }),
    system: Flags.boolean({ description: 'crontab: with a user before each command, as in /etc/cron.d' }),
    user: Flags.string({ helpValue: 'NAME', description: 'crontab: who runs the commands (default: who runs this)' }),
    home: Flags.string({ helpValue: 'PATH', description: 'crontab: the home folder of that user' }),
    image: Flags.string({ helpValue: 'NAME', description: 'k8s: container image that commands run in' }),
  };

  protected async execute(): Promise<void> {
    const { argv, flags } = await this.parse(CronExport);
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    const names = argv.map(String);
    const jobs = await withBook(target, this.context, async (book) => {
      return names.length === 0 ? book.list() : Promise.all(names.map((name) => book.get(name)));
    });
    const { text, warnings } = await this.print(
      jobs.map(({ spec }) => spec),
      flags,
    );
    for (const warning of warnings) this.out.warn(warning);
    if (flags.json) this.out.item({ to: flags.to, text, warnings }, '');
    else await this.out.bytes(text);
  }

  private async print(
    jobs: readonly JobSpec[],
    flags: ExportFlags,
  ): Promise<{ text: string; warnings: readonly string[] }> {
    const { writeKubernetes, writeSystemd, writeYaml } = await loadExport();
    switch (flags.to) {
      case 'systemd': {
        const { files, warnings } = writeSystemd(jobs);
        const text = files.map((file) => `# /etc/systemd/system/${file.filename}\n${file.text}`).join('\n');
        return { text, warnings };
      }
      case 'k8s': {
        if (flags.image !== undefined) return writeKubernetes(jobs, flags.image);
        throw cliErrors.error('usage.conflict', 'a CronJob runs its command in a container: --image is missing', {
          hint: 'ds cron export --to k8s --image debian:12',
        });
      }
      case 'yaml':
        return { text: writeYaml(jobs), warnings: [] };
      default: {
        const { writeCrontab } = await loadCrontab();
        const own = userInfo();
        const { user = own.username, home = own.homedir, system } = flags;
        const { timeZone } = this.context;
        return writeCrontab(jobs, { form: system ? 'system' : 'user', user, home, timeZone });
      }
    }
  }
}
