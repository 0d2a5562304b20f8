import {
  FILE_ONLY,
  type ImportProgress,
  loadZones,
  type Name,
  type ZoneDifference,
  type ZoneStore,
} from '../../../src/blocks/dns/index.js';
import {
  Args,
  type Column,
  DsCommand,
  Flags,
  fileFlags,
  resolveFile,
  sameTarget,
  uint32Arg,
} from '../../../src/platform/cli/command.js';
import { cliErrors } from '../../../src/platform/cli/errors.js';
import { openInput } from '../../../src/platform/cli/input.js';
import { LateSpinner } from '../../../src/platform/cli/late-spinner.js';
import { progressText } from '../../../src/platform/cli/progress.js';

/** Differences written at once: bounds memory. */
const BATCH = 256;

export default class DnsZoneDiff extends DsCommand {
  static override summary = 'show what changed in a zone, or what a file would change';
  static override description =
    `From one serial to another, in either direction: what came and went in between is not shown. Without serials it is the last change;
with one, everything since then. --file compares the zone with a master file, as an import would: a serial in the file that is no
later than the stored one is no difference.

A terminal shows - and + lines, as diff does; a changed TTL is one of each. Pipes get - or +, name, TTL, type and data between tabs.
--json prints an object a line: {op: removed | added, name, ttl, type, data}.

Exit codes, as diff: 0 no difference; 1 there are some, or there is no such zone or serial; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'The last change',
      command: `<%= config.bin %> dns record set api.shop.test A 10.0.0.7 --create
<%= config.bin %> <%= command.id %> shop.test || echo 'differs, as told by exit code 1'`,
    },
    {
      description: 'Everything since a serial',
      command: `SERIAL=$(<%= config.bin %> dns zone history shop.test | tail -n 1 | cut -f1)
<%= config.bin %> <%= command.id %> shop.test "$SERIAL" || true`,
    },
    {
      description: 'What would importing this file change? Nothing',
      command: `<%= config.bin %> dns zone export shop.test > shop.test.zone
<%= config.bin %> <%= command.id %> shop.test --file shop.test.zone`,
    },
  ];
  static override args = {
    zone: Args.string({ required: true, description: 'zone: shop.test' }),
    from: uint32Arg({ description: 'serial (default: the one before the last)' }),
    to: uint32Arg({ description: 'serial (default: the present one)' }),
  };
  static override flags = {
    ...fileFlags('dns', FILE_ONLY),
    file: Flags.string({ char: 'f', helpValue: 'FILE', description: 'compare with this master file; - is stdin' }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(DnsZoneDiff);
    if (flags.file !== undefined && args.from !== undefined) {
      throw cliErrors.error('usage.conflict', 'a zone is compared with a file or by serials', {
        hint: `ds dns zone diff ${args.zone} --file ${flags.file}`,
      });
    }
    const dns = await loadZones();
    const origin = dns.readTypedName(args.zone);
    return dns.withStore(resolveFile(flags, 'dns', this.context), this.context.clock, async ({ zones }) => {
      const now = dns.requireZone(zones, origin, `ds dns zone list${sameTarget(flags)}`).serial;
      if (flags.file !== undefined) return this.compare(zones, origin, now, flags.file);
      const [last] = zones.history(origin);
      const from = args.from ?? last?.serialBefore ?? now;
      const to = args.to ?? now;
      return this.show(dns.soaFirst(zones.diff(origin, from, to)), [`${origin} ${from}`, `${origin} ${to}`]);
    });
  }

  private async compare(zones: ZoneStore, origin: Name, serial: number, file: string): Promise<number> {
    const { compareZoneFile } = await loadZones();
    const { clock, signal } = this.context;
    const spinner = new LateSpinner(this.out);
    const startedAt = clock.monotonic();
    const options = {
      ...{ clock, signal },
      ...(file === '-' ? { stdin: openInput('-').stream } : {}),
      onProgress: ({ octets, total }: ImportProgress) => {
        spinner.show(progressText(file, octets, total, clock.monotonic() - startedAt));
      },
    };
    const compared = compareZoneFile(zones, origin, file, options, async (differences) => {
      await spinner.stop();
      return this.show(differences, [`${origin} ${serial}`, file]);
    });
    return compared.finally(() => spinner.stop());
  }

  private async show(differences: Iterable<ZoneDifference>, titles: readonly [string, string]): Promise<number> {
    let shown = 0;
    let batch: ZoneDifference[] = [];
    for (const difference of differences) {
      if (shown++ === 0 && this.out.isTerminal && !this.out.json) {
        this.out.line(`--- ${titles[0]}`, 'bold');
        this.out.line(`+++ ${titles[1]}`, 'bold');
      }
      batch.push(difference);
      if (batch.length < BATCH) continue;
      await this.write(batch);
      batch = [];
    }
    await this.write(batch);
    if (shown === 0 && this.out.isTerminal) this.out.note(`no difference between ${titles[0]} and ${titles[1]}`);
    return shown === 0 ? 0 : 1;
  }

  private async write(batch: readonly ZoneDifference[]): Promise<void> {
    const { differenceFields, sayDifference } = await loadZones();
    const rows = batch.map(differenceFields);
    if (this.out.json) for (const row of rows) this.out.item(row, '');
    else if (!this.out.isTerminal) this.out.table(columns, rows);
    else for (const row of rows) this.out.line(sayDifference(row), row.op === 'added' ? 'green' : 'red');
    // Lets signals through.
    await this.out.bytes('');
    this.context.signal.throwIfAborted();
  }
}

/** For pipes. */
const columns: Column<{ op: string; name: string; ttl: number; type: string; data: string }>[] = [
  { header: '', value: ({ op }) => (op === 'added' ? '+' : '-') },
  { header: 'name', value: ({ name }) => name },
  { header: 'ttl', value: ({ ttl }) => ttl },
  { header: 'type', value: ({ type }) => type },
  { header: 'data', value: ({ data }) => data },
];
