/** Servers that lie to whoever lists, gets and synchronises. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { BlobStore } from '../../../../src/blocks/blob/blob-store.js';
import { openRemoteBlobStore } from '../../../../src/blocks/blob/remote/index.js';
import { getNewFile } from '../../../../src/blocks/blob/transfer/get-file.js';
import { planSync } from '../../../../src/blocks/blob/transfer/sync/plan.js';
import { bucketSide } from '../../../../src/blocks/blob/transfer/sync/side.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { code } from '../bodies.js';

type Answers = Readonly<Record<string, (response: ServerResponse) => void>>;

/** A bucket for each answer to whatever is asked of it. */
async function storeOf(answers: Answers): Promise<BlobStore> {
  const server = createServer((request, response) => {
    request.resume();
    answers[new URL(request.url ?? '', 'http://x').pathname.split('/')[1] ?? '']?.(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const env = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  const store = await openRemoteBlobStore(`s3+http://127.0.0.1:${port}`, { clock: systemClock, env, home: '/x' });
  onTestFinished(async () => {
    await store.close();
    server.closeAllConnections();
    server.close();
  });
  return store;
}

const xml = (text: string) => (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(text);
};
const list = (keys: readonly string[], more = '') =>
  xml(
    `<ListBucketResult><EncodingType>url</EncodingType>${more}${keys
      .map((key) => `<Contents><Key>${key}</Key><Size>1</Size><ETag>"e"</ETag></Contents>`)
      .join('')}</ListBucketResult>`,
  );
const endless = (status: number) => (response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/xml' });
  const piece = '<a>'.repeat(100_000);
  const go = () => {
    while (response.write(piece));
    response.once('drain', go);
  };
  go();
};

test('lists that are out of order, begin again, end nowhere, or cannot be read are refused', async () => {
  const truncated = '<IsTruncated>true</IsTruncated>';
  const marker = '<NextKeyMarker>a</NextKeyMarker><NextVersionIdMarker>1</NextVersionIdMarker>';
  const store = await storeOf({
    disordered: list(['c', 'b', 'a']),
    twice: list(['a', 'a']),
    again: list(['a', 'b'], truncated),
    empty: list([], truncated),
    undecodable: list(['a%zz']),
    endless: endless(200),
    refusing: endless(400),
    versions: xml(`<ListVersionsResult>${truncated}${marker}</ListVersionsResult>`),
    unmarked: xml(`<ListVersionsResult>${truncated}</ListVersionsResult>`),
  });
  for (const bucket of ['disordered', 'twice', 'empty', 'undecodable', 'endless', 'refusing'])
    expect([bucket, await code(store.listObjects(bucket, { limit: 10 }))]).toEqual([bucket, 'blob.refused']);
  expect((await store.listObjects('again', { limit: 10 })).next).toBe('b');
  expect(await code(store.listObjects('again', { limit: 10, after: 'b' }))).toBe('blob.refused');
  const { next } = await store.listVersions('versions', { limit: 10 });
  expect(next).toEqual({ key: 'a', versionId: '1' });
  expect(await code(store.listVersions('versions', { limit: 10, ...(next && { after: next }) }))).toBe('blob.refused');
  expect(await code(store.listVersions('unmarked', { limit: 10 }))).toBe('blob.refused');
});

test('an object of a size that none has is not begun', async () => {
  const home = temporaryFolder();
  const store = await storeOf({
    huge: (response) => {
      response.writeHead(200, { 'content-length': String(Number.MAX_SAFE_INTEGER), etag: '"e"' });
      response.end();
    },
  });
  const context = { clock: systemClock, random: systemRandom, home, server: 'http://x' };
  expect(await code(getNewFile(store, { bucket: 'huge', key: 'a' }, join(home, 'a'), {}, context))).toBe(
    'blob.refused',
  );
  expect(readdirSync(home)).toEqual([]);
});

test('no file is taken for gone because of a list that is out of order', async () => {
  const store = await storeOf({ disordered: list(['c', 'b', 'a']) });
  const path = join(temporaryFolder(), 'target');
  mkdirSync(path);
  for (const name of ['a', 'b', 'c']) writeFileSync(join(path, name), 'x');
  const steps: unknown[] = [];
  const plan = async () => {
    for await (const step of planSync(bucketSide(store, 'disordered', ''), { kind: 'folder', path }, { delete: true }))
      steps.push(step);
  };
  expect(await code(plan())).toBe('blob.refused');
  expect(steps).toEqual([]);
  expect(readdirSync(path)).toHaveLength(3);
});
