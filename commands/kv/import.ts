import { kvUrl, loadTransfer, withChannel } from '../../src/blocks/kv/index.js';
import { Args, DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { openInput } from '../../src/platform/cli/input.js';

export default class KvImport extends DsCommand {
  static override summary = 'store what ds kv export wrote';
  static override description =
    `Keys that are there already are replaced. A thousand keys are one transaction, which is made whole or not at all; of an input with a line
that cannot be read what stands before it may be stored. Keys that have expired since are left out.

Pipes get keys stored and keys left out, between tabs. --json: {keys, expired}.

Exit codes: 0 all stored; 2 bad input, or a line that cannot be read; 3 the server could not be reached; 4 the store failed.`;
  static override examples = [
    {
      description: 'A line from anywhere',
      command: `echo '{"key":"greeting","type":"string","value":"hello"}' | <%= config.bin %> <%= command.id %> -`,
    },
    {
      description: 'What was exported',
      command: '<%= config.bin %> kv export > all.ndjson\n<%= config.bin %> <%= command.id %> all.ndjson --db copy.db',
    },
    {
      description: 'Out of a Redis',
      command:
        '<%= config.bin %> kv export --url redis://127.0.0.1:6379 | <%= config.bin %> <%= command.id %> - --json',
    },
  ];
  static override args = { file: Args.string({ required: true, description: 'file to read, or - for stdin' }) };
  static override flags = { ...targetFlags('kv') };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(KvImport);
    const target = resolveTarget(flags, 'kv', this.context, kvUrl);
    const { stream, size } = openInput(args.file);
    const { importRecords } = await loadTransfer();
    const progress = await this.out.progress('import', size);
    const { keys, expired } = await withChannel(target, this.context, (channel) =>
      importRecords(channel, this.context.clock, progress.over(stream)),
    ).finally(() => {
      stream.destroy();
      progress.stop();
    });
    this.out.document({ keys, expired }, () => {
      if (!this.out.isTerminal) this.out.record([keys, expired]);
      else {
        const late = expired === 0 ? '' : `, ${expired.toLocaleString('en-US')} expired and left out`;
        this.out.line(`${keys.toLocaleString('en-US')} keys stored${late}`);
      }
    });
  }
}
