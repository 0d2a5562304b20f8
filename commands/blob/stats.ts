import { FILE_ONLY, loadReport, loadTotals, type StoreTotals, withBlobFile } from '../../src/blocks/blob/index.js';
import { DsCommand, fileFlags, resolveFile } from '../../src/platform/cli/command.js';
import { formatSize } from '../../src/platform/units.js';

export default class BlobStats extends DsCommand {
  static override summary = 'show how much is stored, what sharing and compression save, and what is garbage';
  static override description =
    `logical_bytes are those of all versions as they were put; content_bytes count what copies, snapshots and clones share once; unique_bytes each
chunk once; stored_bytes are what is left of them compressed. garbage_bytes of pack files are given back by ds blob gc.

Pipes get a name and a number on each line, between tabs. --json: {buckets, objects, versions, uploads, logical_bytes, content_bytes,
unique_bytes, stored_bytes, dedup_ratio, compression_ratio, packs, pack_bytes, garbage_bytes, database_bytes, by_bucket: [{bucket,
versioning, snapshot_of, objects, size_bytes, versions, version_bytes, uploads}]}.

Exit codes: 0 done; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'What is in the file',
      command: `<%= config.bin %> blob bucket create photos
head -c 300000 /dev/urandom | <%= config.bin %> blob put - photos/big
<%= config.bin %> blob copy photos/big photos/again
<%= config.bin %> <%= command.id %>`,
    },
    {
      description: 'Only what is garbage',
      command: '<%= config.bin %> <%= command.id %> | awk \'$1 == "garbage_bytes" {print $2}\'',
    },
    { description: 'For a program, by bucket', command: '<%= config.bin %> <%= command.id %> --json' },
  ];
  static override flags = { ...fileFlags('blob', FILE_ONLY) };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(BlobStats);
    const path = resolveFile(flags, 'blob', this.context);
    const [{ storeTotals }, { bucketUsageJson, count, totalsJson }] = await Promise.all([loadTotals(), loadReport()]);
    const { totals, usage } = await withBlobFile(path, this.context, async (store) => {
      const usage = await store.usage();
      return { usage, totals: await storeTotals(store.file, usage) };
    });
    this.out.document({ ...totalsJson(totals), by_bucket: usage.map(bucketUsageJson) }, () => {
      if (this.out.isTerminal) return this.show(totals, count);
      for (const [name, value] of Object.entries(totalsJson(totals))) this.out.line(`${name}\t${value}`);
    });
  }

  private show(totals: StoreTotals, count: (number: number, noun: string) => string): void {
    const { buckets, objects, versions, uploads, logicalBytes, storedBytes, packBytes, garbageBytes, databaseBytes } =
      totals;
    const more = [
      ...(versions === 0 ? [] : [count(versions, 'old version')]),
      ...(uploads === 0 ? [] : [count(uploads, 'unfinished upload')]),
    ];
    this.out.line([`${count(objects, 'object')} in ${count(buckets, 'bucket')}`, ...more].join(', '));
    const times = storedBytes === 0 ? '' : `, ${(logicalBytes / storedBytes).toFixed(2)} times as much as is stored`;
    this.out.line(`${formatSize(logicalBytes)}${times}: ${formatSize(storedBytes)}`);
    this.out.styled(
      ['dim', `packs ${formatSize(packBytes)}, database ${formatSize(databaseBytes)}`],
      garbageBytes === 0 ? '' : `, garbage ${formatSize(garbageBytes)}: ds blob gc`,
    );
  }
}
