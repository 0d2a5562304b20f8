import { type ChangeSummary, FILE_ONLY, loadZones } from '../../../src/blocks/dns/index.js';
import { Args, type Column, countFlag, DsCommand, fileFlags, resolveFile } from '../../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../../src/platform/relative-time.js';

export default class DnsZoneHistory extends DsCommand {
  static override summary = 'list the changes of a zone, newest first';
  static override description =
    `Each change has a serial of its own, by which ds dns zone diff shows it and ds dns zone rollback takes it back. The history goes back
as far as its bounds allow: what is older than the journal (kept: no) can no longer be shown or taken back.

Pipes get serial, time, kind (baseline, import, edit, rollback, transfer), removed, added, kept (yes, no; nothing for a baseline),
source and comment between tabs. --json: {zone, changes: [{serial, serial_before, at, kind, removed, added, journalled, source, comment}]}.

Exit codes: 0 done; 1 there is no such zone; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'What happened to it',
      command: `<%= config.bin %> dns record set api.shop.test A 10.0.0.7 --create
<%= config.bin %> dns record set api.shop.test A 10.0.0.8 -m 'moved to the new rack'
<%= config.bin %> <%= command.id %> shop.test`,
    },
    { description: 'The last change, shown', command: '<%= config.bin %> dns zone diff shop.test || true' },
    {
      description: 'The serial before it',
      command: '<%= config.bin %> <%= command.id %> shop.test | sed -n 2p | cut -f1',
    },
  ];
  static override args = { zone: Args.string({ required: true, description: 'zone: shop.test' }) };
  static override flags = {
    ...fileFlags('dns', FILE_ONLY),
    limit: countFlag({ char: 'n', description: 'changes at most (default: all)' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(DnsZoneHistory);
    const dns = await loadZones();
    const { clock } = this.context;
    const origin = dns.readTypedName(args.zone);
    const changes = await dns.withStore(resolveFile(flags, 'dns', this.context), clock, ({ zones }) =>
      zones.history(origin).slice(0, flags.limit),
    );
    this.out.document({ zone: origin.toString(), changes: changes.map(toRecord) }, () => {
      this.out.table(columnsAt(clock.now()), changes);
    });
  }
}

/** A beginning has nothing that could be shown; what came after it is counted from there. */
function keptText({ kind, journalled }: ChangeSummary): string {
  if (kind === 'baseline') return '';
  return journalled ? 'yes' : 'no';
}

function toRecord({ serial, serialBefore, at, kind, removed, added, journalled, source, comment }: ChangeSummary) {
  return {
    ...{ serial, ...(serialBefore === undefined ? {} : { serial_before: serialBefore }), at: isoTime(at), kind },
    ...{ removed, added, journalled },
    ...(source === '' ? {} : { source }),
    ...(comment === '' ? {} : { comment }),
  };
}

function columnsAt(now: number): Column<ChangeSummary>[] {
  const grouped = (count: number) => (count === 0 ? '' : count.toLocaleString('en-US'));
  return [
    { header: 'serial', value: ({ serial }) => serial, color: (row) => (keptText(row) === 'no' ? 'dim' : undefined) },
    { header: 'when', value: ({ at }) => isoTime(at), display: ({ at }) => relativeTime(at, now) },
    { header: 'kind', value: ({ kind }) => kind },
    { header: 'removed', value: ({ removed }) => removed, display: ({ removed }) => grouped(removed) },
    { header: 'added', value: ({ added }) => added, display: ({ added }) => grouped(added) },
    { header: 'kept', value: keptText, optional: true },
    { header: 'source', value: ({ source }) => source },
    { header: 'comment', value: ({ comment }) => comment },
  ];
}
