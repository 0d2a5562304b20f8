import {
  blobUrl,
  loadPages,
  loadReport,
  readBucketPrefix,
  type VersionPage,
  type VersionRow,
  withBlobs,
} from '../../src/blocks/blob/index.js';
import { Args, DsCommand, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { limitFlag, mostShown } from '../../src/platform/cli/screenful.js';

export default class BlobVersions extends DsCommand {
  static override summary = 'list all versions of objects, and delete markers';
  static override description =
    `By key, the newest first. A bucket whose versioning was never on has one version of each object, called null.

Pipes get key, version, state (current, noncurrent, deleted, delete marker), bytes, time of change and ETag, between tabs; of what
--delimiter rolls up only the prefix. --json prints a line each: {bucket, key, version_id, is_latest, delete_marker, size_bytes, etag,
modified_at, checksum}, or {bucket, prefix}.

Exit codes: 0 done, also when nothing is there; 1 there is no such bucket; 2 bad input; 3 the server could not be reached, or refused; 4 the
store failed.`;
  static override examples = [
    {
      description: 'Of one key',
      command: `<%= config.bin %> blob bucket create notes --versioning
echo first | <%= config.bin %> blob put - notes/todo
echo second | <%= config.bin %> blob put - notes/todo
<%= config.bin %> <%= command.id %> notes/todo`,
    },
    {
      description: 'What was there before?',
      command: `OLD=$(<%= config.bin %> <%= command.id %> notes/todo | awk -F '\\t' '$3 == "noncurrent" {print $2}')
<%= config.bin %> blob cat notes/todo --version-id "$OLD"`,
    },
    {
      description: 'What has been deleted',
      command: `<%= config.bin %> blob delete notes/todo
<%= config.bin %> <%= command.id %> notes | awk -F '\\t' '$3 == "deleted" {print $1}'`,
    },
  ];
  static override args = { place: Args.string({ required: true, description: 'BUCKET, BUCKET/KEY or BUCKET/PREFIX' }) };
  static override flags = {
    ...targetFlags('blob'),
    delimiter: Flags.string({ helpValue: 'TEXT', description: 'roll up what has it after the prefix' }),
    limit: limitFlag('lines'),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(BlobVersions);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    const { bucket, prefix } = readBucketPrefix(args.place);
    const limit = mostShown(flags.limit, this.out);
    const { versionPages } = await loadPages();
    const next = await withBlobs(target, this.context, (store) =>
      this.show(bucket, versionPages(store, bucket, { prefix, delimiter: flags.delimiter || undefined, limit })),
    );
    if (next !== undefined) this.out.note('there are more: --limit N shows more');
  }

  private async show(bucket: string, pages: AsyncIterable<VersionPage>): Promise<VersionPage['next']> {
    const { isVersion, versionColumns, versionJson, versionRows } = await loadReport();
    const columns = versionColumns(this.context.clock.now());
    const collected: VersionRow[] = [];
    let next: VersionPage['next'];
    for await (const page of pages) {
      next = page.next;
      const rows = versionRows(page);
      if (this.out.json) {
        for (const row of rows)
          this.out.item(isVersion(row) ? versionJson(bucket, row) : { bucket, prefix: row.key }, '');
      } else if (this.out.isTerminal) collected.push(...rows);
      else this.out.table(columns, rows);
      await this.out.bytes('');
    }
    if (collected.length > 0) this.out.table(columns, collected);
    return next;
  }
}
