import {
  blobUrl,
  type Copied,
  conditionFlags,
  loadBulk,
  loadReport,
  readBucketPrefix,
  readConditionFlags,
  readPlace,
  transferContext,
  withBlobPair,
} from '../../src/blocks/blob/index.js';
import {
  Args,
  DsCommand,
  Flags,
  resolveTarget,
  resolveToTarget,
  targetFlags,
  textFlags,
  toTargetFlags,
} from '../../src/platform/cli/command.js';
import { TransferBar } from '../../src/platform/cli/transfer-bar.js';

export default class BlobMove extends DsCommand {
  static override strict = false;
  static override summary = 'move or rename objects, within a store or to another one';
  static override description =
    `As ds blob copy, and each object is deleted where it was once its copy is stored: a move that is broken off leaves both. One that was put anew
meanwhile stays. In a bucket with versions the old place gets a delete marker.

A line each: pipes get the new place, bytes, ETag, version and the old place, between tabs. --json: {source: {bucket, key}, bucket, key,
size_bytes, etag, modified_at, version_id, checksum}.

Exit codes: 0 all moved; 1 there is no such object or bucket, or a condition did not hold; 2 bad input; 3 a server could not be reached, or
refused; 4 a store failed; 130 interrupted. What was told before is moved.`;
  static override examples = [
    {
      description: 'Rename one',
      command: `<%= config.bin %> blob bucket create photos
echo hello | <%= config.bin %> blob put - photos/hello.txt
<%= config.bin %> <%= command.id %> photos/hello.txt photos/2026/hello.txt`,
    },
    { description: 'All of a kind', command: "<%= config.bin %> <%= command.id %> 'photos/2026/*.txt' photos/texts/" },
    {
      description: 'To another file, unless it is there',
      command: `<%= config.bin %> blob bucket create photos --db other.db
<%= config.bin %> <%= command.id %> photos/texts/hello.txt photos/ --to-db other.db --if-none-match '*'`,
    },
  ];
  static override args = {
    source: Args.string({ required: true, description: 'BUCKET/KEY or BUCKET/PATTERN; several may follow' }),
    target: Args.string({ required: true, description: 'BUCKET/KEY; BUCKET/PREFIX/ for several' }),
  };
  static override flags = {
    ...targetFlags('blob'),
    ...toTargetFlags(),
    literal: Flags.boolean({ description: 'keys are no patterns, whatever characters they have' }),
    ...textFlags(conditionFlags),
  };

  protected async execute(): Promise<void> {
    const { argv, flags } = await this.parse(BlobMove);
    const from = resolveTarget(flags, 'blob', this.context, blobUrl);
    const to = resolveToTarget(flags, from, 'blob', this.context, blobUrl);
    const typed = argv.map(String);
    const query = {
      sources: typed.slice(0, -1).map((text) => readPlace(text)),
      target: readBucketPrefix(typed.at(-1) ?? ''),
      literal: flags.literal,
      conditions: readConditionFlags(flags),
      move: true,
    };
    const { copyMany } = await loadBulk();
    const bar = new TransferBar(this.out, this.context.clock);
    const context = transferContext(from, this.context, bar.over(typed[0] ?? ''));
    await withBlobPair([from, to], this.context, async (ends) => {
      for await (const moved of copyMany(ends, query, context)) {
        await bar.stop();
        await this.report(moved);
      }
    }).finally(() => bar.stop());
  }

  private async report(moved: Copied): Promise<void> {
    const { copiedLine } = await loadReport();
    const { json, cells, destination, aside } = copiedLine(moved, 'was');
    if (this.out.json) this.out.item(json, '');
    else if (this.out.isTerminal) this.out.styled(destination, ['dim', `  ${aside}`]);
    else this.out.record(cells);
  }
}
