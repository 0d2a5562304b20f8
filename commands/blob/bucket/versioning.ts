import { blobUrl, readBucket, withBlobs } from '../../../src/blocks/blob/index.js';
import { Args, DsCommand, resolveTarget, targetFlags } from '../../../src/platform/cli/command.js';
import { cliErrors } from '../../../src/platform/cli/errors.js';

export default class BlobBucketVersioning extends DsCommand {
  static override summary = 'show or set whether a bucket keeps old versions';
  static override description =
    `enabled: what is overwritten or deleted is kept as a version, and a delete puts a delete marker on top. suspended: versions that are there
stay, and new objects replace the one that has no version of its own. Once enabled, versioning cannot be turned off again, as in S3.

Pipes get the name and the state, between tabs. --json: {bucket, versioning}.

Exit codes: 0 done; 1 there is no such bucket, or it is a snapshot; 2 bad input; 3 the server could not be reached, or refused; 4 the
store failed.`;
  static override examples = [
    {
      description: 'Keep versions from now on',
      command: '<%= config.bin %> blob bucket create notes\n<%= config.bin %> <%= command.id %> notes enabled',
    },
    { description: 'Does it?', command: '<%= config.bin %> <%= command.id %> notes' },
    { description: 'No more', command: '<%= config.bin %> <%= command.id %> notes suspended' },
  ];
  static override args = {
    bucket: Args.string({ required: true, description: 'its name' }),
    state: Args.string({ description: 'what it shall be: enabled, suspended' }),
  };
  static override flags = { ...targetFlags('blob') };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(BlobBucketVersioning);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    const name = readBucket(args.bucket);
    const wanted = args.state === undefined ? undefined : readState(args.state, name);
    const { versioning } = await withBlobs(target, this.context, async (store) => {
      if (wanted !== undefined) await store.setVersioning(name, wanted);
      return store.bucket(name);
    });
    this.out.document({ bucket: name, versioning }, () => {
      this.out.line(this.out.isTerminal ? `versioning of ${name} is ${versioning}` : `${name}\t${versioning}`);
    });
  }
}

function readState(typed: string, bucket: string): 'enabled' | 'suspended' {
  if (typed === 'enabled' || typed === 'suspended') return typed;
  const isOff = ['off', 'disabled', 'suspend'].includes(typed.toLowerCase());
  throw cliErrors.error('usage.invalid_value', `versioning is enabled or suspended, and not ${JSON.stringify(typed)}`, {
    hint: `ds blob bucket versioning ${bucket} ${isOff ? 'suspended' : 'enabled'}`,
  });
}
