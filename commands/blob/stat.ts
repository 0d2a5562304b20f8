import { blobUrl, loadReport, type ObjectStat, readPlace, type Tags, withBlobs } from '../../src/blocks/blob/index.js';
import { Args, DsCommand, Flags, resolveTarget, targetFlags } from '../../src/platform/cli/command.js';
import { isoTime, relativeTime } from '../../src/platform/relative-time.js';
import { formatSize } from '../../src/platform/units.js';

export default class BlobStat extends DsCommand {
  static override summary = 'show all that is kept with an object: headers, metadata, tags, checksum';
  static override description =
    `A terminal and pipes get a line each: name and value, between tabs in a pipe; metadata is called metadata.NAME, a tag tag.NAME. --json:
{bucket, key, size_bytes, etag, modified_at, version_id, checksum: {algorithm, value, type}, content_type, cache_control,
content_disposition, content_encoding, content_language, expires, website_redirect, metadata: {…}, tags: {…}, part_count}; what there is not
is absent.

Exit codes: 0 done; 1 there is no such object; 2 bad input; 3 the server could not be reached, or refused; 4 the store failed.`;
  static override examples = [
    {
      description: 'Everything of one',
      command: `<%= config.bin %> blob bucket create photos
echo hello | <%= config.bin %> blob put - photos/hello.txt --metadata origin=scanner --tag project=apollo
<%= config.bin %> <%= command.id %> photos/hello.txt`,
    },
    {
      description: 'Is it there?',
      command: '<%= config.bin %> <%= command.id %> photos/hello.txt > /dev/null && echo yes',
    },
    {
      description: 'Its size',
      command: '<%= config.bin %> <%= command.id %> photos/hello.txt | awk \'$1 == "size" {print $2}\'',
    },
    { description: 'As JSON', command: '<%= config.bin %> <%= command.id %> photos/hello.txt --json' },
  ];
  static override args = { place: Args.string({ required: true, description: 'BUCKET/KEY' }) };
  static override flags = {
    ...targetFlags('blob'),
    'version-id': Flags.string({ helpValue: 'ID', description: 'this version' }),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(BlobStat);
    const target = resolveTarget(flags, 'blob', this.context, blobUrl);
    const place = readPlace(args.place, flags['version-id']);
    const { statJson } = await loadReport();
    const { stat, tags } = await withBlobs(target, this.context, async (store) => {
      const { stat } = await store.statObject(place);
      // Of the very version that the rest is of.
      const version = stat.versionId === undefined ? {} : { versionId: stat.versionId };
      const tagged = stat.tagCount === 0 ? undefined : await store.getTags({ ...place, ...version });
      return { stat, tags: tagged?.tags };
    });
    this.out.document(statJson(place.bucket, stat, tags), () => {
      const columns = [
        { header: 'what', value: ([name]: readonly [string, string]) => name, color: () => 'dim' as const },
        { header: 'value', value: ([, value]: readonly [string, string]) => value, keep: true },
      ];
      const rows = this.rows(place.bucket, stat, tags).filter((row): row is [string, string] => row[1] !== undefined);
      this.out.table(columns, rows);
    });
  }

  private rows(bucket: string, stat: ObjectStat, tags: Tags = {}): [string, string | undefined][] {
    const { key, size, etag, modifiedAt, versionId, checksum, headers, metadata, partCount } = stat;
    const { isTerminal } = this.out;
    return [
      ['bucket', bucket],
      ['key', key],
      ['size', isTerminal ? `${formatSize(size)} (${size.toLocaleString('en-US')} bytes)` : String(size)],
      ['changed', isTerminal ? relativeTime(modifiedAt, this.context.clock.now()) : isoTime(modifiedAt)],
      ['etag', etag],
      ['version', versionId],
      ['checksum', checksum && `${checksum.algorithm} ${checksum.value} (${checksum.type})`],
      ['parts', partCount?.toString()],
      ['content-type', headers.contentType],
      ['cache-control', headers.cacheControl],
      ['content-disposition', headers.contentDisposition],
      ['content-encoding', headers.contentEncoding],
      ['content-language', headers.contentLanguage],
      ['expires', headers.expires],
      ['redirect', headers.websiteRedirect],
      ...Object.entries(metadata).map(([name, value]): [string, string] => [`metadata.${name}`, value]),
      ...Object.entries(tags).map(([name, value]): [string, string] => [`tag.${name}`, value]),
    ];
  }
}
