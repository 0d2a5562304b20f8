import { blobUrl, loadReport, withBlobs } from '../../../src/blocks/blob/index.js';
import { DsCommand, resolveTarget, targetFlags } from '../../../src/platform/cli/command.js';

export default class BlobBucketList extends DsCommand {
  static override summary = 'list buckets';
  static override description =
    `Pipes get name, time of creation, versioning (off, enabled, suspended) and of which bucket it is a snapshot, between tabs. --json:
{buckets: [{name, created_at, versioning, snapshot_of}]}.

Exit codes: 0 done; 2 bad input; 3 the server could not be reached, or refused; 4 the store failed.`;
  static override examples = [
    {
      description: 'All of them',
      command: '<%= config.bin %> blob bucket create photos\n<%= config.bin %> <%= command.id %>',
    },
    { description: 'Only the names', command: '<%= config.bin %> <%= command.id %> | cut -f 1' },
    { description: 'As JSON', command: '<%= config.bin %> <%= command.id %> --json' },
  ];
  static override flags = { ...targetFlags('blob') };

  protected async execute(): Promise<void> {
    const { flags } = await this.parse(BlobBucketList);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    const { bucketColumns, bucketJson } = await loadReport();
    const buckets = await withBlobs(target, this.context, (store) => store.listBuckets());
    this.out.document({ buckets: buckets.map(bucketJson) }, () => {
      if (buckets.length === 0) return this.out.note('there are no buckets; try: ds blob bucket create photos');
      this.out.table(bucketColumns(this.context.clock.now()), buckets);
    });
  }
}
