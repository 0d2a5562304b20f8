import {
  type BucketInfo,
  blobUrl,
  type ListRow,
  loadPages,
  loadReport,
  type ObjectPage,
  readBucketPrefix,
  withBlobs,
} from '../../src/blocks/blob/index.js';
import { Args, DsCommand, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { limitFlag, mostShown, SCREENFUL } from '../../src/platform/cli/screenful.js';

export default class BlobList extends DsCommand {
  static override summary = 'list objects, as folders or all of them; or buckets';
  static override description =
    `Keys that begin with the prefix, in the order of their UTF-8 bytes. What goes on after a further slash is rolled up into one line that
ends with it, unless --recursive is given. Without a bucket: the buckets.

Pipes get key, bytes, time of change and ETag, between tabs; of what is rolled up only the prefix; and of buckets what ds blob bucket
list has. A terminal shows at most ${SCREENFUL} lines unless told. --json prints a line each: {bucket, key, size_bytes, etag, modified_at,
version_id, checksum: {algorithm, value, type}}, {bucket, prefix}, or a bucket {bucket, created_at, versioning, snapshot_of}.

Exit codes: 0 done, also when nothing is there; 1 there is no such bucket; 2 bad input; 3 the server could not be reached, or refused; 4 the
store failed.`;
  static override examples = [
    {
      description: 'What is in a bucket',
      command: `<%= config.bin %> blob bucket create photos
echo hello | <%= config.bin %> blob put - photos/2026/hello.txt
<%= config.bin %> <%= command.id %> photos`,
    },
    { description: 'In one folder of it', command: '<%= config.bin %> <%= command.id %> photos/2026/' },
    {
      description: 'The largest of all',
      command:
        '<%= config.bin %> <%= command.id %> photos --recursive | sort -t "$(printf \'\\t\')" -k 2 -n | tail -n 1',
    },
    { description: 'Only the buckets', command: '<%= config.bin %> <%= command.id %> | cut -f 1' },
  ];
  static override args = { place: Args.string({ description: 'BUCKET or BUCKET/PREFIX; without it, buckets' }) };
  static override flags = {
    ...targetFlags('blob'),
    recursive: Flags.boolean({
      char: 'r',
      description: 'every key, whatever slashes it has',
      exclusive: ['delimiter'],
    }),
    delimiter: Flags.string({ helpValue: 'TEXT', description: 'what keys are rolled up at', default: '/' }),
    after: Flags.string({ helpValue: 'KEY', description: 'only what comes after it, to go on with a list' }),
    limit: limitFlag('lines'),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(BlobList);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    await withBlobs(target, this.context, async (store) => {
      if (args.place === undefined) return this.showBuckets(await store.listBuckets());
      const { bucket, prefix } = readBucketPrefix(args.place);
      const limit = mostShown(flags.limit, this.out);
      const delimiter = flags.recursive || flags.delimiter === '' ? undefined : flags.delimiter;
      const { objectPages } = await loadPages();
      const pages = objectPages(store, bucket, { prefix, delimiter, after: flags.after, limit });
      const next = await this.showPages(bucket, pages);
      if (next !== undefined) this.out.note('there are more: --limit N shows more, --after KEY goes on');
    });
  }

  /** Returns where it could go on. A terminal gets one table, a pipe each page as it comes. */
  private async showPages(bucket: string, pages: AsyncIterable<ObjectPage>): Promise<string | undefined> {
    const { isObject, listRows, objectColumns, objectJson } = await loadReport();
    const columns = objectColumns(this.context.clock.now());
    const collected: ListRow[] = [];
    let next: string | undefined;
    for await (const page of pages) {
      next = page.next;
      const rows = listRows(page);
      if (this.out.json) {
        for (const row of rows)
          this.out.item(isObject(row) ? objectJson(bucket, row) : { bucket, prefix: row.key }, '');
      } else if (this.out.isTerminal) collected.push(...rows);
      else this.out.table(columns, rows);
      await this.out.bytes('');
    }
    if (collected.length > 0) this.out.table(columns, collected);
    return next;
  }

  private async showBuckets(buckets: readonly BucketInfo[]): Promise<void> {
    const { bucketColumns, bucketJson } = await loadReport();
    if (this.out.json) for (const bucket of buckets) this.out.item(bucketJson(bucket), '');
    else if (buckets.length === 0) this.out.note('there are no buckets; try: ds blob bucket create photos');
    else this.out.table(bucketColumns(this.context.clock.now()), buckets);
  }
}
