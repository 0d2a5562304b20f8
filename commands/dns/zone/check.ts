import { type FileProblem, type FileVerdict, loadZones } from '../../../src/blocks/dns/index.js';
import { Args, type Column, DsCommand, Flags } from '../../../src/platform/cli/command.js';
import { openInput } from '../../../src/platform/cli/input.js';
import { LateSpinner } from '../../../src/platform/cli/late-spinner.js';
import { progressText } from '../../../src/platform/cli/progress.js';

export default class DnsZoneCheck extends DsCommand {
  static override strict = false;
  static override summary = 'check whether master files make zones';
  static override description =
    `As named-checkzone, without a store or a server: first what the text says, then whether the zone makes sense: SOA and NS records,
CNAME beside other data, delegations without addresses, names that lead nowhere, and more. An error refuses the zone, here as in
ds dns zone import; a warning does not. What an import of a zone that is here would change is told by ds dns zone diff --file.

Pipes get problems, one a line, between tabs: file, line, severity, code, name, message; nothing for a sound file. --json prints an
object a file: {file, ok, zone, serial, records, problems: [{severity, code, message, name, file, line}]}.

Exit codes: 0 all make zones; 1 one does not; 2 bad input, or a file that cannot be read.`;
  static override examples = [
    {
      description: 'A file',
      command: `printf '%s\\n' '$TTL 3600' '@ SOA ns1 root 1 7200 3600 1209600 300' '@ NS ns1' 'ns1 A 10.0.0.2' > shop.test.zone
<%= config.bin %> <%= command.id %> shop.test.zone`,
    },
    {
      description: 'Before it is imported',
      command: '<%= config.bin %> <%= command.id %> shop.test.zone && <%= config.bin %> dns zone import shop.test.zone',
    },
    {
      description: 'A zone that is here, with its warnings as JSON',
      command: '<%= config.bin %> dns zone export shop.test | <%= config.bin %> <%= command.id %> - --json',
    },
  ];
  static override args = {
    file: Args.string({ required: true, description: 'master file; several may follow; - is stdin' }),
  };
  static override flags = {
    origin: Flags.string({ helpValue: 'ZONE', description: 'the zone (default: what the file says, or its name)' }),
  };

  private readonly spinner = new LateSpinner(this.out);

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(DnsZoneCheck);
    const dns = await loadZones();
    const { clock, signal } = this.context;
    const origin = flags.origin === undefined ? {} : { origin: dns.readTypedName(flags.origin) };
    let refused = 0;
    await dns.withScratchZones(clock, async (zones) => {
      for (const file of argv.map(String)) {
        const startedAt = clock.monotonic();
        const verdict = await dns
          .checkZoneFile(zones, file, {
            ...{ ...origin, signal },
            ...(file === '-' ? { stdin: openInput('-').stream } : {}),
            onProgress: ({ octets, total }) => {
              this.spinner.show(progressText(file, octets, total, clock.monotonic() - startedAt));
            },
          })
          .finally(() => this.spinner.stop());
        if (!verdict.ok) refused++;
        this.show(verdict);
      }
    });
    return refused === 0 ? 0 : 1;
  }

  private show(verdict: FileVerdict): void {
    if (this.out.json) this.out.item(verdict, '');
    else if (!this.out.isTerminal) this.out.table(columns, verdict.problems);
    else this.draw(verdict);
  }

  private draw({ file, ok, zone, serial, records, problems }: FileVerdict): void {
    if (!ok) this.out.styled(['red', 'refused'], `  ${file}`);
    else {
      const facts = `${zone} serial ${serial}, ${records?.toLocaleString('en-US')} records`;
      this.out.styled(['green', 'sound'], `  ${file}  ${facts}`);
    }
    for (const { severity, file: where, line, message } of problems) {
      const place = line === undefined ? where : `${where}:${line}`;
      this.out.styled('  ', [severity === 'error' ? 'red' : 'yellow', severity], `  ${place}: ${message}`);
    }
  }
}

/** For pipes. */
const columns: Column<FileProblem>[] = [
  { header: 'file', value: ({ file }) => file },
  { header: 'line', value: ({ line }) => line },
  { header: 'severity', value: ({ severity }) => severity },
  { header: 'code', value: ({ code }) => code },
  { header: 'name', value: ({ name }) => name },
  { header: 'message', value: ({ message }) => message },
];
