import { kvUrl, readPutOptions, typedBytes, withStore } from '../../src/blocks/kv/index.js';
import { Args, DsCommand, durationFlag, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';

export default class KvCas extends DsCommand {
  static override summary = 'compare and swap: replace a value, if it is still the one expected';
  static override description =
    `In one step: nobody comes between. ds kv put has --if-absent and --if-revision besides, and takes values from files.

Pipes get key and revision, between tabs. --json: {key, swapped, revision}.

Exit codes: 0 swapped; 1 the key holds something else, or is not there; 2 bad input, or the key holds a collection; 3 the server could not be
reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'From one state to the next',
      command: `<%= config.bin %> kv put job:17 queued
<%= config.bin %> <%= command.id %> job:17 queued running`,
    },
    {
      description: 'In a script',
      command: '<%= config.bin %> <%= command.id %> job:17 running done --quiet && echo mine',
    },
    { description: 'For an hour', command: '<%= config.bin %> <%= command.id %> job:17 done kept --ttl 1h --json' },
  ];
  static override args = {
    key: Args.string({ required: true, description: 'the key' }),
    old: Args.string({ required: true, description: 'what it must hold' }),
    new: Args.string({ required: true, description: 'what it is to hold' }),
  };
  static override flags = {
    ...targetFlags('kv'),
    ttl: durationFlag({ min: 1, description: 'the key expires after so long (default: never)' }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(KvCas);
    const target = resolveTarget(flags, 'kv', this.context, kvUrl);
    const options = readPutOptions({ ...flags, 'if-equals': args.old });
    const { done, revision } = await withStore(target, this.context, (store) =>
      store.put(typedBytes(args.key), typedBytes(args.new), options),
    );
    const told = revision === undefined ? {} : { revision };
    this.out.document({ key: args.key, swapped: done, ...told }, () => {
      if (!done) return this.out.isTerminal && this.out.note(`${args.key} does not hold that`, 'yellow');
      if (this.out.quiet) return;
      if (!this.out.isTerminal) return this.out.record([args.key, revision]);
      this.out.styled(args.key, ['dim', revision === undefined ? '  swapped' : `  revision ${revision}`]);
    });
    return done ? 0 : 1;
  }
}
