import { blobUrl, readBucket, withBlobs } from '../../../src/blocks/blob/index.js';
import { Args, DsCommand, Flags, resolveTarget, targetFlags } from '../../../src/platform/cli/command.js';

export default class BlobBucketCreate extends DsCommand {
  static override summary = 'create a bucket';
  static override description = `A name has 3 to 63 lower-case letters, digits, hyphens and single dots, as in S3.

Pipes get the name and "created", between tabs. --json: {bucket, versioning}.

Exit codes: 0 created; 1 there is one of this name already; 2 bad input; 3 the server could not be reached, or refused; 4 the store failed.`;
  static override examples = [
    { description: 'One', command: '<%= config.bin %> <%= command.id %> photos' },
    { description: 'One that keeps old versions', command: '<%= config.bin %> <%= command.id %> notes --versioning' },
    { description: 'One that may be there', command: '<%= config.bin %> <%= command.id %> photos --if-missing' },
  ];
  static override args = { bucket: Args.string({ required: true, description: 'its name' }) };
  static override flags = {
    ...targetFlags('blob'),
    versioning: Flags.boolean({ description: 'keep versions that are overwritten or deleted' }),
    'if-missing': Flags.boolean({ description: 'a bucket that is there already is no error' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(BlobBucketCreate);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    const name = readBucket(args.bucket);
    const created = await withBlobs(target, this.context, async (store) => {
      const isNew = !(flags['if-missing'] && (await store.listBuckets()).some((bucket) => bucket.name === name));
      if (isNew) await store.createBucket(name);
      if (flags.versioning) await store.setVersioning(name, 'enabled');
      return { isNew, versioning: (await store.bucket(name)).versioning };
    });
    this.out.document({ bucket: name, versioning: created.versioning }, () => {
      const what = created.isNew ? 'created' : 'present';
      this.out.line(
        this.out.isTerminal ? `bucket ${name} ${created.isNew ? 'created' : 'is there'}` : `${name}\t${what}`,
      );
    });
  }
}
