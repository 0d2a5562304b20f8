import { existsSync } from 'node:fs';
import {
  type ArchiveProgress,
  blobUrl,
  loadArchive,
  loadReport,
  loadTransfer,
  readBucketPrefix,
  withBlobs,
} from '../../src/blocks/blob/index.js';
import { Args, DsCommand, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { LateSpinner } from '../../src/platform/cli/late-spinner.js';

export default class BlobExport extends DsCommand {
  static override summary = 'write a bucket, or what begins alike in it, as a tar archive';
  static override description =
    `In pax form: keys exactly as they are, whatever is in them; content type and other headers, metadata and tags as records of their own (DS.blob.…),
which ds blob import reads and other programs pass over. Only current objects, in the order of keys; of those that are put or deleted
meanwhile either state may be met.

A file is written under another name and renamed. With - the archive goes to stdout. Pipes get objects and bytes, between tabs, --json prints
{file, objects, size_bytes}, where it goes to a file.

Exit codes: 0 done; 1 there is no such bucket; 2 bad input, or the file is there already or cannot be written; 3 the server could not be
reached, or refused; 4 the store failed.`;
  static override examples = [
    {
      description: 'A bucket to a file',
      command: `<%= config.bin %> blob bucket create photos
echo hello | <%= config.bin %> blob put - photos/2026/hello.txt --tag project=apollo
<%= config.bin %> <%= command.id %> photos photos.tar`,
    },
    {
      description: 'A part of it, compressed',
      command: '<%= config.bin %> <%= command.id %> photos/2026/ - | gzip > photos-2026.tar.gz',
    },
    {
      description: 'To another store',
      command: `<%= config.bin %> blob bucket create photos --db other.db
<%= config.bin %> <%= command.id %> photos - | <%= config.bin %> blob import - photos --db other.db`,
    },
  ];
  static override args = {
    place: Args.string({ required: true, description: 'BUCKET or BUCKET/PREFIX' }),
    file: Args.string({ required: true, description: 'file to write, or - for stdout' }),
  };
  static override flags = {
    ...targetFlags('blob'),
    yes: Flags.boolean({ char: 'y', description: 'replace a file that is there already' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(BlobExport);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    const place = readBucketPrefix(args.place);
    const { file } = args;
    if (file !== '-' && !flags.yes && existsSync(file)) {
      throw cliErrors.error('usage.conflict', `${file} is there already`, { hint: 'to replace it, add --yes' });
    }
    const [{ writeArchive }, { writeFileFrom }, { sayObjects }] = await Promise.all([
      loadArchive(),
      loadTransfer(),
      loadReport(),
    ]);
    const spinner = new LateSpinner(this.out);
    let done: ArchiveProgress = { objects: 0, bytes: 0 };
    const onObject = (progress: ArchiveProgress) => {
      done = progress;
      spinner.show(sayObjects(done.objects, done.bytes));
    };
    await withBlobs(target, this.context, async (store) => {
      const archive = writeArchive(store, place, onObject);
      if (file !== '-') await writeFileFrom(archive, file, this.context.random);
      else for await (const piece of archive) await this.out.bytes(piece);
    }).finally(() => spinner.stop());
    if (file === '-') return;
    this.out.document({ file, objects: done.objects, size_bytes: done.bytes }, () => {
      if (this.out.isTerminal) this.out.line(`${file}  ${sayObjects(done.objects, done.bytes)}`);
      else this.out.line(`${done.objects}\t${done.bytes}`);
    });
  }
}
