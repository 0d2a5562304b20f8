import { FILE_ONLY, loadZones, type RecordFields } from '../../../src/blocks/dns/index.js';
import { Args, type Column, DsCommand, Flags, fileFlags, resolveFile } from '../../../src/platform/cli/command.js';
import { toJson } from '../../../src/platform/cli/json.js';

/** Records rendered at once: bounds memory, and gives a terminal tables rather than single rows. */
const BATCH = 256;

export default class DnsRecordList extends DsCommand {
  static override summary = 'list the records of a zone, of all zones, or below a name';
  static override description =
    `In canonical order, the SOA first; a zone of millions of records streams by. Without a name all zones are listed.

Pipes get name, TTL in seconds, type and data between tabs. --json prints one object a line: {zone, name, ttl, type, data}.

Exit codes: 0 done; 1 there is none, or no zone here holds the name; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'A zone',
      command: `<%= config.bin %> dns record set api.shop.test A 10.0.0.7 --create
<%= config.bin %> <%= command.id %> shop.test`,
    },
    {
      description: 'What is at and below a name',
      command: '<%= config.bin %> <%= command.id %> api.shop.test',
    },
    {
      description: 'How many records of each type there are',
      command: '<%= config.bin %> <%= command.id %> | cut -f3 | sort | uniq -c',
    },
    { description: 'All addresses', command: '<%= config.bin %> <%= command.id %> --type A --type AAAA | cut -f1,4' },
  ];
  static override args = {
    name: Args.string({ description: 'zone, or a name in one: everything at and below it (default: all zones)' }),
  };
  static override flags = {
    ...fileFlags('dns', FILE_ONLY),
    type: Flags.string({
      char: 't',
      multiple: true,
      helpValue: 'TYPE',
      description: 'only this type; may be repeated',
    }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(DnsRecordList);
    const dns = await loadZones();
    const types = flags.type?.map(dns.readRecordType);
    const name = args.name === undefined ? undefined : dns.readTypedName(args.name);
    return dns.withStore(resolveFile(flags, 'dns', this.context), this.context.clock, async ({ zones }) => {
      let listed = 0;
      for (const [zone, records] of dns.listRecords(zones, { name, types, most: BATCH })) {
        listed += records.length;
        await this.show(zone.toString(), records.map(dns.recordFields));
      }
      if (listed === 0) this.out.note(this.sayNone(name === undefined && types === undefined));
      return listed > 0 ? 0 : 1;
    });
  }

  private sayNone(all: boolean): string {
    return all
      ? 'there are no records yet; try: ds dns record set api.shop.test A 10.0.0.7 --create'
      : 'there are no such records; the zones: ds dns zone list';
  }

  private async show(zone: string, records: readonly RecordFields[]): Promise<void> {
    const lines = this.out.json ? records.map((record) => `${toJson({ zone, ...record })}\n`) : [];
    if (!this.out.json) this.out.table(columns, records);
    // Lets signals through, too.
    await this.out.bytes(lines.join(''));
  }
}

const columns: Column<RecordFields>[] = [
  { header: 'name', value: ({ name }) => name, keep: true },
  { header: 'ttl', value: ({ ttl }) => ttl },
  { header: 'type', value: ({ type }) => type, keep: true },
  { header: 'data', value: ({ data }) => data },
];
