import { bytesOf, encodeBytes, kvUrl, readTarget, typedBytes, withStore } from '../../src/blocks/kv/index.js';
import { Args, DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { isoTime } from '../../src/platform/relative-time.js';

const NEWLINE = 10;

export default class KvGet extends DsCommand {
  static override summary = 'write the value of a key to stdout';
  static override description =
    `Pipes and files get the bytes exactly as they are stored, without a line end behind them. On a terminal control characters are escaped.

--json: {key, value, revision, expires_at}; bytes that are not UTF-8 are {"base64": "…"}. A Redis has no revisions.

Exit codes: 0 written; 1 there is no such key; 2 bad input, or the key holds a collection; 3 the server could not be reached; 4 the store
failed.`;
  static override examples = [
    {
      description: 'What was put there',
      command: '<%= config.bin %> kv put greeting hello\n<%= config.bin %> <%= command.id %> greeting',
    },
    { description: 'To a file, to the byte', command: '<%= config.bin %> <%= command.id %> greeting > greeting.bin' },
    { description: 'With its revision', command: '<%= config.bin %> <%= command.id %> greeting --json' },
    {
      description: 'From a Redis, a Valkey, or ds kv serve',
      command: `<%= config.bin %> kv put greeting hello --url redis://127.0.0.1:6379
<%= config.bin %> <%= command.id %> greeting --url redis://127.0.0.1:6379`,
    },
  ];
  static override args = { key: Args.string({ required: true, description: 'the key' }) };
  static override flags = { ...targetFlags('kv') };

  protected async execute(): Promise<number | undefined> {
    const { args, flags } = await this.parse(KvGet);
    const target = readTarget(resolveTarget(flags, 'kv', this.context, kvUrl), flags);
    const found = await withStore(target, this.context, (store) => store.get(typedBytes(args.key)));
    if (found === undefined) {
      if (this.out.isTerminal) this.out.note(`there is no key ${JSON.stringify(args.key)}`);
      return 1;
    }
    const { value, revision, expiresAt } = found;
    if (!this.out.json) return this.write(bytesOf(value));
    this.out.document(
      {
        key: args.key,
        value: encodeBytes(value),
        ...(revision === undefined ? {} : { revision }),
        ...(expiresAt === undefined ? {} : { expires_at: isoTime(expiresAt) }),
      },
      () => {},
    );
    return undefined;
  }

  private async write(value: Buffer): Promise<undefined> {
    if (!this.out.isTerminal) await this.out.bytes(value);
    else await this.out.lines(value.at(-1) === NEWLINE ? value : Buffer.concat([value, Buffer.from('\n')]));
  }
}
