import { basename } from 'node:path';
import {
  blobUrl,
  checksumFlag,
  conditionFlags,
  contentTypeOf,
  loadReport,
  loadTransfer,
  objectFlags,
  type PutResult,
  readBucketPrefix,
  readChecksumAlgorithm,
  readConditionFlags,
  readObjectFlags,
  sayPlace,
  transferContext,
  withBlobs,
} from '../../src/blocks/blob/index.js';
import {
  Args,
  DsCommand,
  Flags,
  quoteForShell,
  resolveTarget,
  targetFlags,
  textFlags,
} from '../../src/platform/cli/command.js';
import { cliErrors } from '../../src/platform/cli/errors.js';
import { openInput } from '../../src/platform/cli/input.js';
import { TransferBar } from '../../src/platform/cli/transfer-bar.js';
import { formatSize } from '../../src/platform/units.js';

interface Upload {
  readonly file: string;
  readonly place: { readonly bucket: string; readonly key: string };
}

export default class BlobPut extends DsCommand {
  static override strict = false;
  static override summary = 'store files, or stdin, as objects';
  static override description =
    `FILE… BUCKET/KEY; where the last one ends with a slash, or is a bucket, each object is called as its file. What is told is on disk. An object
that is there already is replaced, unless a condition says otherwise. Folders are for ds blob sync.

To a server a file of more than 16 MiB goes in parts, several at a time; a transfer that was broken off goes on where it was when the same
command is given again, which is told on stderr. Bytes are compared by checksums on the way.

A line each: pipes get place, bytes, ETag and version, between tabs. --json: {file, bucket, key, size_bytes, etag, modified_at, version_id,
checksum: {algorithm, value, type}}.

Exit codes: 0 all stored; 1 a condition did not hold, or there is no such bucket; 2 bad input, or a file cannot be read; 3 the server could
not be reached, or refused; 4 the store failed; 130 interrupted. What was told before is stored.`;
  static override examples = [
    {
      description: 'A file',
      command: `<%= config.bin %> blob bucket create photos
echo hello > hello.txt
<%= config.bin %> <%= command.id %> hello.txt photos/2026/hello.txt`,
    },
    { description: 'Some, by their names', command: '<%= config.bin %> <%= command.id %> *.txt photos/2026/' },
    {
      description: 'What a program writes',
      command:
        'date | <%= config.bin %> <%= command.id %> - photos/now.txt --metadata origin=date --tag project=apollo',
    },
    {
      description: 'Only if nobody was faster',
      command: "echo mine | <%= config.bin %> <%= command.id %> - photos/lock --if-none-match '*'",
    },
  ];
  static override args = {
    file: Args.string({ required: true, description: 'file, or - for stdin; several may follow' }),
    place: Args.string({ required: true, description: 'BUCKET/KEY; BUCKET/PREFIX/ for several' }),
  };
  static override flags = {
    ...targetFlags('blob'),
    ...textFlags(objectFlags),
    ...textFlags(conditionFlags),
    ...textFlags(checksumFlag),
    'keep-time': Flags.boolean({ description: "the file's time of change goes into the metadata, as rclone has it" }),
  };

  protected async execute(): Promise<void> {
    const { argv, flags } = await this.parse(BlobPut);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    const typed = argv.map(String);
    const uploads = readUploads(typed.slice(0, -1), typed.at(-1) ?? '');
    const { headers, ...attributes } = readObjectFlags(flags);
    const conditions = readConditionFlags(flags);
    const algorithm = flags['checksum-algorithm'];
    const checksum = algorithm === undefined ? undefined : readChecksumAlgorithm(algorithm);
    const { putFile, putStream } = await loadTransfer();
    const bar = new TransferBar(this.out, this.context.clock);
    await withBlobs(target, this.context, async (store) => {
      for (const { file, place } of uploads) {
        const guessed = contentTypeOf(file === '-' ? place.key : file);
        const options = {
          headers: { ...(guessed === undefined ? {} : { contentType: guessed }), ...headers },
          ...attributes,
          ...(conditions === undefined ? {} : { conditions }),
          ...(checksum === undefined ? {} : { checksum }),
        };
        const context = transferContext(target, this.context, bar.over(file === '-' ? place.key : file));
        const put =
          file === '-'
            ? putStream(store, openInput('-').stream, place, options, context)
            : putFile(store, file, place, { ...options, keepTime: flags['keep-time'] }, context);
        await this.report(file, place, await put.finally(() => bar.stop()));
      }
    });
  }

  private async report(
    file: string,
    place: Upload['place'],
    result: PutResult & { readonly resumedBytes?: number },
  ): Promise<void> {
    const { putJson, sayResumed } = await loadReport();
    const { size, etag, versionId, resumedBytes = 0 } = result;
    if (resumedBytes > 0) this.out.note(sayResumed(sayPlace(place), resumedBytes, size));
    if (this.out.json) this.out.item({ file, ...putJson(place, result) }, '');
    else if (this.out.isTerminal) {
      const version = versionId === undefined ? '' : `  version ${versionId}`;
      this.out.styled(`${sayPlace(place)}  ${formatSize(size)}`, ['dim', `  etag ${etag}${version}`]);
    } else this.out.record([sayPlace(place), size, etag, versionId]);
  }
}

function readUploads(files: readonly string[], typedPlace: string): Upload[] {
  const { bucket, prefix } = readBucketPrefix(typedPlace);
  const byName = prefix === '' || prefix.endsWith('/');
  if (!byName && files.length === 1) return files.map((file) => ({ file, place: { bucket, key: prefix } }));
  if (!byName) {
    throw cliErrors.error('usage.conflict', `${files.length} files cannot all be ${JSON.stringify(typedPlace)}`, {
      hint: `name a prefix with a slash at its end: ds blob put FILE… ${quoteForShell(`${typedPlace}/`)}`,
    });
  }
  return files.map((file) => {
    if (file === '-') {
      throw cliErrors.error('usage.missing', 'stdin has no name: its object needs a whole key', {
        hint: `ds blob put - ${quoteForShell(`${bucket}/${prefix}NAME`)}`,
      });
    }
    return { file, place: { bucket, key: `${prefix}${basename(file)}` } };
  });
}
