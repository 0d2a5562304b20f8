import { FILE_ONLY, loadReport, readBucket, withBlobFile } from '../../../src/blocks/blob/index.js';
import { Args, DsCommand, fileFlags, resolveFile } from '../../../src/platform/cli/command.js';

export default class BlobBucketClone extends DsCommand {
  static override summary = 'make a bucket that begins as another one is now';
  static override description =
    `All current objects are in the clone, which shares their content until one of both changes: it takes no time and next to no space. Old versions, the
lifecycle and other documents are not in it.

Pipes get the new bucket, objects and bytes that are shared, between tabs. --json: {bucket, clone_of, objects, size_bytes}.

Exit codes: 0 done; 1 there is no such bucket, or one of the new name already; 2 bad input; 4 the store failed.`;
  static override examples = [
    {
      description: 'Now',
      command: `<%= config.bin %> blob bucket create photos
echo hello | <%= config.bin %> blob put - photos/hello.txt
<%= config.bin %> <%= command.id %> photos photos-test`,
    },
    {
      description: 'It goes its own way',
      command: `echo bye | <%= config.bin %> blob put - photos-test/bye.txt
<%= config.bin %> blob bucket diff photos photos-test || echo 'differs, as told by exit code 1'`,
    },
    {
      description: 'Of a snapshot, which can then be written to',
      command: `<%= config.bin %> blob bucket snapshot photos photos-monday
<%= config.bin %> <%= command.id %> photos-monday photos-again`,
    },
  ];
  static override args = {
    bucket: Args.string({ required: true, description: 'the one that is there' }),
    name: Args.string({ required: true, description: 'the new one' }),
  };
  static override flags = { ...fileFlags('blob', FILE_ONLY) };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(BlobBucketClone);
    const [source, name] = [readBucket(args.bucket), readBucket(args.name)];
    const path = resolveFile(flags, 'blob', this.context);
    const { objects, bytes } = await withBlobFile(path, this.context, (store) => store.clone(source, name));
    const { sayObjects } = await loadReport();
    this.out.document({ bucket: name, clone_of: source, objects, size_bytes: bytes }, () => {
      if (this.out.isTerminal) this.out.line(`${name} is a clone of ${source}: ${sayObjects(objects, bytes)}`);
      else this.out.line(`${name}\t${objects}\t${bytes}`);
    });
  }
}
