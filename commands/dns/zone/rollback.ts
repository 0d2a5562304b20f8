import { FILE_ONLY, loadZones } from '../../../src/blocks/dns/index.js';
import {
  Args,
  DsCommand,
  Flags,
  fileFlags,
  resolveFile,
  sameTarget,
  uint32Arg,
} from '../../../src/platform/cli/command.js';
import { confirm } from '../../../src/platform/cli/confirm.js';
import { cliErrors } from '../../../src/platform/cli/errors.js';

/** Lines of the difference that are shown; ds dns zone diff shows all. */
const MOST_SHOWN = 20;

export default class DnsZoneRollback extends DsCommand {
  static override summary = 'make a zone what it was at a serial';
  static override description =
    `As a new change under a new serial, since secondaries never go back to an old one; so a rollback can be taken back, too. More than
one record is asked about on a terminal, and needs --yes in a script. A running ds dns serve answers with it at once.

Pipes get zone, serial before, serial, and how many records were removed and added, between tabs. --json: {zone, changed, serial,
serial_before, removed, added, to, dry_run}; with --dry-run serial is the present one.

Exit codes: 0 done, or so already; 1 there is no such zone or serial, or its journal is gone; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'Take the last change back',
      command: `<%= config.bin %> dns record set api.shop.test A 10.0.0.7 --create
<%= config.bin %> dns record set api.shop.test A 10.0.0.8
SERIAL=$(<%= config.bin %> dns zone history shop.test | sed -n 2p | cut -f1)
<%= config.bin %> <%= command.id %> shop.test "$SERIAL" --yes`,
    },
    {
      description: 'What would it change?',
      command:
        '<%= config.bin %> <%= command.id %> shop.test "$(<%= config.bin %> dns zone history shop.test | sed -n 2p | cut -f1)" --dry-run',
    },
    {
      description: 'Back to how it began',
      command:
        '<%= config.bin %> <%= command.id %> shop.test "$(<%= config.bin %> dns zone history shop.test | tail -n 1 | cut -f1)" --yes --json',
    },
  ];
  static override args = {
    zone: Args.string({ required: true, description: 'zone: shop.test' }),
    serial: uint32Arg({ required: true, description: 'as ds dns zone history tells it' }),
  };
  static override flags = {
    ...fileFlags('dns', FILE_ONLY),
    comment: Flags.string({ char: 'm', helpValue: 'TEXT', description: 'why, for ds dns zone history' }),
    'dry-run': Flags.boolean({ description: 'say what would change, and change nothing' }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(DnsZoneRollback);
    const dns = await loadZones();
    const origin = dns.readTypedName(args.zone);
    const comment = flags.comment === undefined ? {} : { comment: flags.comment };
    const dryRun = flags['dry-run'] === true;
    await dns.withStore(resolveFile(flags, 'dns', this.context), this.context.clock, async ({ zones }) => {
      const before = dns.requireZone(zones, origin, `ds dns zone list${sameTarget(flags)}`).serial;
      const coming = dns.withoutBareSerial(zones.diff(origin, before, args.serial));
      const records = coming.length;
      if (!dryRun && !flags.yes && records > 1) {
        const command = `ds dns zone rollback ${dns.shortName(origin)} ${args.serial} --yes${sameTarget(flags)}`;
        const question = `take back what changed in ${origin} since ${args.serial}, ${records} records?`;
        if (!(await confirm(question, command))) throw cliErrors.error('cli.interrupted', 'nothing was changed');
      }
      const { report, differences } = dryRun
        ? dns.foreseeChange(origin, coming, before)
        : dns.reportChange(origin, zones.rollback(origin, args.serial, comment), before);
      this.out.document({ ...report, to: args.serial, dry_run: dryRun }, () => {
        if (!this.out.isTerminal) return this.out.line(dns.changeLine(report));
        this.out.line(dryRun ? `${origin} would be as it was at ${args.serial}` : dns.sayChange(report));
        for (const difference of differences.slice(0, MOST_SHOWN)) {
          this.out.line(dns.sayDifference(difference), difference.op === 'added' ? 'green' : 'red');
        }
        const more = differences.length - MOST_SHOWN;
        if (more > 0) this.out.line(`… and ${more.toLocaleString('en-US')} more`, 'dim');
      });
    });
  }
}
