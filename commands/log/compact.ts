import { FILE_ONLY, loadMaintenance, withEntryStore } from '../../src/blocks/log/index.js';
import { DsCommand, durationFlag, fileFlags, resolveFile, sizeFlag } from '../../src/platform/cli/command.js';
import { formatSize } from '../../src/platform/units.js';

export default class LogCompact extends DsCommand {
  static override summary = 'merge small blocks, and remove old entries';
  static override description =
    `What ds log serve does beside its work, once: small neighbours are merged into full blocks, which are compressed better. With --keep
what is older is removed first, by the time of the entries, with --max-size the oldest until the rest has no more bytes; whole blocks at
a time. ds log verify is told what was removed. Others may read and write meanwhile; readers keep what they have begun to read.

Pipes get name and number on each line, between tabs; --json: {merged_blocks, into_blocks, removed_blocks, removed_entries, removed_bytes}.

Exit codes: 0 done; 2 bad input; 4 the store failed.`;
  static override examples = [
    { description: 'Merge', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'Keep a month', command: '<%= config.bin %> <%= command.id %> --keep 30d' },
    {
      description: 'And no more than that',
      command: '<%= config.bin %> <%= command.id %> --keep 30d --max-size 20GB --json',
    },
  ];
  static override flags = {
    ...fileFlags('log', FILE_ONLY),
    keep: durationFlag({ min: 1, description: 'remove what is older' }),
    'max-size': sizeFlag({ description: 'remove the oldest until no more is stored, compressed' }),
  };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(LogCompact);
    const { applyRetention, compact, purge } = await loadMaintenance();
    const retention = { keepMs: flags.keep, mostBytes: flags['max-size'] };
    const { signal } = this.context;
    const path = resolveFile(flags, 'log', this.context);
    const { removed, done } = await withEntryStore(
      path,
      { clock: this.context.clock, mustExist: flags.db !== undefined },
      async (store) => {
        const gone = await applyRetention(store, retention);
        const merged = await compact(store, { all: true, signal });
        await purge(store);
        return { removed: gone, done: merged };
      },
    );
    const document = {
      merged_blocks: done.merged,
      into_blocks: done.merges,
      removed_blocks: removed.blocks,
      removed_entries: removed.entries,
      removed_bytes: removed.storedBytes,
    };
    this.out.document(document, () => {
      if (this.out.isTerminal) this.say(document);
      else for (const [name, value] of Object.entries(document)) this.out.record([name, value]);
    });
  }

  private say(
    done: Readonly<
      Record<'merged_blocks' | 'into_blocks' | 'removed_blocks' | 'removed_entries' | 'removed_bytes', number>
    >,
  ) {
    this.out.line(`${done.merged_blocks} blocks merged into ${done.into_blocks}`);
    if (done.removed_blocks === 0) return;
    this.out.line(
      `${done.removed_entries} entries removed, ${formatSize(done.removed_bytes)} in ${done.removed_blocks} blocks`,
    );
  }
}
