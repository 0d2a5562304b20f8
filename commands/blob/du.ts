import { blobUrl, loadBulk, loadReport, readBucketPrefix, type Usage, withBlobs } from '../../src/blocks/blob/index.js';
import {
  Args,
  type Column,
  countFlag,
  DsCommand,
  Flags,
  resolveTarget,
  targetFlags,
} from '../../src/platform/cli/command.js';
import { LateSpinner } from '../../src/platform/cli/late-spinner.js';
import { formatSize } from '../../src/platform/units.js';

export default class BlobDu extends DsCommand {
  static override summary = 'sum up what is below each prefix';
  static override description =
    `Bytes as they were put: what is shared or compressed counts whole; ds blob stats tells what is stored. The last line is the sum of all.

Pipes get bytes, objects and the prefix, between tabs. --json: {bucket, prefix, objects, size_bytes, prefixes: [{prefix, objects, size_bytes}]}.

Exit codes: 0 done; 1 there is no such bucket; 2 bad input; 3 the server could not be reached, or refused; 4 the store failed.`;
  static override examples = [
    {
      description: 'A bucket, folder by folder',
      command: `<%= config.bin %> blob bucket create photos
echo hello | <%= config.bin %> blob put - photos/2026/hello.txt
<%= config.bin %> <%= command.id %> photos`,
    },
    { description: 'Only the sum', command: '<%= config.bin %> <%= command.id %> photos --depth 0 | cut -f 1' },
    {
      description: 'Two levels, with old versions',
      command: '<%= config.bin %> <%= command.id %> photos --depth 2 --versions',
    },
  ];
  static override args = { place: Args.string({ required: true, description: 'BUCKET or BUCKET/PREFIX' }) };
  static override flags = {
    ...targetFlags('blob'),
    depth: countFlag({ min: 0, max: 1_000, default: 1, description: 'levels below the prefix; 0 is only the sum' }),
    versions: Flags.boolean({ description: 'count all versions, and not only the current ones' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(BlobDu);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    const { bucket, prefix } = readBucketPrefix(args.place);
    const { usage } = await loadBulk();
    const spinner = new LateSpinner(this.out);
    const rows: Usage[] = [];
    await withBlobs(target, this.context, async (store) => {
      spinner.show('looking at every object');
      for await (const row of usage(store, { bucket, prefix, ...flags })) rows.push(row);
    }).finally(() => spinner.stop());
    const { count, usageJson } = await loadReport();
    const total = rows.at(-1) ?? { prefix, objects: 0, bytes: 0 };
    this.out.document({ bucket, ...usageJson(total), prefixes: rows.slice(0, -1).map(usageJson) }, () => {
      this.out.table(columns(bucket), rows);
      if (this.out.isTerminal && total.objects === 0) this.out.note(`${bucket}/${prefix} has ${count(0, 'object')}`);
    });
  }
}

function columns(bucket: string): Column<Usage>[] {
  return [
    { header: 'size', value: ({ bytes }) => bytes, display: ({ bytes }) => formatSize(bytes), align: 'right' },
    { header: 'objects', value: ({ objects }) => objects, display: ({ objects }) => objects.toLocaleString('en-US') },
    { header: 'prefix', value: ({ prefix }) => `${bucket}/${prefix}`, keep: true },
  ];
}
