import { type CopyReport, type CopyState, FILE_ONLY, loadZones } from '../../../src/blocks/dns/index.js';
import { type Column, DsCommand, fileFlags, resolveFile } from '../../../src/platform/cli/command.js';
import type { Color } from '../../../src/platform/colors.js';
import { isoTime, relativeTime } from '../../../src/platform/relative-time.js';

export default class DnsZoneList extends DsCommand {
  static override summary = 'list the zones in the file';
  static override description =
    `Each with its serial, how many records it has, and when it changed last. A secondary zone is a copy of another server's;
its state is current, failing (no primary told its serial when it was last asked, but the copy is still good) or expired (it is no
longer answered from), with the reason.

Pipes get zone, kind, serial, records, time of change, and of copies state and reason, between tabs. --json: {zones: [{zone, kind,
serial, records, created_at, changed_at, copy: {state, primaries, checked_at, checked_with, expires_at, next_check_at, problem,
problem_since}}]}.

Exit codes: 0 done; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'What is in the file',
      command: `<%= config.bin %> dns record set api.shop.test A 10.0.0.7 --create
<%= config.bin %> <%= command.id %>`,
    },
    { description: 'Only the names', command: '<%= config.bin %> <%= command.id %> | cut -f1' },
    {
      description: 'Back all of them up',
      command:
        '<%= config.bin %> <%= command.id %> | cut -f1 | while read -r ZONE; do <%= config.bin %> dns zone export "$ZONE" > "$ZONE"zone; done',
    },
  ];
  static override flags = { ...fileFlags('dns', FILE_ONLY) };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(DnsZoneList);
    const { withStore, reportCopy } = await loadZones();
    const { clock } = this.context;
    const zones = await withStore(resolveFile(flags, 'dns', this.context), clock, ({ zones, secondaries }) => {
      const copies = new Map(secondaries.list().map((copy) => [copy.origin.key, reportCopy(copy, clock.now())]));
      return zones.list().map(({ origin, createdAt, changedAt, ...zone }) => {
        const copy = copies.get(origin.key);
        return {
          ...{ zone: origin.toString(), ...zone },
          ...{ created_at: isoTime(createdAt), changed_at: isoTime(changedAt), changedAt },
          ...(copy && { copy }),
        };
      });
    });
    this.out.document({ zones: zones.map(({ changedAt: _, ...zone }) => zone) }, () => {
      if (zones.length > 0) return this.out.table(this.columnsFor(zones), zones);
      this.out.note('there are no zones yet; try: ds dns record set api.shop.test A 10.0.0.7 --create');
    });
  }

  /** Pipes get all; on a terminal what is about copies stands there where there are some. */
  private columnsFor(zones: readonly ZoneRow[]): Column<ZoneRow>[] {
    const all = !this.out.isTerminal;
    return [
      ...columnsAt(this.context.clock.now()),
      ...(all || zones.some(({ copy }) => copy) ? [copyColumn] : []),
      ...(all || zones.some(({ copy }) => copy?.problem) ? [problemColumn] : []),
    ];
  }
}

interface ZoneRow {
  readonly zone: string;
  readonly kind: string;
  readonly serial: number;
  readonly records: number;
  readonly changed_at: string;
  readonly changedAt: number;
  readonly copy?: CopyReport;
}

const tones: Readonly<Record<CopyState, Color>> = { current: 'green', failing: 'yellow', expired: 'red' };

function columnsAt(now: number): Column<ZoneRow>[] {
  return [
    { header: 'zone', value: ({ zone }) => zone, keep: true },
    { header: 'kind', value: ({ kind }) => kind, color: () => 'dim' },
    { header: 'serial', value: ({ serial }) => serial },
    { header: 'records', value: ({ records }) => records, display: ({ records }) => records.toLocaleString('en-US') },
    { header: 'changed', value: (row) => row.changed_at, display: ({ changedAt }) => relativeTime(changedAt, now) },
  ];
}

const copyColumn: Column<ZoneRow> = {
  header: 'copy',
  value: ({ copy }) => copy?.state,
  color: ({ copy }) => copy && tones[copy.state],
};
const problemColumn: Column<ZoneRow> = { header: 'problem', value: ({ copy }) => copy?.problem };
