import { FILE_ONLY, loadZones } from '../../../src/blocks/dns/index.js';
import { type Column, DsCommand, fileFlags, resolveFile } from '../../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../../src/platform/relative-time.js';

export default class DnsZoneList extends DsCommand {
  static override summary = 'list the zones in the file';
  static override description =
    `Each with its serial, how many records it has, and when it changed last. A secondary zone is a copy of another server's.

Pipes get zone, kind, serial, records and time of change between tabs. --json: {zones: [{zone, kind, serial, records, created_at,
changed_at}]}.

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
    const { withStore } = await loadZones();
    const { clock } = this.context;
    const zones = await withStore(resolveFile(flags, 'dns', this.context), clock, ({ zones }) =>
      zones.list().map(({ origin, createdAt, changedAt, ...zone }) => ({
        ...{ zone: origin.toString(), ...zone },
        ...{ created_at: isoTime(createdAt), changed_at: isoTime(changedAt), changedAt },
      })),
    );
    this.out.document({ zones: zones.map(({ changedAt: _, ...zone }) => zone) }, () => {
      if (zones.length > 0) return this.out.table(columnsAt(clock.now()), zones);
      this.out.note('there are no zones yet; try: ds dns record set api.shop.test A 10.0.0.7 --create');
    });
  }
}

interface ZoneRow {
  readonly zone: string;
  readonly kind: string;
  readonly serial: number;
  readonly records: number;
  readonly changed_at: string;
  readonly changedAt: number;
}

function columnsAt(now: number): Column<ZoneRow>[] {
  return [
    { header: 'zone', value: ({ zone }) => zone, keep: true },
    { header: 'kind', value: ({ kind }) => kind, color: () => 'dim' },
    { header: 'serial', value: ({ serial }) => serial },
    { header: 'records', value: ({ records }) => records, display: ({ records }) => records.toLocaleString('en-US') },
    { header: 'changed', value: (row) => row.changed_at, display: ({ changedAt }) => relativeTime(changedAt, now) },
  ];
}
