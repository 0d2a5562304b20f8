import { FILE_ONLY, loadReport, readBucket, withBlobFile } from '../../../src/blocks/blob/index.js';
import { Args, DsCommand, fileFlags, resolveFile } from '../../../src/platform/cli/command.js';

export default class BlobBucketSnapshot extends DsCommand {
  static override summary = 'keep a bucket as it is now, in another one that nobody can write to';
  static override description =
    `All current objects are in the snapshot, which shares their content: it takes no time and next to no space, and it stays as it is whatever becomes of
the bucket. Old versions are not in it. ds blob bucket delete removes it with all its objects.

Pipes get the new bucket, objects and bytes that are shared, between tabs. --json: {bucket, snapshot_of, objects, size_bytes}.

Exit codes: 0 done; 1 there is no such bucket, or one of the new name already; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'Now',
      command: `<%= config.bin %> blob bucket create photos
echo hello | <%= config.bin %> blob put - photos/hello.txt
<%= config.bin %> <%= command.id %> photos photos-monday`,
    },
    {
      description: 'What has changed since?',
      command: `echo bye | <%= config.bin %> blob put - photos/bye.txt
<%= config.bin %> blob bucket diff photos-monday photos || echo 'differs, as told by exit code 1'`,
    },
    {
      description: 'Back to it',
      command: '<%= config.bin %> blob sync photos-monday photos --delete --yes',
    },
  ];
  static override args = {
    bucket: Args.string({ required: true, description: 'the one that is there' }),
    name: Args.string({ required: true, description: 'the new one' }),
  };
  static override flags = { ...fileFlags('blob', FILE_ONLY) };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(BlobBucketSnapshot);
    const [source, name] = [readBucket(args.bucket), readBucket(args.name)];
    const path = resolveFile(flags, 'blob', this.context);
    const { objects, bytes } = await withBlobFile(path, this.context, (store) => store.snapshot(source, name));
    const { sayObjects } = await loadReport();
    this.out.document({ bucket: name, snapshot_of: source, objects, size_bytes: bytes }, () => {
      if (this.out.isTerminal) this.out.line(`${name} is a snapshot of ${source}: ${sayObjects(objects, bytes)}`);
      else this.out.line(`${name}\t${objects}\t${bytes}`);
    });
  }
}
