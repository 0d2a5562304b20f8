/** Objects to read whose bytes are compared with what is stored of them while they pass. */
import { present } from '../../../platform/present.js';
import type { BlobStore, ObjectRead, ReadOptions } from '../blob-store.js';
import type { Body, ObjectPlace } from '../object-types.js';
import { askedSizes, badDigest, type Checked, type CheckPlan, checkedBy, ObjectCheck, planCheck } from './check.js';

export interface CheckedRead extends ObjectRead {
  /** What the body is compared by; undefined: there is nothing, or it is only a part. */
  readonly checked: Checked | undefined;
}

/** As {@link BlobStore.getObject}; the body fails at its end with `blob.bad_digest` where it is not what is stored. */
export async function readChecked(
  store: Pick<BlobStore, 'getObject' | 'statObject'>,
  place: ObjectPlace,
  options: ReadOptions = {},
): Promise<CheckedRead> {
  const read = await store.getObject(place, options);
  if (read.range !== undefined) return { ...read, checked: undefined };
  const { stat, body } = read;
  const exact = { ...place, ...present({ versionId: stat.versionId }) };
  const plan = await planCheck(store, exact, stat).catch(async (error: unknown) => {
    await body[Symbol.asyncIterator]().return?.();
    throw error;
  });
  if (plan === undefined) return { ...read, checked: undefined };
  const failure = () => wrongBytes(store, exact, stat.size, plan);
  return { ...read, body: checkedBody(body, new ObjectCheck(plan), failure), checked: checkedBy(plan) };
}

/** Undefined where the sizes of the parts were taken to be alike and are not: then nothing can be said. */
async function wrongBytes(
  store: Pick<BlobStore, 'statObject'>,
  place: ObjectPlace,
  size: number,
  plan: CheckPlan,
): Promise<Error | undefined> {
  const { layout, expected } = plan;
  const uneven = await unevenSizes(store, place, size, plan);
  return layout !== undefined && expected.parts !== undefined && uneven !== undefined
    ? undefined
    : badDigest(`${place.bucket}/${place.key}`, plan);
}

/** Where all parts were taken to be as large as the first one: how large they are, if that was not so. */
export async function unevenSizes(
  store: Pick<BlobStore, 'statObject'>,
  place: ObjectPlace,
  size: number,
  { layout, expected: { parts } }: CheckPlan,
): Promise<readonly number[] | undefined> {
  if (layout === undefined || parts === undefined || !('each' in layout)) return undefined;
  const asked = await askedSizes(store, place, size, parts);
  if (asked === undefined || !('sizes' in asked)) return undefined;
  return asked.sizes.slice(0, -1).every((bytes) => bytes === layout.each) ? undefined : asked.sizes;
}

/** To be consumed or ended, as what it is made of. */
function checkedBody(body: Body, check: ObjectCheck, failure: () => Promise<Error | undefined>): Body {
  const pieces = body[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const piece = await pieces.next();
        if (piece.done !== true) {
          check.update(piece.value);
          return piece;
        }
        const error = check.isRight() ? undefined : await failure();
        if (error !== undefined) throw error;
        return piece;
      },
      async return() {
        await pieces.return?.();
        return { done: true, value: undefined };
      },
    }),
  };
}
