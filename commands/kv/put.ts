import {
  byteStringOf,
  kvUrl,
  MOST_VALUE_BYTES,
  readPutOptions,
  tooLarge,
  typedBytes,
  withStore,
} from '../../src/blocks/kv/index.js';
import {
  Args,
  countFlag,
  DsCommand,
  durationFlag,
  Flags,
  resolveTarget,
  targetFlags,
} from '../../src/platform/cli/command.js';
import { readTypedOrInput } from '../../src/platform/cli/input.js';

export default class KvPut extends DsCommand {
  static override summary = 'store a value under a key';
  static override description =
    `The value is the argument, which is UTF-8, or the bytes of --file or of stdin (-, or no argument in a pipe), exactly as they are; at most
8 MiB. It takes the place of whatever the key held, of any type, and of its expiry, unless a condition says otherwise. What is told is on disk.

A revision is the number of the last change of a key, among all changes of the store; 0 stands for a key that is not there.

Pipes get key and revision, between tabs. --json: {key, stored, revision}. A Redis has no revisions: --if-revision is refused there.

Exit codes: 0 stored; 1 a condition did not hold; 2 bad input; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    { description: 'For an hour', command: '<%= config.bin %> <%= command.id %> greeting hello --ttl 1h' },
    { description: 'What a program writes', command: 'date | <%= config.bin %> <%= command.id %> started -' },
    {
      description: 'A lock: only if nobody was faster',
      command: '<%= config.bin %> <%= command.id %> lock $$ --if-absent --ttl 30s',
    },
    {
      description: 'Only if nobody has changed it since it was read',
      command: `<%= config.bin %> <%= command.id %> settings '{"beta":false}'
REVISION=$(<%= config.bin %> kv get settings --json | grep -o '"revision":[0-9]*' | cut -d: -f2)
<%= config.bin %> <%= command.id %> settings '{"beta":true}' --if-revision $REVISION`,
    },
  ];
  static override args = {
    key: Args.string({ required: true, description: 'the key' }),
    value: Args.string({ description: 'the value, or - for stdin' }),
  };
  static override flags = {
    ...targetFlags('kv'),
    file: Flags.string({ helpValue: 'FILE', description: 'the value is what this file holds' }),
    ttl: durationFlag({ min: 1, description: 'the key expires after so long (default: never)' }),
    'if-absent': Flags.boolean({ description: 'only if there is no such key' }),
    'if-equals': Flags.string({ helpValue: 'VALUE', description: 'only if the key holds exactly this' }),
    'if-revision': countFlag({ min: 0, description: 'only if the key was last changed by this revision' }),
  };

  protected async execute(): Promise<number> {
    const { args, flags } = await this.parse(KvPut);
    const target = resolveTarget(flags, 'kv', this.context, kvUrl);
    const key = typedBytes(args.key);
    // What is read below takes any bytes.
    typedBytes(args.value ?? '');
    const bytes = await readTypedOrInput(args.value, flags.file, {
      most: MOST_VALUE_BYTES,
      usage: 'ds kv put KEY VALUE',
    });
    if (bytes.length > MOST_VALUE_BYTES) throw tooLarge();
    const { done, revision } = await withStore(target, this.context, (store) =>
      store.put(key, byteStringOf(bytes), readPutOptions(flags)),
    );
    const told = revision === undefined ? {} : { revision };
    this.out.document({ key: args.key, stored: done, ...told }, () => {
      if (!done) return this.out.isTerminal && this.out.note(`${args.key} was left as it is`, 'yellow');
      if (this.out.quiet) return;
      if (!this.out.isTerminal) return this.out.record([args.key, revision]);
      this.out.styled(args.key, ['dim', revision === undefined ? '  stored' : `  revision ${revision}`]);
    });
    return done ? 0 : 1;
  }
}
