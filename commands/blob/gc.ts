import { FILE_ONLY, loadReport, withBlobFile } from '../../src/blocks/blob/index.js';
import { DsCommand, durationFlag, fileFlags, resolveFile } from '../../src/platform/cli/command.js';
import { exitCodeOf } from '../../src/platform/cli/exit-codes.js';
import { LateSpinner } from '../../src/platform/cli/late-spinner.js';
import { formatSize } from '../../src/platform/units.js';

export default class BlobGc extends DsCommand {
  static override summary = 'give back the space of what nothing refers to any more';
  static override description =
    `Contents of deleted objects, chunks that no content has, and packs that are mostly garbage, which are rewritten. It works in small steps beside
everything else: reading and writing go on, and what is broken off is gone on with by the next run. ds blob serve does it by itself.

What was deleted less than --grace ago stays, because another process may be reading it.

Pipes get a name and a number on each line, between tabs. --json: {freed_bytes, contents, chunks, packs, rewritten_packs,
dead_writers, damaged_packs}.

Exit codes: 0 done; 2 bad input; 4 the store failed, or a pack is damaged; 130 interrupted.`;
  static override examples = [
    {
      description: 'After a deletion',
      command: `<%= config.bin %> blob bucket create tmp
head -c 300000 /dev/urandom | <%= config.bin %> blob put - tmp/big
<%= config.bin %> blob delete tmp/big
<%= config.bin %> <%= command.id %> --grace 0`,
    },
    { description: 'As the daemon does it', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'How much was it?',
      command: '<%= config.bin %> <%= command.id %> | awk \'$1 == "freed_bytes" {print $2}\'',
    },
  ];
  static override flags = {
    ...fileFlags('blob', FILE_ONLY),
    grace: durationFlag({ default: 900_000, description: 'keep what was deleted more lately than this' }),
  };

  protected async execute(): Promise<number | undefined> {
    const { flags } = await this.parse(BlobGc);
    const path = resolveFile(flags, 'blob', this.context);
    const spinner = new LateSpinner(this.out);
    const { gcJson } = await loadReport();
    const result = await withBlobFile(path, this.context, ({ contents }) =>
      contents.gc({
        graceMs: flags.grace,
        signal: this.context.signal,
        onProgress: ({ freedBytes }) => spinner.show(`${formatSize(freedBytes)} freed`),
      }),
    ).finally(() => spinner.stop());
    this.out.document(gcJson(result), () => {
      if (this.out.isTerminal) {
        const { freedBytes, contents, packs } = result;
        this.out.line(`${formatSize(freedBytes)} freed: ${contents} contents, ${packs} packs`);
      } else for (const [name, value] of Object.entries(gcJson(result))) this.out.line(`${name}\t${value}`);
    });
    if (result.damagedPacks === 0) return undefined;
    this.out.warn(`${result.damagedPacks} packs are damaged and stay: ds blob scrub tells which objects`);
    return exitCodeOf('storage');
  }
}
