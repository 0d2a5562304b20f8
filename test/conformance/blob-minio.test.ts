/** `ds blob serve` as MinIO's client for Node sees it, over HTTP and TLS. */
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type BucketItem, Client, CopyConditions } from 'minio';
import { describe, expect, test } from 'vitest';
import { type BlobDaemon, startBlobDaemon, TRANSPORTS } from '../helpers/blob-daemon.js';
import { MIB, md5, ODD_KEYS, sample } from '../helpers/blob-samples.js';
import { hasPackages } from '../helpers/programs.js';

const BUCKET = 'minio-bucket';
/** The client mends these before it signs, and asks for another key than it was told. */
const MENDED = ['..', 'dots/../up/./here', 'a//b/', '/leading'];

function clientOf({ port, keys, region, ca }: BlobDaemon): Client {
  const agent = ca === undefined ? {} : { transportAgent: new Agent({ ca: readFileSync(ca) }) };
  const useSSL = ca !== undefined;
  return new Client({
    endPoint: '127.0.0.1',
    port,
    useSSL,
    accessKey: keys.id,
    secretKey: keys.secret,
    partSize: 5 * MIB,
    region,
    ...agent,
  });
}

async function list(client: Client, prefix = '', recursive = true): Promise<BucketItem[]> {
  const items: BucketItem[] = [];
  for await (const item of client.listObjectsV2(BUCKET, prefix, recursive)) items.push(item);
  return items;
}

describe.each(TRANSPORTS)('minio over %s', (transport) => {
  test.skipIf(transport === 'https' && !hasPackages('openssl'))('puts, gets, copies, lists and removes', async () => {
    const client = clientOf(await startBlobDaemon(transport));
    await client.makeBucket(BUCKET);
    expect(await client.bucketExists(BUCKET)).toBe(true);
    expect(await client.bucketExists('none-of-this')).toBe(false);
    const keys = ODD_KEYS.filter((key) => !MENDED.includes(key));
    for (const key of keys) {
      const body = Buffer.from(`content of ${key}`);
      const { etag } = await client.putObject(BUCKET, key, body, body.length, { 'X-Amz-Meta-Of': 'minio' });
      expect({ key, etag }).toEqual({ key, etag: md5(body) });
      expect(await buffer(await client.getObject(BUCKET, key))).toEqual(body);
      const { size, metaData } = await client.statObject(BUCKET, key);
      expect({ size, of: metaData['of'] }).toEqual({ size: body.length, of: 'minio' });
    }
    expect((await list(client)).map(({ name }) => name).sort()).toEqual([...keys].sort());
    expect((await list(client, 'a/', false)).map(({ name, prefix }) => name ?? prefix)).toEqual(['a/b', 'a/b/']);

    await client.copyObject(BUCKET, 'copy', `/${BUCKET}/a/b/1`, new CopyConditions());
    expect(await buffer(await client.getPartialObject(BUCKET, 'copy', 8, 2))).toEqual(Buffer.from('of'));
    await client.removeObjects(BUCKET, keys);
    expect((await list(client)).map(({ name }) => name)).toEqual(['copy']);
    await client.removeObject(BUCKET, 'copy');
    await client.removeBucket(BUCKET);
    expect(await client.listBuckets()).toEqual([]);
  });

  test.skipIf(transport === 'https' && !hasPackages('openssl'))('uploads in parts, and signs URLs', async () => {
    const daemon = await startBlobDaemon(transport);
    const client = clientOf(daemon);
    await client.makeBucket(BUCKET);
    const large = sample(20 * MIB + 7);
    const pieces = Array.from({ length: 21 }, (_, at) => large.subarray(at * MIB, (at + 1) * MIB));
    const { etag } = await client.putObject(BUCKET, 'large', Readable.from(pieces), large.length);
    // The client adds what is left at the end to the part before it.
    expect(etag).toMatch(/^[0-9a-f]{32}-4$/);
    expect(md5(await buffer(await client.getObject(BUCKET, 'large')))).toBe(md5(large));
    if (transport === 'https') return; // fetch() trusts no certificate of a test
    const put = await client.presignedPutObject(BUCKET, 'signed', 60);
    expect((await fetch(put, { method: 'PUT', body: 'by URL' })).status).toBe(200);
    const get = await fetch(await client.presignedGetObject(BUCKET, 'signed', 60));
    expect(await get.text()).toBe('by URL');
  });
});
