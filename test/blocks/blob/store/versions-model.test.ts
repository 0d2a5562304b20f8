/** The versions of a file against a model of S3's versioning that is as simple as can be: a list of versions for each key. */
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FileBlobStore } from '../../../../src/blocks/blob/store/file-blob-store.js';
import { blobFile } from '../../../../src/blocks/blob/store/schema.js';
import { systemRandom } from '../../../../src/platform/clock.js';
import { openStore } from '../../../../src/platform/store/store.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { makeTemporaryFolder } from '../../../helpers/temporary-folder.js';
import { bodyOf, code, text } from '../bodies.js';
import { MemoryContents } from '../memory-contents.js';

interface ModelVersion {
  versionId: string;
  /** Undefined: a delete marker. */
  body: string | undefined;
}

type State = 'off' | 'enabled' | 'suspended';

/** Versions of each key, the newest first. */
class Model {
  state: State = 'off';
  readonly keys = new Map<string, ModelVersion[]>();

  versions(key: string): ModelVersion[] {
    return this.keys.get(key) ?? [];
  }

  add(key: string, version: ModelVersion): void {
    const others = this.versions(key).filter(({ versionId }) => versionId !== version.versionId);
    this.keys.set(key, [version, ...others]);
  }

  remove(key: string, versionId: string): void {
    this.keys.set(
      key,
      this.versions(key).filter((version) => version.versionId !== versionId),
    );
  }
}

const KEYS = ['a', 'b', 'b/c'];
const key = fc.constantFrom(...KEYS);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('put' as const), key, body: fc.string({ maxLength: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('delete version' as const), key, which: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('copy' as const), key, to: key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('upload' as const), key, body: fc.string({ maxLength: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('enable' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('suspend' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

async function apply(store: FileBlobStore, model: Model, action: Step): Promise<void> {
  const at = (name: string, versionId?: string) => ({ bucket: 'test', key: name, ...(versionId && { versionId }) });
  switch (action.do) {
    case 'put': {
      const { versionId = 'null' } = await store.putObject(at(action.key), bodyOf(action.body));
      return model.add(action.key, { versionId, body: action.body });
    }
    case 'upload': {
      const upload = await store.createUpload(at(action.key));
      const { partNumber, etag } = await store.uploadPart(upload, 1, bodyOf(action.body));
      await store.uploadPart(upload, 2, bodyOf('left out'));
      const { versionId = 'null' } = await store.completeUpload(upload, { parts: [{ partNumber, etag }] });
      return model.add(action.key, { versionId, body: action.body });
    }
    case 'copy': {
      const body = model.versions(action.key)[0]?.body;
      const replace = { headers: {}, metadata: {} };
      const copied = store.copyObject({ source: at(action.key), destination: at(action.to), replace });
      if (body === undefined) return expect(await code(copied)).toBe('blob.no_such_key');
      return model.add(action.to, { versionId: (await copied).versionId ?? 'null', body });
    }
    case 'delete': {
      const result = await store.deleteObject(at(action.key));
      expect(result.existed).toBe(model.versions(action.key)[0]?.body !== undefined);
      if (model.state === 'off') model.remove(action.key, 'null');
      else model.add(action.key, { versionId: result.versionId ?? 'none told', body: undefined });
      return;
    }
    case 'delete version': {
      const versions = model.versions(action.key);
      const version = versions[action.which % Math.max(1, versions.length)];
      const result = await store.deleteObject(at(action.key, version?.versionId ?? 'null'));
      expect(result.existed).toBe(version !== undefined);
      if (version === undefined) return;
      expect(result.deleteMarker).toBe(version.body === undefined);
      return model.remove(action.key, version.versionId);
    }
    case 'enable':
    case 'suspend':
      model.state = action.do === 'enable' ? 'enabled' : 'suspended';
      return store.setVersioning('test', model.state);
  }
}

async function compare(store: FileBlobStore<MemoryContents>, model: Model): Promise<void> {
  const { versions } = await store.listVersions('test', { limit: 1000 });
  const expected = KEYS.flatMap((name) =>
    model.versions(name).map(({ versionId, body }, index) => ({
      key: name,
      versionId,
      isLatest: index === 0,
      size: body === undefined ? undefined : Buffer.byteLength(body),
    })),
  );
  expect(versions.map(({ object, modifiedAt: _, ...version }) => ({ ...version, size: object?.size }))).toEqual(
    expected,
  );
  const { objects } = await store.listObjects('test', { limit: 1000 });
  expect(objects.map((object) => object.key)).toEqual(
    KEYS.filter((name) => model.versions(name)[0]?.body !== undefined),
  );
  for (const { key: name, versionId, size } of expected) {
    const read = store.getObject({ bucket: 'test', key: name, versionId });
    if (size === undefined) expect(await code(read)).toBe('blob.delete_marker');
    else expect(await text((await read).body)).toBe(model.versions(name).find((v) => v.versionId === versionId)?.body);
  }
  const { kept, counted } = await store.recount('test');
  expect(kept).toEqual(counted);
  expect(kept.objects + kept.versions).toBe(expected.length);
  // Every content is referred to by as many rows as it counts, and there are no others.
  const references = store.file
    .statement<[], { content_id: number; count: number }>(
      `SELECT content_id, count(*) AS count FROM (
         SELECT content_id FROM object UNION ALL SELECT content_id FROM history UNION ALL SELECT content_id FROM part
       ) WHERE content_id IS NOT NULL GROUP BY content_id`,
    )
    .all();
  expect(new Map(references.map(({ content_id, count }) => [content_id, count]))).toEqual(
    new Map([...store.contents.held].map(([id, { refs }]) => [id, refs])),
  );
}

describe('the versions of keys', () => {
  test('are those of a simple model after any operations, and all counts are right', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const folder = makeTemporaryFolder();
        const file = openStore(blobFile, { path: join(folder.path, 'blob.db'), sync: 'normal' });
        const store = new FileBlobStore(file, new MemoryContents(), new ManualClock(), systemRandom);
        try {
          await store.createBucket('test');
          const model = new Model();
          for (const action of steps) await apply(store, model, action);
          await compare(store, model);
        } finally {
          await store.close();
          folder.remove();
        }
      }),
      { numRuns: 60 },
    );
  });
});
