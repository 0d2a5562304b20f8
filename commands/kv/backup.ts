import { backUp } from '../../src/blocks/kv/index.js';
import { Args, DsCommand, fileFlags, resolveFile } from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { formatSize } from '../../src/platform/units.js';

export default class KvBackup extends DsCommand {
  static override summary = 'copy the store while it is used';
  static override description =
    `One state of all of it, whoever writes meanwhile, in a file that ds kv uses as it is: --db FILE. It is written under another name, flushed
to disk, and renamed; an earlier backup of that name is replaced. All databases are in it.

Pipes get file and bytes, between tabs. --json: {file, size_bytes}.

Exit codes: 0 copied; 2 bad input, FILE is the store itself, or $DS_KV_URL names a server and there is no --db; 4 there is no store, or it cannot be read, or the copy cannot be written.`;
  static override examples = [
    {
      description: 'Beside the store',
      command: '<%= config.bin %> kv put greeting hello\n<%= config.bin %> <%= command.id %> kv.backup.db',
    },
    { description: 'It is a store itself', command: '<%= config.bin %> kv get greeting --db kv.backup.db' },
    { description: 'Once more, for a program', command: '<%= config.bin %> <%= command.id %> kv.backup.db --json' },
  ];
  static override args = { file: Args.string({ required: true, description: 'file to write' }) };
  static override flags = fileFlags('kv', 'a server has its own way to be copied; ds kv export reads any of them');

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(KvBackup);
    const url = this.context.env['DS_KV_URL'] ?? '';
    if (flags.db === undefined && url !== '') {
      // Another store than the one that all other commands of this shell work on would be copied.
      throw cliErrors.error('usage.conflict', 'DS_KV_URL names a server, which has its own way to be copied', {
        hint: 'a file is named with --db PATH; ds kv export reads a server',
      });
    }
    if (args.file === '-') {
      throw cliErrors.error('usage.conflict', 'a backup is a file: it cannot be written to stdout', {
        hint: 'ds kv backup ./kv.backup.db; ds kv export writes to stdout',
      });
    }
    const { path, bytes } = await backUp(resolveFile(flags, 'kv', this.context), args.file, this.context);
    this.out.document({ file: path, size_bytes: bytes }, () => {
      if (this.out.isTerminal) this.out.styled(path, ['dim', `  ${formatSize(bytes)}`]);
      else this.out.record([path, bytes]);
    });
  }
}
