import { Asking, askFlags, loadExport } from '../../src/blocks/log/index.js';
import { AskCommand } from '../../src/platform/cli/ask-command.js';
import { Args, countFlag, Flags, targetFlags, textFlags } from '../../src/platform/cli/command.js';
import { TransferBar } from '../../src/platform/cli/transfer-bar.js';

export default class LogExport extends AskCommand {
  static override strict = false;
  static override usage = '[QUERY [FILE...]]';
  static override summary = 'write the entries of a query into a file or a pipe';
  static override description =
    `Query and files are those of ds log query; without a query it is everything that is stored, of all times. Entries are written as they are
read: memory does not grow with them. Lines go out as they are, with --format ndjson as ds log query --json has them, times to the
nanosecond. A file that ends with .gz is compressed, stdout with --gzip; a file is there when all of it is written, and replaces what was
there with --force only.

Behind an export into a file pipes get its name, the entries and its bytes, between tabs; --json: {entries, bytes, file}, which is refused
where stdout has the entries.

Exit codes: 0 done; 1 nothing was found, and no file was written; 2 bad input, or a file that is there or cannot be made; 3 the server could not be reached, or refused; 4 the store
failed, or the file could not be written, or blocks are damaged: what they had is missing, and --json has {error: {code, message, hint}},
too.`;
  static override examples = [
    {
      description: 'Lines of the store as they were',
      command: `echo 'level=info msg=ok' > app.log
<%= config.bin %> log ship --once app.log
<%= config.bin %> <%= command.id %> '{filename=~".*app.log"}'`,
    },
    {
      description: 'All of it, with labels',
      command: "<%= config.bin %> <%= command.id %> '{}' -o all.ndjson.gz --format ndjson",
    },
    {
      description: 'What a query makes of lines, of the last week',
      command: `<%= config.bin %> <%= command.id %> '{} | logfmt | line_format "{{.msg}}"' --since 7d`,
    },
  ];
  static override args = { query: Args.string({ description: 'LogQL, or a text (default: all); files may follow' }) };
  static override flags = {
    ...targetFlags('log'),
    ...textFlags({ ...askFlags, since: { ...askFlags.since, byDefault: 'the beginning' } }),
    output: Flags.string({ char: 'o', default: '-', helpValue: 'FILE', description: 'file to write; - is stdout' }),
    format: Flags.option({ options: ['raw', 'ndjson'] as const, default: 'raw', description: 'of an entry' })(),
    gzip: Flags.boolean({ description: 'compress (default: where the name of the file ends with .gz)' }),
    force: Flags.boolean({ description: 'replace the file that is there' }),
    limit: countFlag({ description: 'entries at the most (default: all)' }),
  };

  protected async execute(): Promise<number> {
    const { argv, flags } = await this.parse(LogExport);
    const asking = this.ask(Asking, argv, flags);
    const range = asking.range('all');
    const { exportEntries } = await loadExport();
    const { output, format, force, limit } = flags;
    const gzip = flags.gzip || output.endsWith('.gz');
    const bar = new TransferBar(this.out, this.context.clock);
    const show = bar.over('export');
    const to = {
      path: output,
      format,
      gzip,
      force,
      stdout: (bytes: Uint8Array) => (gzip ? this.out.bytes(bytes) : this.out.lines(bytes)),
      json: this.out.json,
      onProgress: (done: number) => show({ done, total: undefined }),
    };
    const { entries, bytes } = await asking
      .use(({ store }) =>
        exportEntries(
          store.entries({ query: asking.query, ...range, direction: 'forward', ...(limit !== undefined && { limit }) }),
          to,
        ),
      )
      .finally(() => bar.stop());
    if (output !== '-' && entries > 0) {
      asking.document({ entries, bytes, file: output }, () => {
        if (this.out.isTerminal) this.out.line(`${entries} entries are in ${output}`);
        else this.out.record([output, entries, bytes]);
      });
    }
    return asking.end(entries > 0);
  }
}
