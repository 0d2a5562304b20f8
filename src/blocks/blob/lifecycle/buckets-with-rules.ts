/** The buckets whose lifecycles there are to carry out. */
import { codeOf } from '../../../platform/errors.js';
import type { BlobStore } from '../blob-store.js';
import { readLifecycleXml } from '../wire/lifecycle-xml.js';
import type { LifecycleRule } from './rule.js';

export interface BucketRules {
  readonly bucket: string;
  readonly rules: readonly LifecycleRule[];
}

/** All that have rules and can be written to, or only one. Error: `blob.no_such_configuration` where that one has none. */
export async function* bucketsWithRules(
  store: Pick<BlobStore, 'listBuckets' | 'getDocument'>,
  only: string | undefined,
): AsyncGenerator<BucketRules> {
  if (only !== undefined) {
    yield { bucket: only, rules: await rulesOf(store, only) };
    return;
  }
  for (const { name, snapshotOf } of await store.listBuckets()) {
    if (snapshotOf !== undefined) continue;
    const rules = await rulesOf(store, name).catch((error: unknown) => {
      if (codeOf(error) === 'blob.no_such_configuration') return undefined;
      throw error;
    });
    if (rules !== undefined) yield { bucket: name, rules };
  }
}

async function rulesOf(store: Pick<BlobStore, 'getDocument'>, bucket: string): Promise<readonly LifecycleRule[]> {
  return readLifecycleXml(Buffer.from(await store.getDocument(bucket, 'lifecycle')));
}
