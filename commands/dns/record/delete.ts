import { FILE_ONLY, loadZones } from '../../../src/blocks/dns/index.js';
import {
  Args,
  DsCommand,
  Flags,
  fileFlags,
  quoteForShell,
  resolveFile,
  sameTarget,
} from '../../../src/platform/cli/command.js';
import { confirm } from '../../../src/platform/cli/confirm.js';
import { cliErrors } from '../../../src/platform/cli/errors.js';

export default class DnsRecordDelete extends DsCommand {
  static override strict = false;
  static override summary = 'delete records of a name';
  static override description =
    `All that the name has, those of a type, or those with the data given, which is written as for ds dns record set. The SOA and NS
records of a zone's origin stay when only the name is given. More than one record is asked about on a terminal, and needs --yes in
a script. What is gone can be had back: ds dns zone rollback.

Pipes get zone, serial before, serial, and how many records were removed and added, between tabs. --json: {zone, changed, serial,
serial_before, removed, added, records: [{name, ttl, type, data}]}.

Exit codes: 0 deleted; 1 there is no such record, or no zone here holds the name; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'A record that is the only one',
      command: `<%= config.bin %> dns record set old.shop.test A 10.0.0.7 --create
<%= config.bin %> <%= command.id %> old.shop.test A`,
    },
    {
      description: 'One of two addresses',
      command: `<%= config.bin %> dns record set api.shop.test A 10.0.0.7 10.0.0.8
<%= config.bin %> <%= command.id %> api.shop.test A 10.0.0.7`,
    },
    {
      description: 'Everything that a name has',
      command: `<%= config.bin %> dns record set api.shop.test TXT 'to be removed'
<%= config.bin %> <%= command.id %> api.shop.test --yes`,
    },
  ];
  static override args = {
    name: Args.string({ required: true, description: 'name in full: www.shop.test' }),
    type: Args.string({ description: 'A, MX, TXT … (default: all)' }),
    value: Args.string({ description: 'data of a record; several may follow (default: all of the type)' }),
  };
  static override flags = {
    ...fileFlags('dns', FILE_ONLY),
    zone: Flags.string({ helpValue: 'ZONE', description: 'the zone, where zones lie within each other' }),
    comment: Flags.string({ char: 'm', helpValue: 'TEXT', description: 'why, for ds dns zone history' }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  protected async execute(): Promise<number> {
    const { args, argv, flags } = await this.parse(DnsRecordDelete);
    const dns = await loadZones();
    const type = args.type === undefined ? undefined : dns.readRecordType(args.type);
    const values = argv.slice(2).map(String);
    const selection = {
      name: dns.readTypedName(args.name),
      type,
      zone: flags.zone === undefined ? undefined : dns.readTypedName(flags.zone),
      rdatas: type === undefined || values.length === 0 ? undefined : dns.readTypedValues(type, values).rdatas,
    };
    return dns.withStore(resolveFile(flags, 'dns', this.context), this.context.clock, async ({ zones }) => {
      const zone = dns.zoneOf(zones, selection, `ds dns zone list${sameTarget(flags)}`);
      const records = dns.selectRecords(zone, selection);
      if (records.length > 1 && !flags.yes) await this.ask(records.length, args.name);
      const before = zones.get(zone.origin)?.serial ?? 0;
      const result = dns.deleteRecords(zones, zone, records, flags.comment);
      const { report, differences } = dns.reportChange(zone.origin, result, before);
      this.out.document({ ...report, records: records.map(dns.recordFields) }, () => {
        if (records.length === 0) return this.out.note(`${selection.name} has no such record in ${zone.origin}`);
        if (!this.out.isTerminal) return this.out.line(dns.changeLine(report));
        this.out.line(dns.sayChange(report));
        for (const difference of differences) this.out.line(dns.sayDifference(difference), 'red');
      });
      return result.changed ? 0 : 1;
    });
  }

  private async ask(records: number, name: string): Promise<void> {
    const command = `ds dns record delete ${this.argv.map(quoteForShell).join(' ')} --yes`;
    if (await confirm(`delete ${records} records of ${name}?`, command)) return;
    throw cliErrors.error('cli.interrupted', 'nothing was deleted');
  }
}
