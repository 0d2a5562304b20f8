/** `ds blob serve` as the AWS SDK for JavaScript sees it, with lib-storage and the presigner, over HTTP and TLS. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  type S3ClientConfig,
  waitUntilBucketExists,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type BlobDaemon, startBlobDaemon, TRANSPORTS } from '../helpers/blob-daemon.js';
import { etagOfParts, MIB, md5, ODD_KEYS, sample } from '../helpers/blob-samples.js';
import { hasPackages } from '../helpers/programs.js';

const BUCKET = 'sdk-bucket';

function clientOf({ url, keys, region, ca }: BlobDaemon, more: S3ClientConfig = {}): S3Client {
  const agent = ca === undefined ? {} : { httpsAgent: new Agent({ ca: readFileSync(ca), keepAlive: true }) };
  const credentials = { accessKeyId: keys.id, secretAccessKey: keys.secret };
  // Once is enough: a second attempt would hide a fault.
  const client = new S3Client({
    endpoint: url,
    region,
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
    requestHandler: agent,
    ...more,
  });
  onTestFinished(() => client.destroy());
  return client;
}

async function bytesOf(client: S3Client, key: string): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

async function keysOf(client: S3Client, pageSize: number): Promise<string[]> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client, pageSize }, { Bucket: BUCKET }))
    keys.push(...Contents.map(({ Key = '' }) => Key));
  return keys;
}

const inUtf8 = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What a program without an SDK does with a URL that it was given. */
function ask(
  url: string,
  method: string,
  ca: string | undefined,
  body?: Buffer,
): Promise<{ status: number; body: Buffer }> {
  if (ca === undefined) {
    const payload = body === undefined ? {} : { body: new Uint8Array(body) };
    return fetch(url, { method, ...payload }).then(async (answer) => ({
      status: answer.status,
      body: Buffer.from(await answer.arrayBuffer()),
    }));
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, ca: readFileSync(ca), agent: false }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(pieces) }));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

