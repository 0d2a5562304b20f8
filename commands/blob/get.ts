import { join } from 'node:path';
import {
  type BlobStore,
  blobUrl,
  loadBulk,
  loadReport,
  loadTransfer,
  type ObjectPlace,
  readPlace,
  type SyncEvent,
  sayPlace,
  type TransferContext,
  transferContext,
  withBlobs,
} from '../../src/blocks/blob/index.js';
import { Args, DsCommand, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { TransferBar } from '../../src/platform/cli/transfer-bar.js';
import { formatSize } from '../../src/platform/units.js';

interface GetFlags {
  readonly literal: boolean;
  readonly 'keep-time': boolean;
}

export default class BlobGet extends DsCommand {
  static override summary = 'copy objects to files, or one to stdout';
  static override description =
    `Without FILE it is called as the key ends, in this folder; into a folder, too. The file is written under another name beside it, compared
with the object's checksum, and renamed: until then what was there stays. It is not flushed to disk.

A key with *, ?, [...] or {a,b} is a pattern (quote it for the shell; * does not match a slash, ** does): all that match go into the folder,
with what their keys have after the last slash before the pattern. A key that would lead out of the folder, or cannot be a file beside
another one, is told, and the others go on. From a server a large object comes in ranges, several at a time, and one that was broken off
goes on.

A line each: pipes get file, bytes, ETag and what the bytes were compared by, between tabs; of a pattern only file and bytes. --json:
{file, bucket, key, size_bytes, etag, modified_at, version_id, checksum, checked_by}, of a pattern {file, bucket, key, size_bytes}. With -
only the object's bytes.

Exit codes: 0 done; 1 there is no such object, or some could not be written; 2 bad input, or the file cannot be written; 3 the server could
not be reached, or refused; 4 the store failed, or stored bytes are damaged; 130 interrupted.`;
  static override examples = [
    {
      description: 'To a file of the same name',
      command: `<%= config.bin %> blob bucket create photos
echo hello | <%= config.bin %> blob put - photos/2026/hello.txt
<%= config.bin %> <%= command.id %> photos/2026/hello.txt`,
    },
    { description: 'To another one', command: '<%= config.bin %> <%= command.id %> photos/2026/hello.txt copy.txt' },
    { description: 'To a program', command: '<%= config.bin %> <%= command.id %> photos/2026/hello.txt - | wc -c' },
    {
      description: 'All of a kind, into a folder',
      command: "<%= config.bin %> <%= command.id %> 'photos/**/*.txt' texts",
    },
  ];
  static override args = {
    place: Args.string({ required: true, description: 'BUCKET/KEY, or BUCKET/PATTERN' }),
    file: Args.string({ description: 'file or folder to write, or - for stdout' }),
  };
  static override flags = {
    ...targetFlags('blob'),
    'version-id': Flags.string({ helpValue: 'ID', description: 'this version' }),
    literal: Flags.boolean({ description: 'the key is no pattern, whatever characters it has' }),
    'keep-time': Flags.boolean({ description: "the file gets the object's time of change" }),
  };

  protected async execute(): Promise<number | undefined> {
    const { args, flags } = await this.parse(BlobGet);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    const place = readPlace(args.place, flags['version-id']);
    const { isGlob } = await loadTransfer();
    const isPattern = !flags.literal && flags['version-id'] === undefined && isGlob(place.key);
    const bar = new TransferBar(this.out, this.context.clock);
    const context = transferContext(target, this.context, bar.over(place.key));
    return withBlobs(target, this.context, async (store) => {
      if (args.file === '-' && !isPattern) return this.write(store, place);
      return isPattern
        ? this.getMany(store, place, args.file ?? '.', context, bar)
        : this.getOne(store, place, args.file ?? '.', flags, context, bar);
    }).finally(() => bar.stop());
  }

  private async write(store: BlobStore, place: ObjectPlace): Promise<undefined> {
    const { readChecked } = await loadTransfer();
    for await (const piece of (await readChecked(store, place)).body) await this.out.bytes(piece);
  }

  private async getOne(
    store: BlobStore,
    place: ObjectPlace,
    typed: string,
    flags: GetFlags,
    context: TransferContext,
    bar: TransferBar,
  ): Promise<undefined> {
    const { fileFor, getFile } = await loadTransfer();
    const { objectJson, sayResumed } = await loadReport();
    const file = await fileFor(place.key, typed);
    const { stat, checked, resumedBytes } = await getFile(
      store,
      place,
      file,
      { keepTime: flags['keep-time'] },
      context,
    );
    await bar.stop();
    if (resumedBytes > 0) this.out.note(sayResumed(file, resumedBytes, stat.size));
    const json = { file, ...objectJson(place.bucket, stat), ...(checked && { checked_by: checked.algorithm }) };
    if (this.out.json) this.out.item(json, '');
    else if (this.out.isTerminal) {
      const how = checked === undefined ? '  it has no checksum to compare by' : `  same ${checked.algorithm}`;
      this.out.styled(`${file}  ${formatSize(stat.size)}`, ['dim', how]);
    } else this.out.record([file, stat.size, stat.etag, checked?.algorithm]);
  }

  private async getMany(
    store: BlobStore,
    place: ObjectPlace,
    folder: string,
    context: TransferContext,
    bar: TransferBar,
  ): Promise<number | undefined> {
    const [{ bucketSide, runSync }, { namedObjects, patternFolder }] = await Promise.all([loadTransfer(), loadBulk()]);
    const base = patternFolder(place.key);
    async function* steps() {
      for await (const { name, size = 0 } of namedObjects(store, place)) {
        yield { action: 'copy', path: name, size, reason: 'new' } as const;
      }
    }
    const onEvent = (event: SyncEvent) => {
      const from = { bucket: place.bucket, key: base + event.path };
      if (event.kind === 'failed') this.out.warn(`${sayPlace(from)}: ${event.error.message}`);
      else this.showFile(join(folder, event.path), from, event.size);
    };
    const side = bucketSide(store, place.bucket, base);
    const { failed, copied, copiedBytes } = await runSync(
      steps(),
      side,
      { kind: 'folder', path: folder },
      { onEvent },
      context,
    );
    await bar.stop();
    const { sayObjects } = await loadReport();
    if (this.out.isTerminal)
      this.out.note(`${sayObjects(copied, copiedBytes)}${failed === 0 ? '' : `; ${failed} failed`}`);
    return failed === 0 ? undefined : 1;
  }

  private showFile(file: string, { bucket, key }: ObjectPlace, size: number): void {
    if (this.out.json) this.out.item({ file, bucket, key, size_bytes: size }, '');
    else if (this.out.isTerminal) this.out.line(`${file}  ${formatSize(size)}`);
    else this.out.record([file, size]);
  }
}
