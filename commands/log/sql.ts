import { FILE_ONLY, loadSql, withEntryStore } from '../../src/blocks/log/index.js';
import { Args, fileFlags, resolveFile } from '../../src/platform/cli/command.js';
import { limitFlag } from '../../src/platform/cli/screenful.js';
import { SqlCommand } from '../../src/platform/cli/sql-command.js';

export default class LogSql extends SqlCommand {
  static override summary = 'ask stored entries in SQL';
  static override description = `One SELECT of SQLite, which can change nothing. The tables, which keep their columns:

  log_entries   timestamp, timestamp_ns, level, line, labels, metadata, tenant, stream, file, offset
  log_streams   stream, tenant, labels, first_at, last_at
  log_blocks    block, tenant, first_at, last_at, entries, raw_bytes, stored_bytes, filter_bytes, codec, level, streams
  log_tenants   tenant, streams, blocks, entries, raw_bytes, stored_bytes

Times are ISO 8601 in UTC; labels and metadata JSON. Blocks of log_entries are skipped by what is said of its hidden columns: since, until
(ISO 8601, or nanoseconds), contains (a text of the line), of_tenant. Without them all that is stored is read.

Pipes get the values between tabs, bytes as hex. --json prints an object a line, by column.

Exit codes: 0 done, also without a row; 2 the query cannot be run, or would change something; 4 the store failed,
or has damaged blocks: what they had is missing.`;
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
    const query = await this.readQuery(args.query);
    // Made where it is not there, and brought up to date.
    await withEntryStore(path, { clock: this.context.clock, mustExist: flags.db !== undefined }, async () => {});
    const { querySql } = await loadSql();
    await querySql(path, query, (result) => this.show(result, flags.limit));
  }
}
