import { FILE_ONLY, loadReport, withBlobFile } from '../../src/blocks/blob/index.js';
import { DsCommand, Flags, fileFlags, resolveFile } from '../../src/platform/cli/command.js';
import { TransferBar } from '../../src/platform/cli/transfer-bar.js';
import { formatSize } from '../../src/platform/units.js';

export default class BlobScrub extends DsCommand {
  static override summary = 're-read everything that is stored, and tell which objects are damaged';
  static override description =
    `Every chunk is compared with its SHA-256, and every small content with its CRC-32. It reads beside everything else and changes
nothing. One that was broken off goes on with --resume.

Pipes get bucket, key and version of each object that has damaged bytes, between tabs; of an upload that is not complete, its identifier
after an empty version. --json: {started_at, resumed, chunks, read_bytes, damage: [{kind, id, problem}], places: [{bucket, key, version_id,
upload_id}], more}.

Exit codes: 0 all is as it was stored; 1 something is damaged; 2 bad input; 4 the store failed; 130 interrupted.`;
  static override examples = [
    {
      description: 'All of it',
      command: `<%= config.bin %> blob bucket create photos
head -c 300000 /dev/urandom | <%= config.bin %> blob put - photos/big
<%= config.bin %> <%= command.id %>`,
    },
    { description: 'In a job, which tells only of damage', command: '<%= config.bin %> <%= command.id %> --quiet' },
    { description: 'On from where it was broken off', command: '<%= config.bin %> <%= command.id %> --resume --json' },
  ];
  static override flags = {
    ...fileFlags('blob', FILE_ONLY),
    resume: Flags.boolean({ description: 'go on with one that was broken off, where there is one' }),
  };

  protected async execute(): Promise<number | undefined> {
    const { flags } = await this.parse(BlobScrub);
    const path = resolveFile(flags, 'blob', this.context);
    const bar = new TransferBar(this.out, this.context.clock);
    const show = bar.over('scrub');
    const { count, scrubJson } = await loadReport();
    const report = await withBlobFile(path, this.context, ({ contents }) =>
      contents.scrub({
        resume: flags.resume,
        signal: this.context.signal,
        onProgress: ({ bytes, totalBytes }) => show({ done: bytes, total: totalBytes }),
      }),
    ).finally(() => bar.stop());
    const { damage, places, more, chunks, bytes } = report;
    this.out.document(scrubJson(report), () => {
      if (places.length > 0) this.out.table(COLUMNS, places);
      if (more) this.out.warn('there are more objects than these');
      if (!this.out.isTerminal) return;
      const what = `${count(chunks, 'chunk')}, ${formatSize(bytes)}`;
      if (damage.length === 0) this.out.styled(['green', 'all is as it was stored'], `  ${what}`);
      else this.out.styled(['red', `${count(damage.length, 'piece')} damaged`], `  of ${what}`);
    });
    if (damage.length === 0) return undefined;
    if (places.length === 0) this.out.warn(`${count(damage.length, 'piece')} damaged, of which no object is made`);
    return 1;
  }
}

type Place = { readonly bucket: string; readonly key: string; readonly versionId?: string; readonly uploadId?: string };

const COLUMNS = [
  { header: 'bucket', value: ({ bucket }: Place) => bucket },
  { header: 'key', value: ({ key }: Place) => key, keep: true },
  { header: 'version', value: ({ versionId }: Place) => versionId },
  { header: 'upload', value: ({ uploadId }: Place) => uploadId },
];
