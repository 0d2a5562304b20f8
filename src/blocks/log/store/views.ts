/**
 * What can be asked in SQL, by `ds log sql` and, but for log_entries, by any tool that reads SQLite. The tables may change; these keep their
 * columns.
 *
 *     log_entries   timestamp, timestamp_ns, level, line, labels, metadata, tenant, stream, file, offset      (sql-entries.ts)
 *     log_streams   stream, tenant, labels, first_at, last_at
 *     log_blocks    block, tenant, first_at, last_at, entries, raw_bytes, stored_bytes, filter_bytes, codec, level, streams
 *     log_tenants   tenant, streams, blocks, entries, raw_bytes, stored_bytes
 *
 * Times are ISO 8601 in UTC; labels and metadata JSON. `level` of a block is how often its entries were merged.
 */
const time = (column: string) =>
  `strftime('%Y-%m-%dT%H:%M:%S', ${column} / 1000000000, 'unixepoch') || printf('.%09dZ', ${column} % 1000000000)`;

export const views = `
    CREATE VIEW log_streams AS SELECT
      id AS stream, tenant,
      (SELECT json_group_object(json_extract(pair.value, '$[0]'), json_extract(pair.value, '$[1]'))
        FROM json_each(streams.labels) AS pair) AS labels,
      ${time('first')} AS first_at, ${time('last')} AS last_at FROM streams;
    CREATE VIEW log_blocks AS SELECT
      id AS block, tenant, ${time('first')} AS first_at, ${time('last')} AS last_at, entries, raw_bytes, stored_bytes,
      coalesce(length(filter), 0) AS filter_bytes,
      CASE codec WHEN 0 THEN 'raw' WHEN 1 THEN 'brotli' END AS codec, level, length(streams) / 4 AS streams
      FROM blocks WHERE retired IS NULL;
    CREATE VIEW log_tenants AS SELECT
      tenant, (SELECT count(*) FROM streams WHERE streams.tenant = totals.tenant) AS streams, blocks, entries, raw_bytes, stored_bytes
      FROM totals WHERE blocks > 0;
`;
