/** What holds in the file of a blob store between any two transactions: every count is what is counted. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeManifest } from '../../src/blocks/blob/store/contents/manifest.js';
import { packFolder } from '../../src/blocks/blob/store/schema.js';
import type { Store } from '../../src/platform/store/store.js';

/** One line for each count that is wrong and each thing that is missing; in one state of the file, whoever writes meanwhile. */
export function auditBlobFile(file: Store): string[] {
  return file.view(() => [...wrongRows(file), ...wrongChunks(file), ...shortPacks(file)]);
}

const REFERRERS = `SELECT content_id FROM object UNION ALL SELECT content_id FROM history WHERE content_id IS NOT NULL
  UNION ALL SELECT content_id FROM part`;

/** Each finds what must not be there. */
const RULES: Readonly<Record<string, string>> = {
  'references of contents': `SELECT content.id, refs, count(content_id) AS counted FROM content
    LEFT JOIN (${REFERRERS}) ON content_id = content.id GROUP BY content.id HAVING refs <> counted`,
  'missing contents': `SELECT content_id FROM (${REFERRERS}) WHERE content_id NOT IN (SELECT id FROM content)`,
  'contents nobody collects': 'SELECT id FROM content WHERE refs = 0 AND (garbage_since IS NULL OR manifest IS NULL)',
  'contents to be collected': 'SELECT id FROM content WHERE refs > 0 AND garbage_since IS NOT NULL',
  'missing bytes': 'SELECT id FROM content WHERE manifest IS NULL AND id NOT IN (SELECT content_id FROM inline)',
  'bytes of nobody': 'SELECT content_id FROM inline WHERE content_id NOT IN (SELECT id FROM content)',
  'live bytes of packs': `SELECT pack.id, live_bytes, total(stored_length) AS counted FROM pack
    LEFT JOIN chunk ON pack_id = pack.id GROUP BY pack.id HAVING live_bytes <> counted`,
  'missing packs': 'SELECT id, pack_id FROM chunk WHERE pack_id NOT IN (SELECT id FROM pack)',
  'parts of no upload': 'SELECT upload_id, number FROM part WHERE upload_id NOT IN (SELECT id FROM upload)',
  'counts of buckets': `SELECT name, objects, bytes, versions, version_bytes FROM bucket WHERE
    objects <> (SELECT count(*) FROM object WHERE bucket_id = bucket.id) OR
    bytes <> (SELECT total(size) FROM object WHERE bucket_id = bucket.id) OR
    versions <> (SELECT count(*) FROM history WHERE bucket_id = bucket.id) OR
    version_bytes <> (SELECT total(size) FROM history WHERE bucket_id = bucket.id)`,
};

function wrongRows(file: Store): string[] {
  return Object.entries(RULES).flatMap(([rule, sql]) =>
    file
      .statement<[], object>(sql)
      .all()
      .map((row) => `${rule}: ${JSON.stringify(row)}`),
  );
}

function wrongChunks(file: Store): string[] {
  const counted = new Map<number, number>();
  const count = (id: number, by: number) => counted.set(id, (counted.get(id) ?? 0) + by);
  const wrong: string[] = [];
  const contents = file.statement<[], { id: number; refs: number; size: number; manifest: Uint8Array }>(
    'SELECT id, refs, size, manifest FROM content WHERE manifest IS NOT NULL',
  );
  for (const { id, refs, size, manifest } of contents.all()) {
    const entries = decodeManifest(manifest);
    for (const { chunkId } of entries) count(chunkId, 1);
    const length = entries.reduce((sum, entry) => sum + entry.length, 0);
    if (refs > 0 && length !== size) wrong.push(`content ${id} has ${size} bytes, its chunks ${length}`);
  }
  const holds = file.statement<[], { chunk_id: number; count: number }>('SELECT chunk_id, count FROM hold');
  for (const hold of holds.all()) count(hold.chunk_id, hold.count);
  for (const { id, refs } of file.statement<[], { id: number; refs: number }>('SELECT id, refs FROM chunk').all()) {
    if (refs !== counted.get(id)) wrong.push(`chunk ${id} has ${refs} references, counted ${counted.get(id)}`);
    counted.delete(id);
  }
  return [...wrong, ...Array.from(counted.keys(), (id) => `chunk ${id} is referred to, and not there`)];
}

function shortPacks(file: Store): string[] {
  const packs = file.statement<[], { name: string; ends: number }>(
    'SELECT name, max(offset + stored_length) AS ends FROM chunk JOIN pack ON pack.id = pack_id GROUP BY pack.id',
  );
  return packs.all().flatMap(({ name, ends }) => {
    const size = statSync(join(packFolder(file.path), name), { throwIfNoEntry: false })?.size;
    return size === undefined || size < ends ? [`${name} has ${size} bytes, its chunks end at ${ends}`] : [];
  });
}
