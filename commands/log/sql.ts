import { FILE_ONLY, loadSql, type SqlRows, withEntryStore } from '../../src/blocks/log/index.js';
import { Args, type Column, DsCommand, fileFlags, resolveFile } from '../../src/platform/cli/command.js';
import { readInput } from '../../src/platform/cli/input.js';
import { limitFlag, mostShown, SCREENFUL } from '../../src/platform/cli/screenful.js';

/** Rows that are written at once. */
const BATCH = 500;
/** Of a query. */
const MOST_BYTES = 1 << 20;

type Row = readonly (string | number | bigint | null | Uint8Array)[];

export default class LogSql extends DsCommand {
  static override summary = 'ask stored entries in SQL';
  static override description = `One SELECT of SQLite, which can change nothing. The tables, which keep their columns:

  log_entries   timestamp, timestamp_ns, level, line, labels, metadata, tenant, stream, file, offset
  log_streams   stream, tenant, labels, first_at, last_at
  log_blocks    block, tenant, first_at, last_at, entries, raw_bytes, stored_bytes, filter_bytes, codec, level, streams
  log_tenants   tenant, streams, blocks, entries, raw_bytes, stored_bytes

Times are ISO 8601 in UTC; labels and metadata JSON. Blocks of log_entries are skipped by what is said of its hidden columns: since, until
(ISO 8601, or nanoseconds), contains (a text of the line), of_tenant. Without them all that is stored is read.

Pipes get the values between tabs, bytes as hex. --json prints an object a line, by column.

Exit codes: 0 done, also without a row; 2 the query cannot be run, or would change something; 4 the store failed.`;
  static override examples = [
    {
      description: 'Entries by level, of a day',
      command: `printf '%s\\n' 'level=error msg=timeout' 'level=info msg=ok' > app.log
<%= config.bin %> log ship --once app.log
<%= config.bin %> <%= command.id %> "SELECT level, count(*) FROM log_entries WHERE since = date('now') GROUP BY level"`,
    },
    {
      description: 'Lines with a text: blocks without it are not read',
      command: `<%= config.bin %> <%= command.id %> "SELECT timestamp, line FROM log_entries WHERE contains = 'timeout'"`,
    },
    {
      description: 'How well streams are compressed, from a file, for a program',
      command: `echo 'SELECT tenant, raw_bytes * 1.0 / stored_bytes AS ratio FROM log_tenants' > ratio.sql
<%= config.bin %> <%= command.id %> - --json < ratio.sql`,
    },
  ];
  static override args = { query: Args.string({ required: true, description: 'the query; - reads it from stdin' }) };
  static override flags = { ...fileFlags('log', FILE_ONLY), limit: limitFlag('rows') };

  protected async execute(): Promise<void> {
    const { args, flags } = await this.parse(LogSql);
    const path = resolveFile(flags, 'log', this.context);
    const query = args.query === '-' ? await readInput('-', MOST_BYTES) : args.query;
    // Made where it is not there, and brought up to date.
    await withEntryStore(path, this.context, async () => {});
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
