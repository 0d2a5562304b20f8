/** Which objects have damaged bytes: through all manifests, then through all rows that refer to their contents. Only done where there is damage. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Store } from '../../../../platform/store/store.js';
import { ManifestReader } from '../contents/manifest.js';
import type { Damage } from './state.js';

/** Where damaged bytes are. */
export interface DamagedPlace {
  readonly bucket: string;
  readonly key: string;
  /** Absent of the only version there is. */
  readonly versionId?: string;
  /** Of an upload in parts that is not complete. */
  readonly uploadId?: string;
}

const CONTENTS_AT_ONCE = 200;

export async function findDamagedPlaces(
  store: Store,
  damage: readonly Damage[],
  limit: number,
): Promise<{ readonly places: DamagedPlace[]; readonly more: boolean }> {
  const contents = damage.filter(({ kind }) => kind === 'inline').map(({ id }) => id);
  const chunks = new Set(damage.filter(({ kind }) => kind === 'chunk').map(({ id }) => id));
  if (chunks.size > 0) contents.push(...(await contentsWith(store, chunks)));
  const rows = store.read(() =>
    store
      .statement<[{ ids: string; limit: number }], PlaceRow>(
        `WITH damaged (id) AS (SELECT value FROM json_each(@ids))
         SELECT bucket.name AS bucket, key, version_id, NULL AS upload_id
           FROM object JOIN bucket ON bucket.id = bucket_id WHERE content_id IN damaged
         UNION ALL SELECT bucket.name, key, version_id, NULL
           FROM history JOIN bucket ON bucket.id = bucket_id WHERE content_id IN damaged
         UNION SELECT bucket.name, key, NULL, public_id
           FROM part JOIN upload ON upload.id = upload_id JOIN bucket ON bucket.id = bucket_id WHERE content_id IN damaged
         ORDER BY 1, 2, 3 LIMIT @limit`,
      )
      .all({ ids: JSON.stringify(contents), limit: limit + 1 }),
  );
  return { places: rows.slice(0, limit).map(toPlace), more: rows.length > limit };
}

interface PlaceRow {
  readonly bucket: string;
  readonly key: string;
  readonly version_id: string | null;
  readonly upload_id: string | null;
}

function toPlace({ bucket, key, version_id: versionId, upload_id: uploadId }: PlaceRow): DamagedPlace {
  return {
    bucket,
    key,
    ...(versionId !== null && versionId !== '' && { versionId }),
    ...(uploadId !== null && { uploadId }),
  };
}

async function contentsWith(store: Store, chunks: ReadonlySet<number>): Promise<number[]> {
  const find = store.statement<[number, number], { id: number; manifest: Uint8Array }>(
    'SELECT id, manifest FROM content WHERE id > ? AND manifest IS NOT NULL ORDER BY id LIMIT ?',
  );
  const found: number[] = [];
  for (let after = 0; ; ) {
    const rows = store.read(() => find.all(after, CONTENTS_AT_ONCE));
    for (const { id, manifest } of rows) if (hasAny(manifest, chunks)) found.push(id);
    const last = rows.at(-1);
    if (last === undefined) return found;
    after = last.id;
    await nextTurn();
  }
}

function hasAny(manifest: Uint8Array, chunks: ReadonlySet<number>): boolean {
  const reader = new ManifestReader(manifest);
  for (let entry = reader.next(); entry !== undefined; entry = reader.next())
    if (chunks.has(entry.chunkId)) return true;
  return false;
}
