import { FILE_ONLY, loadTotals, millisOf, type TenantTotals, withEntryStore } from '../../src/blocks/log/index.js';
import { type Column, DsCommand, fileFlags, resolveFile } from '../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';
import { formatSize } from '../../src/platform/units.js';

export default class LogStats extends DsCommand {
  static override summary = 'show what is stored: tenants, streams, entries, bytes, and how far back';
  static override description =
    `Sums that the store keeps; nothing is read for them. The ratio is that of lines to blocks with their filters.
The tenant fake, Loki's name for it, has what was stored without a tenant: by ds log ship, by syslog, by a daemon without tokens.

Pipes get tenant, streams, entries, blocks, bytes of lines, stored bytes, and the times of the first and the last entry, between tabs.
--json: {tenants: [{tenant, streams, entries, blocks, raw_bytes, stored_bytes, first_at, last_at}]}.

Exit codes: 0 done, also when nothing is stored; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'Of the store',
      command: `echo 'level=info msg=ok' > app.log
<%= config.bin %> log ship --once app.log
<%= config.bin %> <%= command.id %>`,
    },
    { description: 'How many entries there are', command: '<%= config.bin %> <%= command.id %> | cut -f 3' },
    {
      description: 'Of another file, for a program',
      command: `<%= config.bin %> log ship --once app.log --db other.db
<%= config.bin %> <%= command.id %> --db other.db --json`,
    },
  ];
  static override flags = fileFlags('log', FILE_ONLY);

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(LogStats);
    const { readTenantTotals } = await loadTotals();
    const path = resolveFile(flags, 'log', this.context);
    const tenants = await withEntryStore(
      path,
      { clock: this.context.clock, mustExist: flags.db !== undefined },
      async ({ sql }) => readTenantTotals(sql),
    );
    this.out.document({ tenants: tenants.map(tenantJson) }, () => {
      if (tenants.length > 0) this.out.table(this.columns(), tenants);
      else this.out.note('nothing is stored yet; ds log ship FILE stores lines');
    });
  }

  /** The ratio is for people: pipes get what it is of. */
  private columns(): Column<TenantTotals>[] {
    const now = this.context.clock.now();
    const ago = (nanos: bigint | undefined) => (nanos === undefined ? '' : relativeTime(millisOf(nanos), now));
    return [
      { header: 'tenant', value: ({ tenant }) => tenant, keep: true },
      { header: 'streams', value: ({ streams }) => streams },
      { header: 'entries', value: ({ entries }) => entries, display: ({ entries }) => entries.toLocaleString('en-US') },
      { header: 'blocks', value: ({ blocks }) => blocks, optional: true },
      { header: 'lines', value: ({ rawBytes }) => rawBytes, display: ({ rawBytes }) => formatSize(rawBytes) },
      {
        header: 'stored',
        value: ({ storedBytes }) => storedBytes,
        display: ({ storedBytes }) => formatSize(storedBytes),
      },
      ...(this.out.isTerminal ? [RATIO] : []),
      { header: 'first', value: ({ first }) => time(first), display: ({ first }) => ago(first) },
      { header: 'last', value: ({ last }) => time(last), display: ({ last }) => ago(last) },
    ];
  }
}

const RATIO: Column<TenantTotals> = {
  header: 'ratio',
  value: ({ rawBytes, storedBytes }) => (storedBytes === 0 ? '-' : (rawBytes / storedBytes).toFixed(1)),
  align: 'right',
};

function time(nanos: bigint | undefined): string | undefined {
  return nanos === undefined ? undefined : isoTime(millisOf(nanos));
}

function tenantJson({ tenant, streams, entries, blocks, rawBytes, storedBytes, first, last }: TenantTotals) {
  return {
    tenant,
    streams,
    entries,
    blocks,
    raw_bytes: rawBytes,
    stored_bytes: storedBytes,
    first_at: time(first),
    last_at: time(last),
  };
}
