/**
 * What can be asked in SQL, by `ds blob sql` and by any tool that reads SQLite. The tables may change; these views keep their columns.
 *
 *     blob_buckets   bucket, created_at, versioning, snapshot_of, objects, size_bytes, versions, version_bytes
 *                    counts of current versions, and of all others and delete markers
 *     blob_objects   bucket, key, size_bytes, etag, modified_at, version_id, content_type, metadata, tags, headers,
 *                    checksum_algorithm, checksum, part_count, content
 *     blob_versions  the same of all versions, and is_latest, delete_marker
 *     blob_uploads   bucket, key, upload_id, started_at, parts, size_bytes
 *     blob_parts     bucket, key, upload_id, part_number, size_bytes, etag, modified_at, checksum
 *     blob_chunks    chunk, sha256, refs, size_bytes, stored_bytes, codec, pack
 *     blob_packs     pack, stored_bytes, sealed
 *
 * Times are ISO 8601 in UTC; metadata, tags and headers JSON, NULL where there are none; `content` is a number that versions of
 * the same stored content have in common.
 */
const time = (column: string) => `strftime('%Y-%m-%dT%H:%M:%fZ', ${column} / 1000.0, 'unixepoch')`;

const version = (table: string) => `
      bucket.name AS bucket, ${table}.key, ${table}.size AS size_bytes, ${table}.etag, ${time(`${table}.modified_at`)} AS modified_at,
      CASE WHEN bucket.versioning = 'off' THEN NULL WHEN ${table}.version_id = '' THEN 'null' ELSE ${table}.version_id END
        AS version_id,
      CASE WHEN ${table}.content_id IS NOT NULL
        THEN coalesce(json_extract(${table}.attributes, '$.type'), 'binary/octet-stream') END AS content_type,
      json_extract(${table}.attributes, '$.meta') AS metadata,
      json_extract(${table}.attributes, '$.tags') AS tags,
      json_extract(${table}.attributes, '$.headers') AS headers,
      json_extract(${table}.attributes, '$.sum[0]') AS checksum_algorithm,
      json_extract(${table}.attributes, '$.sum[1]') AS checksum,
      json_extract(${table}.attributes, '$.parts') AS part_count,
      ${table}.content_id AS content`;

const of = (table: string) => `FROM ${table} JOIN bucket ON bucket.id = ${table}.bucket_id`;

export const views = `
    CREATE VIEW blob_buckets AS SELECT
      name AS bucket, ${time('created_at')} AS created_at, versioning, snapshot_of, objects, bytes AS size_bytes,
      versions, version_bytes FROM bucket;
    CREATE VIEW blob_objects AS SELECT ${version('object')} ${of('object')};
    CREATE VIEW blob_versions AS
      SELECT ${version('object')}, 1 AS is_latest, 0 AS delete_marker ${of('object')}
      UNION ALL
      SELECT ${version('history')},
        NOT EXISTS (SELECT 1 FROM object WHERE object.bucket_id = history.bucket_id AND object.key = history.key)
          AND NOT EXISTS (
            SELECT 1 FROM history AS newer
            WHERE newer.bucket_id = history.bucket_id AND newer.key = history.key AND newer.rank < history.rank
          ) AS is_latest,
        history.content_id IS NULL AS delete_marker ${of('history')};
    CREATE VIEW blob_uploads AS SELECT
      bucket.name AS bucket, upload.key, upload.public_id AS upload_id, ${time('upload.started_at')} AS started_at,
      (SELECT count(*) FROM part WHERE part.upload_id = upload.id) AS parts,
      (SELECT coalesce(sum(part.size), 0) FROM part WHERE part.upload_id = upload.id) AS size_bytes
      ${of('upload')};
    CREATE VIEW blob_parts AS SELECT
      bucket.name AS bucket, upload.key, upload.public_id AS upload_id, part.number AS part_number,
      part.size AS size_bytes, part.etag,
      ${time('part.modified_at')} AS modified_at, part.checksum
      FROM part JOIN upload ON upload.id = part.upload_id JOIN bucket ON bucket.id = upload.bucket_id;
    CREATE VIEW blob_chunks AS SELECT
      chunk.id AS chunk, lower(hex(chunk.hash)) AS sha256, chunk.refs, chunk.length AS size_bytes,
      chunk.stored_length AS stored_bytes,
      CASE chunk.codec WHEN 0 THEN 'none' WHEN 1 THEN 'brotli' END AS codec, pack.name AS pack
      FROM chunk JOIN pack ON pack.id = chunk.pack_id;
    CREATE VIEW blob_packs AS SELECT name AS pack, live_bytes AS stored_bytes, sealed FROM pack;
`;
