import { blobUrl, readBucket, withBlobs } from '../../../src/blocks/blob/index.js';
import { Args, DsCommand, resolveTarget, targetFlags } from '../../../src/platform/cli/command.js';

export default class BlobBucketDelete extends DsCommand {
  static override summary = 'delete an empty bucket, or a snapshot';
  static override description =
    `A bucket with objects, versions or uploads stays: delete those first. A snapshot goes with all that is in it.

Pipes get the name and "deleted", between tabs. --json: {bucket}.

Exit codes: 0 deleted; 1 there is no such bucket, or it is not empty; 2 bad input; 3 the server could not be reached, or refused; 4 the
store failed.`;
  static override examples = [
    {
      description: 'One',
      command: '<%= config.bin %> blob bucket create old\n<%= config.bin %> <%= command.id %> old',
    },
    {
      description: 'With all that is in it',
      command: `<%= config.bin %> blob bucket create old
echo hello | <%= config.bin %> blob put - old/greeting
<%= config.bin %> blob delete old/ --recursive --all-versions --yes
<%= config.bin %> <%= command.id %> old`,
    },
    {
      description: 'Of a script, which goes on where there is none',
      command: '<%= config.bin %> <%= command.id %> old --quiet 2> /dev/null || true',
    },
  ];
  static override args = { bucket: Args.string({ required: true, description: 'its name' }) };
  static override flags = { ...targetFlags('blob') };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(BlobBucketDelete);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    const name = readBucket(args.bucket);
    await withBlobs(target, this.context, (store) => store.deleteBucket(name));
    this.out.document({ bucket: name }, () => {
      this.out.line(this.out.isTerminal ? `bucket ${name} deleted` : `${name}\tdeleted`);
    });
  }
}
