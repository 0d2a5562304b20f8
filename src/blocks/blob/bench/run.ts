/** A bucket of its own on a server for the time of a measurement, and the requests that are put on it. */
import type { Clock, Random } from '../../../platform/clock.js';
import { inParallel } from '../../../platform/in-parallel.js';
import type { OrderedDriver } from '../../../platform/load/driver.js';
import { httpRequestsDriver } from '../../../platform/load/http/driver.js';
import { parseHttpTarget } from '../../../platform/load/http/request.js';
import type { Environment } from '../../../platform/paths.js';
import { formatSize } from '../../../platform/units.js';
import type { BlobStore } from '../blob-store.js';
import { deleteMany } from '../bulk/delete-many.js';
import { objectAddress } from '../endpoint/object-address.js';
import { blobErrors } from '../errors.js';
import { findKeys, findLogin, openRemoteBlobStore } from '../remote/index.js';
import { BenchBodies } from './bodies.js';
import { BenchRequests, benchKey } from './requests.js';

export interface BenchPlan {
  readonly operation: 'put' | 'get';
  /** Of each object, bytes. */
  readonly size: number;
  /** Different objects, each in turn. */
  readonly objects: number;
  readonly connections: number;
  /** For one request, milliseconds. */
  readonly timeoutMs: number;
  readonly userAgent: string;
}

export interface BenchContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly env: Environment;
  readonly home: string;
  /** Ends what goes before the measurement; what was made is removed all the same. */
  readonly signal: AbortSignal;
}

/** Bytes of all requests that are under way at once. */
const MOST_UNDER_WAY = 1024 ** 3;
/** Bytes of all objects that are put before they are read. */
const MOST_STORED = 16 * 1024 ** 3;
/** Objects that are put at a time before they are read. */
const PUTS_AT_ONCE = 16;

/** Error: `blob.bad_bench`. */
function checkBench({ operation, size, objects, connections }: BenchPlan): void {
  if (operation === 'put' && size * connections > MOST_UNDER_WAY) {
    const what = `${connections} connections with ${formatSize(size)} each are more than ${formatSize(MOST_UNDER_WAY)} of memory`;
    throw blobErrors.error('blob.bad_bench', what, { hint: '--size 16MiB --connections 16' });
  }
  if (operation === 'get' && size * objects > MOST_STORED) {
    const what = `${objects} objects of ${formatSize(size)} are more than ${formatSize(MOST_STORED)}`;
    throw blobErrors.error('blob.bad_bench', what, { hint: '--get --size 16MiB --keys 100' });
  }
}

/**
 * Makes a bucket, puts the objects that are to be read, runs `use`, and removes all of it. Errors: `blob.bad_bench`, `blob.bad_url`,
 * `blob.bad_credentials_file`, and those of the server.
 */
export async function withBench<T>(
  url: string,
  plan: BenchPlan,
  context: BenchContext,
  use: (driver: OrderedDriver) => Promise<T>,
): Promise<T> {
  checkBench(plan);
  const { clock, random, env, home } = context;
  const access = await findLogin(url, context);
  const keys = await findKeys(access, clock);
  const store = await openRemoteBlobStore(url, { clock, env, home });
  const bucket = `ds-bench-${Buffer.from(random.bytes(8)).toString('hex')}`;
  try {
    await store.createBucket(bucket);
    try {
      if (plan.operation === 'get') await putObjects(store, bucket, plan, context);
      const { endpoint, region } = access;
      const { objects, userAgent } = plan;
      const requests = new BenchRequests({ endpoint, region, keys, bucket, objects, userAgent, clock });
      return await use(driverOf(requests, objectAddress(endpoint, { bucket, key: '' }).origin, plan, context));
    } finally {
      await remove(store, bucket);
    }
  } finally {
    await store.close();
  }
}

function driverOf(requests: BenchRequests, origin: string, plan: BenchPlan, { clock, random }: BenchContext) {
  const bodies = new BenchBodies(plan.operation === 'put' ? plan.size : 0, random);
  const next = plan.operation === 'put' ? () => requests.put(bodies) : () => requests.get();
  return httpRequestsDriver(parseHttpTarget(origin), {
    clock,
    timeoutMs: plan.timeoutMs,
    verify: true,
    isHead: false,
    next,
  });
}

async function putObjects(
  store: BlobStore,
  bucket: string,
  { size, objects }: BenchPlan,
  { random, signal }: BenchContext,
): Promise<void> {
  const bodies = new BenchBodies(size, random);
  function* indexes() {
    for (let index = 0; index < objects && !signal.aborted; index++) yield index;
  }
  await inParallel(indexes(), PUTS_AT_ONCE, async (index) => {
    const body = Buffer.from(bodies.next());
    await store.putObject({ bucket, key: benchKey(index) }, once(body), { size });
  });
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}

/** Not broken off by a signal: nothing is left behind. */
async function remove(store: BlobStore, bucket: string): Promise<void> {
  const all = { what: [{ bucket, prefix: '' }], allVersions: true, signal: new AbortController().signal };
  for await (const _deleted of deleteMany(store, all));
  await store.deleteBucket(bucket);
}
