import { FILE_ONLY, loadZones } from '../../../src/blocks/dns/index.js';
import { Args, DsCommand, Flags, fileFlags, quoteForShell, resolveFile } from '../../../src/platform/cli/command.js';

export default class DnsRecordSet extends DsCommand {
  static override strict = false;
  static override summary = 'set the records of a name and type';
  static override description =
    `Replaces what the name has of this type; several values make several records. NAME is written in full, with or without the dot at
its end; so are names within values. The serial is bumped, the change kept in the zone's history, and a running ds dns serve
answers with it at once.

A value is an argument: A 10.0.0.1 10.0.0.2, MX '10 mail.shop.test', in the words of a master file. Arguments that are no values by
themselves are taken as the words of one: MX 10 mail.shop.test. Text is taken as it is, semicolons and spaces too: TXT 'v=spf1 -all';
one that begins with a double quote is strings of a master file. After -- a value may begin with a dash.

--create makes a zone when none here holds the name: the name without its first label (api.shop.test: shop.test; shop.test is one by
itself), or --zone. It gets an SOA record and localhost as its name server.

Pipes get zone, serial before, serial, and how many records were removed and added, between tabs. --json: {zone, changed, serial,
serial_before, removed, added, created, name, type, ttl, values}; values are all that the name now has of the type.

Exit codes: 0 done, or so already; 1 no zone here holds the name; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'The first record of a new zone',
      command: '<%= config.bin %> <%= command.id %> api.shop.test A 10.0.0.7 --ttl 60 --create',
    },
    {
      description: 'Two addresses in its place, then a third',
      command: `<%= config.bin %> <%= command.id %> api.shop.test A 10.0.0.7 10.0.0.8
<%= config.bin %> <%= command.id %> api.shop.test A 10.0.0.9 --add`,
    },
    {
      description: 'Mail, and who may send it',
      command: `<%= config.bin %> <%= command.id %> shop.test MX 10 mail.shop.test
<%= config.bin %> <%= command.id %> shop.test TXT 'v=spf1 mx -all'`,
    },
    {
      description: 'In a script: the serial of the zone then',
      command:
        "<%= config.bin %> <%= command.id %> _http._tcp.shop.test SRV '0 5 8080 api.shop.test' '1 5 8080 www.shop.test' | cut -f3",
    },
  ];
  static override args = {
    name: Args.string({ required: true, description: 'name in full: www.shop.test' }),
    type: Args.string({ required: true, description: 'A, AAAA, CNAME, MX, TXT, SRV … or TYPE65280' }),
    value: Args.string({ required: true, description: 'data of a record; several may follow' }),
  };
  static override flags = {
    ...fileFlags('dns', FILE_ONLY),
    ttl: Flags.string({
      helpValue: 'SECONDS',
      description: 'how long answers may be kept: 60, 5m, 1h (default: as before, else that of the SOA)',
    }),
    add: Flags.boolean({ description: 'keep what is there' }),
    create: Flags.boolean({ description: 'make a zone when none here holds the name' }),
    zone: Flags.string({ helpValue: 'ZONE', description: 'the zone, where zones lie within each other' }),
    comment: Flags.string({ char: 'm', helpValue: 'TEXT', description: 'why, for ds dns zone history' }),
  };

  protected async execute(): Promise<void> {
    const { args, argv, flags } = await this.parse(DnsRecordSet);
    const dns = await loadZones();
    const type = dns.readRecordType(args.type);
    const { rdatas, topLevelTargets } = dns.readTypedValues(type, argv.slice(2).map(String));
    const set = {
      name: dns.readTypedName(args.name),
      type,
      rdatas,
      zone: flags.zone === undefined ? undefined : dns.readTypedName(flags.zone),
      ttl: flags.ttl === undefined ? undefined : dns.readTtl(flags.ttl),
      add: flags.add,
      create: flags.create,
      comment: flags.comment,
    };
    const hint = `ds dns record set ${this.argv.map(quoteForShell).join(' ')} --create`;
    await dns.withStore(resolveFile(flags, 'dns', this.context), this.context.clock, ({ zones }) => {
      const { zone, created, serialBefore, result, now } = dns.setRecords(zones, set, hint);
      const { report, differences } = dns.reportChange(zone, result, serialBefore);
      this.out.document({ ...report, created, ...dns.setFields(now) }, () => {
        if (!this.out.isTerminal) return this.out.line(dns.changeLine(report));
        this.out.line(`${created ? `made the zone ${report.zone}; ` : ''}${dns.sayChange(report)}`);
        for (const difference of differences) {
          this.out.line(dns.sayDifference(difference), difference.op === 'added' ? 'green' : 'red');
        }
      });
    });
    for (const target of topLevelTargets) {
      this.out.warn(
        `"${target}" stands for the top level name "${target}.": names are written in full, as ${target}.shop.test`,
      );
    }
  }
}
