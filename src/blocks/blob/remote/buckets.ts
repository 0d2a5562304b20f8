/** Buckets of an S3 server, and the documents and versions that they have. */
import type * as Sdk from '@aws-sdk/client-s3';
import { DsError } from '../../../platform/errors.js';
import { mapOrdered } from '../../../platform/map-ordered.js';
import type { BucketInfo, Versioning } from '../object-types.js';
import { bucketExists } from '../rules/absent.js';
import type { S3Sender } from './client.js';

/** Buckets whose versioning is asked for at once. */
const AT_ONCE = 8;

/** S3 says yes to the owner of a bucket that is there, in us-east-1, so that it is asked for before. */
export async function createBucket({ sdk, client, send }: S3Sender, name: string): Promise<void> {
  const exists = await send(new sdk.HeadBucketCommand({ Bucket: name }), name).then(
    () => true,
    (error: unknown) => {
      // Whatever else is wrong, the creation will tell.
      if (error instanceof DsError && error.code === 'blob.unreachable') throw error;
      return false;
    },
  );
  if (exists) throw bucketExists(name);
  const region = await client.config.region();
  // us-east-1 is what there is without one, and S3 refuses it by name.
  const elsewhere =
    region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: locationOf(region) } };
  await send(new sdk.CreateBucketCommand({ Bucket: name, ...elsewhere }), name);
}

function locationOf(region: string): Sdk.BucketLocationConstraint {
  return region as Sdk.BucketLocationConstraint;
}

export async function deleteBucket({ sdk, send }: S3Sender, name: string): Promise<void> {
  await send(new sdk.DeleteBucketCommand({ Bucket: name }), name);
}

export async function listBuckets(sender: S3Sender): Promise<readonly BucketInfo[]> {
  const infos: BucketInfo[] = [];
  const found = mapOrdered(ownBuckets(sender), AT_ONCE, async ({ name, createdAt }) => ({
    name,
    createdAt,
    versioning: await versioningOf(sender, name),
  }));
  for await (const info of found) infos.push(info);
  return infos.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** When it was made is told of one's own buckets only; of others' it is 0. */
export async function bucketInfo(sender: S3Sender, name: string): Promise<BucketInfo> {
  const versioning = await versioningOf(sender, name);
  for await (const own of ownBuckets(sender, name)) if (own.name === name) return { ...own, versioning };
  return { name, createdAt: 0, versioning };
}

export async function setVersioning(
  { sdk, send }: S3Sender,
  bucket: string,
  state: Exclude<Versioning, 'off'>,
): Promise<void> {
  const Status = state === 'enabled' ? 'Enabled' : 'Suspended';
  await send(new sdk.PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }), bucket);
}

async function versioningOf({ sdk, send }: S3Sender, bucket: string): Promise<Versioning> {
  const { Status } = await send(new sdk.GetBucketVersioningCommand({ Bucket: bucket }), bucket);
  return Status === 'Enabled' ? 'enabled' : Status === 'Suspended' ? 'suspended' : 'off';
}

async function* ownBuckets({ sdk, send, endpoint }: S3Sender, prefix?: string) {
  for (let token: string | undefined; ; ) {
    const page: Sdk.ListBucketsCommandOutput = await send(
      new sdk.ListBucketsCommand({
        ...(prefix === undefined ? {} : { Prefix: prefix }),
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
      endpoint,
    );
    for (const { Name, CreationDate } of page.Buckets ?? []) {
      if (Name !== undefined) yield { name: Name, createdAt: CreationDate?.getTime() ?? 0 };
    }
    token = page.ContinuationToken;
    if (!token) return;
  }
}
