import { FILE_ONLY, loadZones } from '../../../src/blocks/dns/index.js';
import { Args, DsCommand, fileFlags, resolveFile } from '../../../src/platform/cli/command.js';
import { cliErrors } from '../../../src/platform/cli/errors.js';

/** Characters written at once. */
const CHUNK = 65_536;

export default class DnsZoneExport extends DsCommand {
  static override summary = 'print a zone as a master file';
  static override description =
    `RFC 1035, section 5: what BIND, Knot, NSD and ds dns zone import read. Names are relative to the zone, in canonical order, the SOA
first. All of it is of one state, whoever changes the zone meanwhile, and streams, however large the zone is.

A terminal, a pipe and a file get the same. There is no --json: ds dns record list has that.

Exit codes: 0 done; 1 there is no such zone; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'Look at it',
      command: `<%= config.bin %> dns record set api.shop.test A 10.0.0.7 --create
<%= config.bin %> <%= command.id %> shop.test`,
    },
    {
      description: 'Edit it as a file',
      command: `<%= config.bin %> <%= command.id %> shop.test > shop.test.zone
echo 'www CNAME api' >> shop.test.zone
<%= config.bin %> dns zone import shop.test.zone`,
    },
    {
      description: 'A copy under another name',
      command:
        '<%= config.bin %> <%= command.id %> shop.test | sed 1d | <%= config.bin %> dns zone import - --origin stage.test',
    },
  ];
  static override args = { zone: Args.string({ required: true, description: 'zone: shop.test' }) };
  static override flags = { ...fileFlags('dns', FILE_ONLY) };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(DnsZoneExport);
    if (flags.json) {
      throw cliErrors.error('usage.conflict', 'a master file is text, and no JSON', {
        hint: `ds dns record list ${args.zone} --json`,
      });
    }
    const dns = await loadZones();
    const origin = dns.readTypedName(args.zone);
    await dns.withStore(resolveFile(flags, 'dns', this.context), this.context.clock, async ({ zones }) => {
      let text = '';
      for (const line of dns.printMasterFile(zones.records(origin), { origin })) {
        text += `${line}\n`;
        if (text.length < CHUNK) continue;
        await this.out.bytes(text);
        text = '';
      }
      await this.out.bytes(text);
    });
  }
}
