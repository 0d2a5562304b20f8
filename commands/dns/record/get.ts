import { FILE_ONLY, loadZones, type RecordFields } from '../../../src/blocks/dns/index.js';
import {
  Args,
  type Column,
  DsCommand,
  Flags,
  fileFlags,
  resolveFile,
  sameTarget,
} from '../../../src/platform/cli/command.js';

export default class DnsRecordGet extends DsCommand {
  static override summary = 'show the records of a name as they are kept';
  static override description =
    `What stands in the zone, not what would be answered: wildcards, aliases and delegations are not followed; ds dns query does that.

Pipes get name, TTL in seconds, type and data between tabs. --json: {zone, records: [{name, ttl, type, data}]}.

Exit codes: 0 done; 1 there is none, or no zone here holds the name; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'All that a name has',
      command: `<%= config.bin %> dns record set api.shop.test A 10.0.0.7 --create
<%= config.bin %> <%= command.id %> api.shop.test`,
    },
    { description: 'Only its addresses', command: '<%= config.bin %> <%= command.id %> api.shop.test A | cut -f4' },
    {
      description: 'In a script: set it once',
      command: `<%= config.bin %> <%= command.id %> www.shop.test A -q || <%= config.bin %> dns record set www.shop.test A 10.0.0.7`,
    },
  ];
  static override args = {
    name: Args.string({ required: true, description: 'name in full: www.shop.test' }),
    type: Args.string({ description: 'A, MX, TXT … (default: all)' }),
  };
  static override flags = {
    ...fileFlags('dns', FILE_ONLY),
    zone: Flags.string({ helpValue: 'ZONE', description: 'the zone, where zones lie within each other' }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(DnsRecordGet);
    const dns = await loadZones();
    const place = {
      name: dns.readTypedName(args.name),
      type: args.type === undefined ? undefined : dns.readRecordType(args.type),
      zone: flags.zone === undefined ? undefined : dns.readTypedName(flags.zone),
    };
    return dns.withStore(resolveFile(flags, 'dns', this.context), this.context.clock, ({ zones }) => {
      const zone = dns.zoneOf(zones, place, `ds dns zone list${sameTarget(flags)}`);
      const records = dns.recordsAt(zone, place).flatMap(dns.recordsOf).map(dns.recordFields);
      this.out.document({ zone: zone.origin.toString(), records }, () => {
        if (records.length > 0) this.out.table(columns, records);
        else this.out.note(`${place.name} has no ${noneOf(args.type)} in ${zone.origin}`);
      });
      return records.length > 0 ? 0 : 1;
    });
  }
}

const noneOf = (type: string | undefined) => (type === undefined ? 'records' : `${type.toUpperCase()} records`);

const columns: Column<RecordFields>[] = [
  { header: 'name', value: ({ name }) => name, keep: true },
  { header: 'ttl', value: ({ ttl }) => ttl },
  { header: 'type', value: ({ type }) => type, keep: true },
  { header: 'data', value: ({ data }) => data },
];
