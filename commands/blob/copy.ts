import {
  blobUrl,
  type Copied,
  conditionFlags,
  loadBulk,
  loadReport,
  objectFlags,
  readBucketPrefix,
  readConditionFlags,
  readObjectFlags,
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

export default class BlobCopy extends DsCommand {
  static override strict = false;
  static override summary = 'copy objects, within a store or to another one';
  static override description =
    `SOURCE… TARGET; where the target ends with a slash, or is a bucket, each copy is called as its source. A key with *, ?, [...] or {a,b} is a
pattern (quote it for the shell): copies have what the keys have after the last slash before it.

Within a store no byte is copied. Headers, metadata and tags go along; a --content-type, another header or --metadata replaces all headers and
metadata, --tag all tags. Onto itself an object is copied only with a header or metadata, or as --version-id.

A line each: pipes get the copy's place, bytes, ETag, version and source, between tabs. --json: {source: {bucket, key, version_id}, bucket,
key, size_bytes, etag, modified_at, version_id, checksum}.

Exit codes: 0 all copied; 1 there is no such object or bucket, or a condition did not hold; 2 bad input; 3 a server could not be reached, or
refused; 4 a store failed; 130 interrupted. What was told before is stored.`;
  static override examples = [
    {
      description: 'One',
      command: `<%= config.bin %> blob bucket create photos
echo hello | <%= config.bin %> blob put - photos/2026/hello.txt
<%= config.bin %> <%= command.id %> photos/2026/hello.txt photos/copy.txt`,
    },
    {
      description: 'All of a kind',
      command: "<%= config.bin %> <%= command.id %> 'photos/2026/*.txt' photos/texts/",
    },
    {
      description: 'Another content type, in place',
      command: '<%= config.bin %> <%= command.id %> photos/copy.txt photos/copy.txt --content-type text/markdown',
    },
    {
      description: 'To another file',
      command: `<%= config.bin %> blob bucket create photos --db other.db
<%= config.bin %> <%= command.id %> photos/copy.txt photos/ --to-db other.db`,
    },
  ];
  static override args = {
    source: Args.string({ required: true, description: 'BUCKET/KEY or BUCKET/PATTERN; several may follow' }),
    target: Args.string({ required: true, description: 'BUCKET/KEY; BUCKET/PREFIX/ for several' }),
  };
  static override flags = {
    ...targetFlags('blob'),
    ...toTargetFlags(),
    'version-id': Flags.string({ helpValue: 'ID', description: 'this version of the source' }),
    literal: Flags.boolean({ description: 'keys are no patterns, whatever characters they have' }),
    ...textFlags({ ...objectFlags, 'content-type': { value: 'TYPE', about: 'media type' } }),
    ...textFlags(conditionFlags),
  };

  protected async execute(): Promise<void> {
    const { argv, flags } = await this.parse(BlobCopy);
    const from = resolveTarget(flags, 'blob', this.context, blobUrl);
    const to = resolveToTarget(flags, from, 'blob', this.context, blobUrl);
    const typed = argv.map(String);
    const { headers, metadata, tags } = readObjectFlags(flags);
    const query = {
      sources: typed.slice(0, -1).map((text) => readPlace(text, flags['version-id'])),
      target: readBucketPrefix(typed.at(-1) ?? ''),
      literal: flags.literal || flags['version-id'] !== undefined,
      conditions: readConditionFlags(flags),
      ...(headers || metadata ? { replace: { headers: headers ?? {}, metadata: metadata ?? {} } } : {}),
      ...(tags === undefined ? {} : { tags }),
      move: false,
    };
    const { copyMany } = await loadBulk();
    const bar = new TransferBar(this.out, this.context.clock);
    const context = transferContext(from, this.context, bar.over(typed[0] ?? ''));
    await withBlobPair([from, to], this.context, async (ends) => {
      for await (const copied of copyMany(ends, query, context)) {
        await bar.stop();
        await this.report(copied);
      }
    }).finally(() => bar.stop());
  }

  private async report(copied: Copied): Promise<void> {
    const { copiedLine } = await loadReport();
    const { json, cells, destination, aside } = copiedLine(copied, 'from');
    if (this.out.json) this.out.item(json, '');
    else if (this.out.isTerminal) this.out.styled(destination, ['dim', `  ${aside}`]);
    else this.out.record(cells);
  }
}
