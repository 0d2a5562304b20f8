import {
  FILE_ONLY,
  type FileProblem,
  type ImportProgress,
  loadZones,
  type ZoneProblem,
} from '../../../src/blocks/dns/index.js';
import { Args, DsCommand, Flags, fileFlags, quoteForShell, resolveFile } from '../../../src/platform/cli/command.js';
import { openInput } from '../../../src/platform/cli/input.js';
import { LateSpinner } from '../../../src/platform/cli/late-spinner.js';
import { progressText } from '../../../src/platform/cli/progress.js';

/** Problems that are shown; ds dns zone check tells all. */
const MOST_SHOWN = 20;

export default class DnsZoneImport extends DsCommand {
  static override summary = 'import a zone from a master file';
  static override description =
    `The zone then is what the file says: what is not in it is removed. Only the difference is written, as one change that can be shown
and taken back, and a running ds dns serve answers with it at once. The file's serial is taken when it is higher; otherwise, when
something else differs, the stored one is raised by 1.

RFC 1035, section 5, with $ORIGIN, $TTL, $INCLUDE (of the file's folder and below), $GENERATE, and types by number (RFC 3597). The
zone is that of the file's SOA record; names that are relative to nothing are to what the file's name says (shop.test.zone,
db.shop.test), or to --origin.

What is odd is told on stderr, with file and line. What makes no zone is refused, and nothing changes.

Pipes get zone, serial before, serial, and how many records were removed, added and unchanged, between tabs. --json: {zone, changed,
serial, serial_before, removed, added, unchanged, dry_run, warnings: [{code, message, name, file, line}]}.

Exit codes: 0 done; 2 the file cannot be read or makes no zone; 4 the store failed.`;
  static override examples = [
    {
      description: 'From a file',
      command: `cat > shop.test.zone <<'END'
$TTL 3600
@    SOA ns1 hostmaster 1 7200 3600 1209600 300
     NS  ns1
ns1  A   10.0.0.2
www  A   10.0.0.7
END
<%= config.bin %> <%= command.id %> shop.test.zone`,
    },
    {
      description: 'What would it change?',
      command: `echo 'api A 10.0.0.8' >> shop.test.zone
<%= config.bin %> <%= command.id %> shop.test.zone --dry-run`,
    },
    {
      description: 'With a word on why',
      command: `<%= config.bin %> <%= command.id %> shop.test.zone -m 'api moved'
<%= config.bin %> dns zone history shop.test`,
    },
    {
      description: 'From a pipe, as another zone',
      command: '<%= config.bin %> <%= command.id %> - --origin stage.test < shop.test.zone',
    },
  ];
  static override args = { file: Args.string({ required: true, description: 'master file; - is stdin' }) };
  static override flags = {
    ...fileFlags('dns', FILE_ONLY),
    origin: Flags.string({ helpValue: 'ZONE', description: 'the zone (default: what the file says, or its name)' }),
    comment: Flags.string({ char: 'm', helpValue: 'TEXT', description: 'why, for ds dns zone history' }),
    'dry-run': Flags.boolean({ description: 'say what would change, and change nothing' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(DnsZoneImport);
    const dns = await loadZones();
    const { clock, signal } = this.context;
    const dryRun = flags['dry-run'] === true;
    const problems: FileProblem[] = [];
    const options = {
      ...(flags.origin === undefined ? {} : { origin: dns.readTypedName(flags.origin) }),
      ...(flags.comment === undefined ? {} : { comment: flags.comment }),
      ...(args.file === '-' ? { stdin: openInput('-').stream } : {}),
      onProblem: (problem: ZoneProblem) => problems.push(dns.fileProblem(problem, args.file)),
      onProgress: this.progress(),
    };
    await dns.withStore(resolveFile(flags, 'dns', this.context), clock, async ({ zones }) => {
      const done = await dns.importZoneFile(zones, args.file, { ...options, dryRun, signal }).finally(async () => {
        await this.spinner.stop();
        this.tell(problems, args.file);
      });
      const report = dns.reportImport(done, dryRun);
      this.out.document({ ...report, warnings: problems.map(({ severity: _, ...warning }) => warning) }, () => {
        this.out.line(this.out.isTerminal ? dns.sayImport(report) : dns.importLine(report));
      });
    });
  }

  private readonly spinner = new LateSpinner(this.out);

  private progress() {
    const { clock } = this.context;
    const startedAt = clock.monotonic();
    return ({ octets, total }: ImportProgress) => {
      this.spinner.show(progressText('import', octets, total, clock.monotonic() - startedAt));
    };
  }

  private tell(problems: readonly FileProblem[], file: string): void {
    for (const { severity, file: where, line, message } of problems.slice(0, MOST_SHOWN)) {
      const place = `${where}${line === undefined ? '' : `:${line}`}`;
      if (severity === 'warning') this.out.warn(`${place}: ${message}`);
      else this.out.note(`${place}: error: ${message}`, 'red');
    }
    const more = problems.length - MOST_SHOWN;
    if (more > 0) this.out.note(`and ${more} more; see all: ds dns zone check ${quoteForShell(file)}`);
  }
}
