import { userInfo } from 'node:os';
import {
  type CrontabFlags,
  crontabOf,
  cronUrl,
  type ExportForm,
  loadExport,
  withBook,
} from '../../src/blocks/cron/index.js';
import { Args, DsCommand, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { writeFiles } from '../../src/platform/cli/write-files.js';

interface ExportFlags extends CrontabFlags {
  readonly to: ExportForm['to'];
  readonly image?: string | undefined;
}

export default class CronExport extends DsCommand {
  static override strict = false;
  static override summary = 'print jobs for another scheduler: crontab, systemd, Kubernetes; or as YAML';
  static override description =
    `A job that would run otherwise there is left out, and what the other scheduler has no word for is told; both on stderr. YAML is read
again by ds cron apply as the same jobs; so is a crontab by ds cron import, but for what is told. systemd's units come one after the other, each under a comment
with its name, as systemctl cat prints them; Kubernetes' CronJobs as YAML documents for kubectl apply -f -.

A terminal and a pipe get the same. --json: {to, text, warnings}. With -o FOLDER the files are written there, two for each job for systemd,
otherwise crontab, cronjobs.yaml or jobs.yaml, and their paths are printed; --json: {to, files: [PATH], warnings}. Files that are there
already stay, and nothing is written, unless --yes is given.

Exit codes: 0 done, whatever was left out; 1 there is no such job; 2 bad input, or a file is there already; 3 the server could not be
reached; 4 the store failed, or a file cannot be written.`;
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
      description: 'Its files, to be copied to /etc/systemd/system',
      command: '<%= config.bin %> <%= command.id %> backup --to systemd --quiet -o units',
    },
    {
      description: 'All of it, to be kept with the code',
      command: '<%= config.bin %> <%= command.id %> --to yaml > jobs.yaml',
    },
  ];
  static override args = { job: Args.string({ description: 'names of jobs; all of them unless given' }) };
  static override flags = {
    ...targetFlags('cron'),
    to: Flags.option({
      options: ['crontab', 'systemd', 'k8s', 'yaml'] as const,
      default: 'crontab',
      description: 'for whom',
    })(),
    system: Flags.boolean({ description: 'crontab: with a user before each command, as in /etc/cron.d' }),
    user: Flags.string({ helpValue: 'NAME', description: 'crontab: who runs the commands (default: who runs this)' }),
    home: Flags.string({ helpValue: 'PATH', description: 'crontab: the home folder of that user' }),
    image: Flags.string({ helpValue: 'NAME', description: 'k8s: container image that commands run in' }),
    output: Flags.string({
      char: 'o',
      helpValue: 'FOLDER',
      description: 'write files there; it is made when it is not there',
    }),
    yes: Flags.boolean({ char: 'y', description: 'replace files that are there already' }),
  };

  protected async execute(): Promise<void> {
    const { argv, flags } = await this.parse(CronExport);
    const target = resolveTarget(flags, 'cron', this.context, cronUrl);
    const names = argv.map(String);
    const form = this.formOf(flags);
    const jobs = await withBook(target, this.context, async (book) => {
      return names.length === 0 ? book.list() : Promise.all(names.map((name) => book.get(name)));
    });
    const { exportJobs } = await loadExport();
    const specs = jobs.map(({ spec }) => spec);
    const { text, files, warnings } = exportJobs(specs, form);
    for (const warning of warnings) this.out.warn(warning);
    if (flags.output !== undefined) {
      const paths = writeFiles(files, flags.output, flags.yes);
      this.out.document({ to: flags.to, files: paths, warnings }, () => {
        for (const path of paths) this.out.line(path);
      });
    } else if (flags.json) this.out.document({ to: flags.to, text, warnings }, () => {});
    else await this.out.bytes(text);
  }

  private formOf({ to, image, ...crontab }: ExportFlags): ExportForm {
    if (to === 'crontab') return { to, ...crontabOf(crontab, userInfo()), timeZone: this.context.timeZone };
    if (to !== 'k8s') return { to };
    if (image !== undefined) return { to, image };
    throw cliErrors.error('usage.conflict', 'a CronJob runs its command in a container: --image is missing', {
      hint: 'ds cron export --to k8s --image debian:12',
    });
  }
}
