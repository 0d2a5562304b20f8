import {
  type ArchiveProgress,
  blobUrl,
  loadArchive,
  loadReport,
  readBucketPrefix,
  withBlobs,
} from '../../src/blocks/blob/index.js';
import { Args, DsCommand, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { openInput } from '../../src/platform/cli/input.js';
import { LateSpinner } from '../../src/platform/cli/late-spinner.js';

export default class BlobImport extends DsCommand {
  static override summary = 'store the files of a tar archive as objects';
  static override description =
    `Each key is the prefix and the name in the archive, exactly: nothing of it is bent into shape. Headers, metadata and tags come from the records of
ds blob export; of other archives only the content type, guessed by the name. What is no file (folders, links, devices) is left out,
and told on stderr. Objects of the same keys are replaced.

An uncompressed tar: ustar, pax or GNU's. Each object is on disk before the archive is done; of one that is broken off the first objects stay.

Pipes get objects and bytes, between tabs. --json: {objects, size_bytes, skipped}.

Exit codes: 0 all stored; 1 there is no such bucket; 2 bad input, or the archive cannot be read; 3 the server could not be reached, or refused;
4 the store failed.`;
  static override examples = [
    {
      description: 'A folder',
      command: `mkdir -p notes && echo hello > notes/hello.txt
<%= config.bin %> blob bucket create backup
tar -cf - notes/hello.txt | <%= config.bin %> <%= command.id %> - backup`,
    },
    {
      description: 'What was exported, below a prefix',
      command: `<%= config.bin %> blob export backup backup.tar
<%= config.bin %> <%= command.id %> backup.tar backup/old/`,
    },
    {
      description: 'A compressed one',
      command: 'gzip -c backup.tar | gzip -dc | <%= config.bin %> <%= command.id %> - backup --json',
    },
  ];
  static override args = {
    file: Args.string({ required: true, description: 'archive to read, or - for stdin' }),
    place: Args.string({ required: true, description: 'BUCKET or BUCKET/PREFIX' }),
  };
  static override flags = { ...targetFlags('blob') };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(BlobImport);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    const place = readBucketPrefix(args.place);
    const [{ readArchive }, { count, sayObjects }] = await Promise.all([loadArchive(), loadReport()]);
    const spinner = new LateSpinner(this.out);
    const kinds = new Map<string, number>();
    const options = {
      ...place,
      onObject: ({ objects, bytes }: ArchiveProgress) => spinner.show(sayObjects(objects, bytes)),
      onSkipped: (_name: string, kind: string) => {
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      },
    };
    const { stream } = openInput(args.file);
    const done = await withBlobs(target, this.context, (store) => readArchive(store, stream, options)).finally(() => {
      stream.destroy();
      return spinner.stop();
    });
    const skipped = [...kinds.values()].reduce((sum, number) => sum + number, 0);
    if (skipped > 0) {
      const each = [...kinds].map(([kind, number]) => `${kind} ${number}`).join(', ');
      this.out.note(`${count(skipped, 'entry', 'entries')} left out, which are no files: ${each}`);
    }
    this.out.document({ objects: done.objects, size_bytes: done.bytes, skipped }, () => {
      if (this.out.isTerminal) this.out.line(`${sayObjects(done.objects, done.bytes)} stored`);
      else this.out.line(`${done.objects}\t${done.bytes}`);
    });
  }
}
