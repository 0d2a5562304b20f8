import { kvUrl, typedBytes, withStore } from '../../src/blocks/kv/index.js';
import { Args, DsCommand, Flags, invalidValue, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';

export default class KvIncr extends DsCommand {
  static override summary = 'add to a number, and print it';
  static override description =
    `A key that is not there counts as 0; one that expires keeps its time. Numbers have 64 bits with a sign.

--json: {key, value}, the value as a string.

Exit codes: 0 done; 2 bad input, or the key holds no number, or the sum does not fit; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    { description: 'One more', command: '<%= config.bin %> <%= command.id %> visits' },
    { description: 'Ten more', command: '<%= config.bin %> <%= command.id %> visits --by 10' },
    { description: 'One less', command: '<%= config.bin %> <%= command.id %> visits --by=-1 --json' },
  ];
  static override args = { key: Args.string({ required: true, description: 'the key' }) };
  static override flags = {
    ...targetFlags('kv'),
    by: Flags.string({ helpValue: 'N', default: '1', description: 'how much; --by=-1 takes one away' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(KvIncr);
    const target = resolveTarget(flags, 'kv', this.context, kvUrl);
    const by = readStep(flags.by);
    const value = await withStore(target, this.context, (store) => store.increment(typedBytes(args.key), by));
    this.out.document({ key: args.key, value }, () => this.out.line(String(value)));
  }
}

function readStep(text: string): bigint {
  if (!/^-?\d+$/.test(text)) throw invalidValue('--by', text, 'a whole number', 'write --by 10');
  const step = BigInt(text);
  if (step === BigInt.asIntN(64, step)) return step;
  throw invalidValue('--by', text, 'a number of 64 bits with a sign', 'write --by 9223372036854775807 or less');
}
