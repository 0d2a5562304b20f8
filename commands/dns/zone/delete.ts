import { FILE_ONLY, loadZones } from '../../../src/blocks/dns/index.js';
import { Args, DsCommand, Flags, fileFlags, resolveFile, sameTarget } from '../../../src/platform/cli/command.js';
import { confirm } from '../../../src/platform/cli/confirm.js';
import { cliErrors } from '../../../src/platform/cli/errors.js';

export default class DnsZoneDelete extends DsCommand {
  static override summary = 'delete a zone with its records and its history';
  static override description =
    `This cannot be taken back: export the zone first. It is asked about on a terminal, and needs --yes in a script. A running
ds dns serve no longer answers for it at once; a zone that it has by --zone-file comes back when it starts again.

Pipes get zone, last serial and how many records it had, between tabs. --json: {zone, kind, serial, records}.

Exit codes: 0 deleted; 1 there is no such zone; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'With a copy that can be imported again',
      command: `<%= config.bin %> dns record set api.shop.test A 10.0.0.7 --create
<%= config.bin %> dns zone export shop.test > shop.test.zone
<%= config.bin %> <%= command.id %> shop.test --yes`,
    },
    {
      description: 'In a script',
      command: `<%= config.bin %> dns zone import shop.test.zone
<%= config.bin %> <%= command.id %> shop.test --yes --quiet`,
    },
    {
      description: 'Those of a file of its own',
      command: `<%= config.bin %> dns zone import shop.test.zone --db test.db
<%= config.bin %> <%= command.id %> shop.test --yes --db test.db --json`,
    },
  ];
  static override args = { zone: Args.string({ required: true, description: 'zone: shop.test' }) };
  static override flags = {
    ...fileFlags('dns', FILE_ONLY),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(DnsZoneDelete);
    const dns = await loadZones();
    const origin = dns.readTypedName(args.zone);
    await dns.withStore(resolveFile(flags, 'dns', this.context), this.context.clock, async ({ zones }) => {
      const { records } = dns.requireZone(zones, origin, `ds dns zone list${sameTarget(flags)}`);
      if (!flags.yes) {
        const command = `ds dns zone delete ${dns.shortName(origin)} --yes${sameTarget(flags)}`;
        const question = `delete the zone ${origin} with ${records.toLocaleString('en-US')} records and its history?`;
        if (!(await confirm(question, command))) throw cliErrors.error('cli.interrupted', 'nothing was deleted');
      }
      const gone = zones.delete(origin);
      const zone = gone.origin.toString();
      this.out.document({ zone, kind: gone.kind, serial: gone.serial, records: gone.records }, () => {
        if (!this.out.isTerminal) return this.out.line([zone, gone.serial, gone.records].join('\t'));
        this.out.line(
          `${zone} is deleted: ${gone.records.toLocaleString('en-US')} records, last serial ${gone.serial}`,
        );
      });
    });
  }
}
