import { FILE_ONLY, loadTargets } from '../../../src/blocks/dns/index.js';
import { Args, DsCommand, fileFlags, resolveFile } from '../../../src/platform/cli/command.js';

export default class DnsTargetDelete extends DsCommand {
  static override strict = false;
  static override summary = 'check a target no more';
  static override description =
    `The record stays, and is given out whatever becomes of its target: ds dns record delete removes it.
Without a value all targets of the name and type are meant.

Pipes get the data of each target, one a line; --json {name, type, deleted: [...]}.

Exit codes: 0 done; 1 there is no such target; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'One of two',
      command: `<%= config.bin %> dns target set api.shop.test A 10.0.0.7 --check tcp:8080 --create
<%= config.bin %> dns target set api.shop.test A 10.0.0.8 --check tcp:8080
<%= config.bin %> <%= command.id %> api.shop.test A 10.0.0.7`,
    },
    { description: 'The rest', command: '<%= config.bin %> <%= command.id %> api.shop.test A' },
    {
      description: 'As a document',
      command: `<%= config.bin %> dns target set api.shop.test A 10.0.0.8 --tier 1
<%= config.bin %> <%= command.id %> api.shop.test A 10.0.0.8 --json`,
    },
  ];
  static override args = {
    name: Args.string({ required: true, description: 'name in full: api.shop.test' }),
    type: Args.string({ required: true, description: 'A, AAAA or SRV' }),
    value: Args.string({ description: 'data of the record; several may follow (default: all)' }),
  };
  static override flags = { ...fileFlags('dns', FILE_ONLY) };

  protected async execute(): Promise<void> {
    const { args, argv, flags } = await this.parse(DnsTargetDelete);
    const dns = await loadTargets();
    const type = dns.readRecordType(args.type);
    const values = argv.slice(2).map(String);
    const rdatas = values.length === 0 ? [] : dns.readTypedValues(type, values).rdatas;
    const name = dns.readTypedName(args.name);
    await dns.withStore(resolveFile(flags, 'dns', this.context), this.context.clock, (store) => {
      const deleted = dns.deleteTargets(store, { name, type, rdatas });
      if (deleted.length === 0) throw dns.noSuchTarget(name, args.type);
      this.out.document({ name: name.toString(), type: args.type.toUpperCase(), deleted }, () => {
        for (const target of deleted) {
          this.out.line(this.out.isTerminal ? `${target} of ${name} is checked no more; its record stays` : target);
        }
      });
    });
  }
}