describe.each(TRANSPORTS)('the AWS SDK over %s', (transport) => {
  const here = test.skipIf(transport === 'https' && !hasPackages('openssl'));

  here('puts, lists, copies and deletes objects of any key', async () => {
    const client = clientOf(await startBlobDaemon(transport));
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await waitUntilBucketExists({ client, minDelay: 1, maxWaitTime: 5 }, { Bucket: BUCKET });
    for (const key of ODD_KEYS) {
      const body = Buffer.from(`content of ${key}`);
      const put = new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body, Metadata: { length: `${key.length}` } });
      const { ETag, ChecksumCRC32 } = await client.send(put);
      expect({ key, ETag }).toEqual({ key, ETag: `"${md5(body)}"` });
      expect(ChecksumCRC32).toMatch(/^[A-Za-z0-9+/]{6}==$/);
      const { Metadata, ContentLength } = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key }));
      expect({ Metadata, ContentLength }).toEqual({
        Metadata: { length: `${key.length}` },
        ContentLength: body.length,
      });
      expect(await bytesOf(client, key)).toEqual(body);
    }
    expect(await keysOf(client, 3)).toEqual([...ODD_KEYS].sort(inUtf8));
    for (const key of ODD_KEYS.slice(0, -1)) {
      const source = `${BUCKET}/${encodeURIComponent(key)}`;
      await client.send(new CopyObjectCommand({ Bucket: BUCKET, Key: `copy/${key}`, CopySource: source }));
      expect(await bytesOf(client, `copy/${key}`)).toEqual(Buffer.from(`content of ${key}`));
    }
    const Objects = (await keysOf(client, 1000)).map((Key) => ({ Key }));
    const { Deleted = [], Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }),
    );
    expect({ deleted: Deleted.length, Errors }).toEqual({ deleted: 2 * ODD_KEYS.length - 1, Errors: [] });
    expect(await keysOf(client, 1000)).toEqual([]);
  });

  here('uploads streams in one piece with a trailer, and in parts', async () => {
    const client = clientOf(await startBlobDaemon(transport));
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const large = sample(20 * MIB + 7);
    const pieces = () => Readable.from(Array.from({ length: 21 }, (_, at) => large.subarray(at * MIB, (at + 1) * MIB)));
    // A stream has no checksum before it ends: the SDK sends aws-chunked with a trailer.
    const put = { Bucket: BUCKET, Key: 'one', Body: pieces(), ContentLength: large.length };
    const one = await client.send(new PutObjectCommand(put));
    expect(one.ETag).toBe(`"${md5(large)}"`);
    expect(md5(await bytesOf(client, 'one'))).toBe(md5(large));

    const SHA256 = { ChecksumAlgorithm: 'SHA256' } as const;
    for (const [key, options] of Object.entries({ crc: {}, sha: SHA256 })) {
      const params = { Bucket: BUCKET, Key: key, Body: pieces(), ...options };
      const upload = new Upload({ client, params, partSize: 5 * MIB, queueSize: 4 });
      expect((await upload.done()).ETag).toBe(`"${etagOfParts(large, 5 * MIB)}"`);
      expect(md5(await bytesOf(client, key))).toBe(md5(large));
      const range = { Bucket: BUCKET, Key: key, Range: `bytes=${5 * MIB - 1}-${5 * MIB}` };
      const middle = await client.send(new GetObjectCommand(range));
      expect(Buffer.from((await middle.Body?.transformToByteArray()) ?? [])).toEqual(
        large.subarray(5 * MIB - 1, 5 * MIB + 1),
      );
      const part = { Bucket: BUCKET, Key: key, PartNumber: 2 };
      const { PartsCount, ContentLength } = await client.send(new HeadObjectCommand(part));
      expect({ PartsCount, ContentLength }).toEqual({ PartsCount: 5, ContentLength: 5 * MIB });
    }
    const asked = { Bucket: BUCKET, Key: 'sha', ChecksumMode: 'ENABLED' } as const;
    const { ChecksumSHA256 } = await client.send(new HeadObjectCommand(asked));
    const ofParts = createHash('sha256');
    for (let at = 0; at < large.length; at += 5 * MIB)
      ofParts.update(
        createHash('sha256')
          .update(large.subarray(at, at + 5 * MIB))
          .digest(),
      );
    expect(ChecksumSHA256).toBe(`${ofParts.digest('base64')}-5`);
  });

  here('signs URLs for programs that have no SDK', async () => {
    const daemon = await startBlobDaemon(transport);
    const client = clientOf(daemon);
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const body = Buffer.from('put by a program that knows nothing of S3');
    const Key = 'signed/a key+%2F🎉';
    const put = await getSignedUrl(client, new PutObjectCommand({ Bucket: BUCKET, Key }), { expiresIn: 60 });
    // The SDK bakes the checksum of an empty body into the URL, which the body does not have.
    expect(put).toContain('x-amz-checksum-crc32=AAAAAA');
    expect((await ask(put, 'PUT', daemon.ca, body)).status).toBe(200);
    const get = await getSignedUrl(client, new GetObjectCommand({ Bucket: BUCKET, Key }), { expiresIn: 60 });
    expect(await ask(get, 'GET', daemon.ca)).toEqual({ status: 200, body });
    expect((await ask(get.replace('signed/', 'other/'), 'GET', daemon.ca)).status).toBe(403);
    expect((await ask(get, 'PUT', daemon.ca, body)).status).toBe(403);
    const signingDate = new Date(Date.now() - 120_000);
    const late = await getSignedUrl(client, new GetObjectCommand({ Bucket: BUCKET, Key }), {
      expiresIn: 60,
      signingDate,
    });
    expect((await ask(late, 'GET', daemon.ca)).status).toBe(403);
  });
});

test('a presigned PUT with the checksum of an empty body is refused by a strict daemon', async () => {
  const client = clientOf(await startBlobDaemon('http', ['--strict']));
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const put = await getSignedUrl(client, new PutObjectCommand({ Bucket: BUCKET, Key: 'a' }), { expiresIn: 60 });
  const answer = await ask(put, 'PUT', undefined, Buffer.from('not empty'));
  expect({ status: answer.status, body: answer.body.toString() }).toMatchObject({
    status: 400,
    body: expect.stringContaining('<Code>BadDigest</Code>'),
  });
  expect(await keysOf(client, 10)).toEqual([]);
});

test('the SDK asks the store for versions and finds what was deleted', async () => {
  const client = clientOf(await startBlobDaemon('http'));
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration }));
  const put = (Body: string) => client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body }));
  const first = await put('first');
  await put('second');
  await client.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects: [{ Key: 'a' }] } }));
  await expect(bytesOf(client, 'a')).rejects.toMatchObject({ name: 'NoSuchKey' });
  const old = { Bucket: BUCKET, Key: 'a', VersionId: first.VersionId };
  const { Body } = await client.send(new GetObjectCommand(old));
  expect(await Body?.transformToString()).toBe('first');
});
