import {
  FILE_ONLY,
  type FileProblem,
  type ImportProgress,
  loadTransfer,
  loadZones,
  type ZoneProblem,
} from '../../../src/blocks/dns/index.js';
import {
  Args,
  DsCommand,
  durationFlag,
  Flags,
  fileFlags,
  quoteForShell,
  resolveFile,
} from '../../../src/platform/cli/command.js';
import { cliErrors } from '../../../src/platform/cli/errors.js';
import { openInput } from '../../../src/platform/cli/input.js';
import { LateSpinner } from '../../../src/platform/cli/late-spinner.js';
import { progressText } from '../../../src/platform/cli/progress.js';

/** Problems that are shown; ds dns zone check tells all. */
const MOST_SHOWN = 20;
/** Milliseconds to connect, and between two messages. */
const TIMEOUT_MS = 10_000;

interface ImportFlags {
  readonly db?: string | undefined;
  readonly origin?: string | undefined;
  readonly comment?: string | undefined;
  readonly 'dry-run'?: boolean;
  readonly follow?: boolean;
  readonly timeout?: number | undefined;
}

export default class DnsZoneImport extends DsCommand {
  static override summary = 'import a zone from a master file, or from another name server';
  static override description =
    `The zone then is what the file says: what is not in it is removed. Only the difference is written, as one change that can be shown
and taken back, and a running ds dns serve answers with it at once. The file's serial is taken when it is higher; otherwise, when
something else differs, the stored one is raised by 1.

RFC 1035, section 5, with $ORIGIN, $TTL, $INCLUDE (of the file's folder and below), $GENERATE, and types by number (RFC 3597). The
zone is that of the file's SOA record; names that are relative to nothing are to what the file's name says (shop.test.zone,
db.shop.test), or to --origin.

What is odd is told on stderr, with file and line. What makes no zone is refused, and nothing changes.

--from fetches the zone from another name server in place of a file, over TCP or from tls://SERVER (AXFR), which has to allow it; given
again, it is the next to ask. With --follow the zone stays a copy of what those servers have: a running ds dns serve asks them as the
zone's SOA says, and at once when they tell of a change (NOTIFY), and fetches what changed (IXFR). A copy is not changed by commands;
ds dns zone list tells how it stands, and ds dns zone delete ends it.

Pipes get zone, serial before, serial, and how many records were removed, added and unchanged, between tabs. --json: {zone, changed,
serial, serial_before, removed, added, unchanged, dry_run, warnings: [{code, message, name, file, line}]}, of --from with {from,
followed, primaries} in place of warnings.

Exit codes: 0 done; 2 the file cannot be read or makes no zone; 3 no server gave the zone; 4 the store failed.`;
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
    {
      description: 'From another server, as a copy that is kept in step',
      command: `<%= config.bin %> dns serve --detach --allow-transfer 127.0.0.1
<%= config.bin %> <%= command.id %> --from 127.0.0.1:1053 --origin shop.test --follow --db copy.db
<%= config.bin %> down dns`,
    },
  ];
  static override args = { file: Args.string({ description: 'master file; - is stdin' }) };
  static override flags = {
    ...fileFlags('dns', FILE_ONLY),
    origin: Flags.string({ helpValue: 'ZONE', description: 'the zone (default: what the file says, or its name)' }),
    comment: Flags.string({ char: 'm', helpValue: 'TEXT', description: 'why, for ds dns zone history' }),
    'dry-run': Flags.boolean({ description: 'say what would change, and change nothing' }),
    from: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'SERVER',
      dependsOn: ['origin'],
      description: 'name server to fetch the zone from: 192.0.2.1, ns1.shop.test:53, tls://…',
    }),
    follow: Flags.boolean({ dependsOn: ['from'], description: 'and keep it a copy of what is there' }),
    timeout: durationFlag({
      min: 1,
      max: 3_600_000,
      dependsOn: ['from'],
      description: 'to connect, and between two messages (default: 10s)',
    }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(DnsZoneImport);
    const { from, origin } = flags;
    if ((from === undefined) === (args.file === undefined)) {
      throw cliErrors.error('usage.conflict', 'a zone comes from a file or from servers', {
        hint: 'ds dns zone import shop.test.zone, or ds dns zone import --from 192.0.2.1 --origin shop.test',
      });
    }
    if (from !== undefined && origin !== undefined) await this.importFrom(from, origin, flags);
    else if (args.file !== undefined) await this.importFile(args.file, flags);
  }

  private async importFrom(from: readonly string[], zone: string, flags: ImportFlags): Promise<void> {
    const [dns, transfer] = await Promise.all([loadZones(), loadTransfer()]);
    const { clock, random, signal } = this.context;
    const origin = dns.readTypedName(zone);
    const dryRun = flags['dry-run'] === true;
    const servers = from.map((text) => transfer.parsePeer(text));
    const options = {
      ...{ clock, random, signal, dryRun, timeoutMs: flags.timeout ?? TIMEOUT_MS },
      ...(flags.comment === undefined ? {} : { comment: flags.comment }),
      onRecords: (count: number) => this.spinner.show(`${count.toLocaleString('en-US')} records`),
    };
    await dns.withStore(resolveFile(flags, 'dns', this.context), clock, async (store) => {
      const fetching = flags.follow
        ? transfer.followZone(store, origin, servers, options)
        : transfer.fetchZone(store, origin, servers, options).then((report) => ({ report, secondary: undefined }));
      const { report, secondary } = await fetching.finally(() => this.spinner.stop());
      const reported = dns.reportImport(report, dryRun);
      const followed = { followed: secondary !== undefined, ...(secondary && { primaries: secondary.primaries }) };
      this.out.document({ ...reported, from: report.from, ...followed }, () => {
        if (!this.out.isTerminal) return this.out.line(dns.importLine(reported));
        this.out.line(`${dns.sayImport(reported)}, from ${report.from}`);
        if (secondary !== undefined) this.out.line('ds dns serve keeps it in step from now on', 'dim');
      });
    });
  }

  private async importFile(file: string, flags: ImportFlags): Promise<void> {
    const dns = await loadZones();
    const { clock, signal } = this.context;
    const dryRun = flags['dry-run'] === true;
    const problems: FileProblem[] = [];
    const options = {
      ...(flags.origin === undefined ? {} : { origin: dns.readTypedName(flags.origin) }),
      ...(flags.comment === undefined ? {} : { comment: flags.comment }),
      ...(file === '-' ? { stdin: openInput('-').stream } : {}),
      onProblem: (problem: ZoneProblem) => problems.push(dns.fileProblem(problem, file)),
      onProgress: this.progress(),
    };
    await dns.withStore(resolveFile(flags, 'dns', this.context), clock, async ({ zones }) => {
      const done = await dns.importZoneFile(zones, file, { ...options, dryRun, signal }).finally(async () => {
        await this.spinner.stop();
        this.tell(problems, file);
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
