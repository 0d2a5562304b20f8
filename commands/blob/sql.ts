import { FILE_ONLY, loadSql, withBlobFile } from '../../src/blocks/blob/index.js';
import { Args, fileFlags, resolveFile } from '../../src/platform/cli/command.js';
import { limitFlag } from '../../src/platform/cli/screenful.js';
import { SqlCommand } from '../../src/platform/cli/sql-command.js';

export default class BlobSql extends SqlCommand {
  static override summary = 'ask the metadata in SQL';
  static override description = `One SELECT of SQLite, which can change nothing. The views, which keep their columns:

  blob_buckets   bucket, created_at, versioning, snapshot_of, objects, size_bytes, versions, version_bytes
  blob_objects   bucket, key, size_bytes, etag, modified_at, version_id, content_type, metadata, tags, headers, checksum_algorithm,
                 checksum, part_count, content
  blob_versions  the same of all versions, and is_latest, delete_marker
  blob_uploads   bucket, key, upload_id, started_at, parts, size_bytes
  blob_parts     bucket, key, upload_id, part_number, size_bytes, etag, modified_at, checksum
  blob_chunks    chunk, sha256, refs, size_bytes, stored_bytes, codec, pack
  blob_packs     pack, stored_bytes, sealed

Times are ISO 8601 in UTC; metadata, tags and headers JSON. Two objects with the same content number share their bytes.

Pipes get the values between tabs, bytes as hex. --json prints an object a line, by column.

Exit codes: 0 done, also without a row; 2 the query cannot be run, or would change something; 4 the store failed.`;
  static override examples = [
    {
      description: 'The largest objects',
      command: `<%= config.bin %> blob bucket create photos
echo hello | <%= config.bin %> blob put - photos/hello.txt --tag project=apollo
<%= config.bin %> <%= command.id %> 'SELECT key, size_bytes FROM blob_objects ORDER BY size_bytes DESC LIMIT 10'`,
    },
    {
      description: 'By a tag',
      command: `<%= config.bin %> <%= command.id %> "SELECT bucket, key FROM blob_objects WHERE tags ->> 'project' = 'apollo'"`,
    },
    {
      description: 'From a file, for a program',
      command: `echo 'SELECT content_type, count(*) AS objects FROM blob_objects GROUP BY 1' > types.sql
<%= config.bin %> <%= command.id %> - --json < types.sql`,
    },
  ];
  static override args = { query: Args.string({ required: true, description: 'the query; - reads it from stdin' }) };
  static override flags = {
    ...fileFlags('blob', FILE_ONLY),
    limit: limitFlag('rows'),
  };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(BlobSql);
    const path = resolveFile(flags, 'blob', this.context);
    const query = await this.readQuery(args.query);
    // Made where it is not there, and brought up to date.
    await withBlobFile(path, this.context, async () => {});
    const { querySql } = await loadSql();
    await querySql(path, query, (result) => this.show(result, flags.limit));
  }
}
