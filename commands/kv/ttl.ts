import { kvUrl, readTarget, typedBytes, withStore } from '../../src/blocks/kv/index.js';
import { Args, DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { formatDuration } from '../../src/platform/units.js';

export default class KvTtl extends DsCommand {
  static override summary = 'tell how long until a key expires';
  static override description =
    `Pipes get milliseconds, or never. --json: {key, ttl_ms}; a key that does not expire has null.

Exit codes: 0 told; 1 there is no such key; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'Of a key that expires',
      command: '<%= config.bin %> kv put session abc --ttl 30m\n<%= config.bin %> <%= command.id %> session',
    },
    {
      description: 'Of one that does not',
      command: '<%= config.bin %> kv put greeting hello\n<%= config.bin %> <%= command.id %> greeting',
    },
    { description: 'For a program', command: '<%= config.bin %> <%= command.id %> session --json' },
  ];
  static override args = { key: Args.string({ required: true, description: 'the key' }) };
  static override flags = { ...targetFlags('kv') };

  protected async execute(): Promise<number | undefined> {
    const { args, flags } = await this.parse(KvTtl);
    const target = readTarget(resolveTarget(flags, 'kv', this.context, kvUrl), flags);
    const left = await withStore(target, this.context, (store) => store.ttl(typedBytes(args.key)));
    if (left === undefined) {
      if (this.out.isTerminal) this.out.note(`there is no key ${JSON.stringify(args.key)}`);
      return 1;
    }
    this.out.document({ key: args.key, ttl_ms: left === 'never' ? null : left }, () => {
      this.out.line(left === 'never' || !this.out.isTerminal ? String(left) : formatDuration(left));
    });
    return undefined;
  }
}
