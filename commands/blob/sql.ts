import { FILE_ONLY, loadSql, type SqlRows, withBlobFile } from '../../src/blocks/blob/index.js';
import { Args, type Column, DsCommand, fileFlags, resolveFile } from '../../src/platform/cli/command.js';
import { readInput } from '../../src/platform/cli/input.js';
import { limitFlag, mostShown, SCREENFUL } from '../../src/platform/cli/screenful.js';

/** Rows that are written at once. */
const BATCH = 500;
/** Of a query. */
const MOST_BYTES = 1 << 20;

type Row = readonly (string | number | bigint | null | Uint8Array)[];

export default class BlobSql extends DsCommand {
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
    const query = args.query === '-' ? await readInput('-', MOST_BYTES) : args.query;
    // Made where it is not there, and brought up to date.
    await withBlobFile(path, this.context, async () => {});
    const { querySql } = await loadSql();
    await querySql(path, query, (result) => this.show(result, flags.limit));
  }

  private async show({ columns, rows }: SqlRows, limit: number | undefined): Promise<void> {
    const isScreen = this.out.isTerminal && !this.out.json;
    const most = mostShown(limit, this.out);
    let batch: Row[] = [];
    let shown = 0;
    for (const row of rows) {
      if (shown === most) {
        if (limit === undefined) this.out.note(`there are more; --limit N shows more than ${SCREENFUL}`);
        break;
      }
      shown++;
      batch.push(row);
      if (isScreen || batch.length < BATCH) continue;
      await this.write(columns, batch);
      batch = [];
    }
    await this.write(columns, batch);
  }

  private async write(names: readonly string[], rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    if (this.out.json) {
      for (const row of rows) this.out.item(Object.fromEntries(names.map((name, i) => [name, row[i]])), '');
    } else {
      const columns = names.map((header, i): Column<Row> => ({ header, value: (row) => cell(row[i]) }));
      this.out.table(columns, rows);
    }
    await this.out.bytes('');
  }
}

function cell(value: Row[number] | undefined): string | number | bigint | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return value ?? undefined;
}
