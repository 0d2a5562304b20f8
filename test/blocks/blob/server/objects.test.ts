import { describe, expect, test } from 'vitest';
import { codeOf, serve, signed } from './serve.js';

const tagsIn = (text: string, name: string) =>
  [...text.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'g'))].map(([, value]) => value);

describe('objects over HTTP', () => {
  test('are put, read whole and in ranges, told by HEAD, and deleted', async () => {
    const { ask } = await serve();
    expect((await ask('PUT', '/shop')).status).toBe(200);
    const put = await ask('PUT', '/shop/a%2Fb%20c%2B+.txt', {
      body: 'hello',
      headers: {
        'content-type': 'text/plain',
        'content-encoding': 'deflate, gzip,aws-chunked',
        expires: 'soon',
        'x-amz-meta-colour': Buffer.from('blå').toString('latin1'),
        'x-amz-tagging': 'a=1&b=%2B+x',
      },
    });
    expect(put).toMatchObject({ status: 200, headers: { etag: '"5d41402abc4b2a76b9719d911017c592"' } });
    expect(put.headers['x-amz-request-id']).toMatch(/^[0-9A-F]{16}$/);
    const key = '/shop/a/b%20c%2B%2B.txt';
    const whole = await ask('GET', key);
    expect(whole).toMatchObject({ status: 200, text: 'hello' });
    expect(await ask('GET', key, { headers: { range: 'bytes=1-2' } })).toMatchObject({
      status: 206,
      text: 'el',
      headers: { 'content-range': 'bytes 1-2/5', 'content-length': '2' },
    });
    expect(await ask('GET', key, { headers: { range: 'bytes=0-1,3-4' } })).toMatchObject({
      status: 200,
      text: 'hello',
    });
    const head = await ask('HEAD', key);
    expect(head).toMatchObject({ status: 200, text: '' });
    const same = ({ headers: { date: _, 'x-amz-request-id': _id, 'x-amz-id-2': _id2, ...rest } }: typeof head) => rest;
    expect(same(head)).toEqual(same(whole));
    expect(same(head)).toMatchObject({
      'content-length': '5',
      'content-type': 'text/plain',
      'content-encoding': 'deflate, gzip',
      expires: 'soon',
      'x-amz-meta-colour': '=?UTF-8?B?YmzDpQ==?=',
      'x-amz-tagging-count': '2',
    });
    expect(tagsIn((await ask('GET', `${key}?tagging`)).text, 'Value')).toEqual(['1', '+ x']);
    const beyond = await ask('GET', key, { headers: { range: 'bytes=9-' } });
    expect([beyond.status, codeOf(beyond), beyond.headers['content-range']]).toEqual([
      416,
      'InvalidRange',
      'bytes */5',
    ]);
    const overridden = await ask(
      'GET',
      `${key}?response-content-type=a%2Fb&response-content-disposition=x%0D%0Ay:%20%C3%A5`,
    );
    expect(overridden.headers).toMatchObject({
      'content-type': 'a/b',
      'content-disposition': Buffer.from('x  y: å').toString('latin1'),
    });
    expect(await ask('DELETE', key)).toMatchObject({ status: 204 });
    expect(codeOf(await ask('GET', key))).toBe('NoSuchKey');
    const large = Buffer.alloc(3_000_000, 'ds blob ');
    expect((await ask('PUT', '/shop/large', { body: large })).status).toBe(200);
    expect((await ask('GET', '/shop/large')).bytes.equals(large)).toBe(true);
    expect((await ask('GET', '/shop/large', { headers: { range: 'bytes=-9' } })).text).toBe(' ds blob '.slice(-9));
  });

  test('are read and written on conditions', async () => {
    const { ask } = await serve();
    await ask('PUT', '/shop');
    const etag = String((await ask('PUT', '/shop/a', { body: 'one' })).headers['etag']);
    const put = async (headers: Record<string, string>) =>
      (await ask('PUT', '/shop/a', { body: 'two', headers })).status;
    expect(await put({ 'if-none-match': '*' })).toBe(412);
    expect(await put({ 'if-match': '"other"' })).toBe(412);
    expect(await put({ 'if-none-match': etag })).toBe(412);
    const unchanged = await ask('GET', '/shop/a', { headers: { 'if-none-match': etag } });
    expect(unchanged).toMatchObject({ status: 304, text: '', headers: { etag } });
    expect(unchanged.headers['last-modified']).toMatch(/GMT$/);
    const get = async (headers: Record<string, string>) => (await ask('GET', '/shop/a', { headers })).status;
    expect(await get({ 'if-match': etag })).toBe(200);
    expect(await get({ 'if-match': '"other"' })).toBe(412);
    expect(await get({ 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' })).toBe(304);
    expect(await get({ 'if-modified-since': 'no date' })).toBe(200);
    expect(await get({ 'if-unmodified-since': 'Sat, 01 Jan 2000 00:00:00 GMT' })).toBe(412);
    expect(await put({ 'if-match': etag })).toBe(200);
    expect((await ask('DELETE', '/shop/a', { headers: { 'if-match': etag } })).status).toBe(412);
  });

  test('have versions, markers and copies', async () => {
    const { ask } = await serve();
    await ask('PUT', '/shop');
    const versioning = (status: string) =>
      `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`;
    expect((await ask('PUT', '/shop?versioning', { body: versioning('Enabled') })).status).toBe(200);
    expect(codeOf(await ask('PUT', '/shop?versioning', { body: versioning('Perhaps') }))).toBe('MalformedXML');
    const first = String(
      (await ask('PUT', '/shop/a', { body: 'one', headers: { 'x-amz-meta-a': '1' } })).headers['x-amz-version-id'],
    );
    await ask('PUT', '/shop/a', { body: 'two' });
    const marker = await ask('DELETE', '/shop/a');
    expect(marker).toMatchObject({ status: 204, headers: { 'x-amz-delete-marker': 'true' } });
    const gone = await ask('GET', '/shop/a');
    expect([gone.status, codeOf(gone), gone.headers['x-amz-delete-marker']]).toEqual([404, 'NoSuchKey', 'true']);
    const markerPlace = `/shop/a?versionId=${marker.headers['x-amz-version-id']}`;
    expect(await ask('GET', markerPlace)).toMatchObject({ status: 405, headers: { allow: 'DELETE' } });
    expect((await ask('GET', `/shop/a?versionId=${first}`)).text).toBe('one');
    const { text } = await ask('GET', '/shop?versions');
    expect([tagsIn(text, 'IsLatest'), tagsIn(text, 'Size')]).toEqual([
      ['true', 'false', 'false'],
      ['3', '3'],
    ]);
    const copy = (headers: Record<string, string>, to = '/shop/b') =>
      ask('PUT', to, { headers: { 'x-amz-copy-source': `shop/a?versionId=${first}`, ...headers } });
    expect(await copy({})).toMatchObject({ status: 200, headers: { 'x-amz-copy-source-version-id': first } });
    expect((await ask('HEAD', '/shop/b')).headers['x-amz-meta-a']).toBe('1');
    expect((await copy({ 'x-amz-metadata-directive': 'REPLACE', 'x-amz-meta-b': '2' })).status).toBe(200);
    const { headers } = await ask('HEAD', '/shop/b');
    expect([headers['x-amz-meta-a'], headers['x-amz-meta-b']]).toEqual([undefined, '2']);
    expect(codeOf(await ask('PUT', '/shop/b', { headers: { 'x-amz-copy-source': '/shop/b' } }))).toBe('InvalidRequest');
    expect((await copy({ 'x-amz-copy-source-if-match': '"other"' })).status).toBe(412);
    expect((await ask('DELETE', markerPlace)).status).toBe(204);
    expect((await ask('GET', '/shop/a')).text).toBe('two');
  });

  test('are uploaded in parts, read by part, and told of by their attributes', async () => {
    const { ask } = await serve();
    await ask('PUT', '/shop');
    const headers = { 'content-type': 'text/x' };
    const [uploadId = ''] = tagsIn((await ask('POST', '/shop/big?uploads', { headers })).text, 'UploadId');
    const five = Buffer.alloc(5 * 1024 * 1024, 'five');
    const etags: string[] = [];
    for (const [index, body] of [five, Buffer.from('end')].entries()) {
      const part = await ask('PUT', `/shop/big?partNumber=${index + 1}&uploadId=${uploadId}`, { body });
      etags.push(String(part.headers['etag']));
    }
    const listed = (await ask('GET', `/shop/big?uploadId=${uploadId}&max-parts=1`)).text;
    expect([
      tagsIn(listed, 'PartNumber'),
      tagsIn(listed, 'NextPartNumberMarker'),
      tagsIn(listed, 'IsTruncated'),
    ]).toEqual([['1'], ['1'], ['true']]);
    expect(tagsIn((await ask('GET', '/shop?uploads')).text, 'Key')).toEqual(['big']);
    const complete = (parts: readonly number[]) =>
      ask('POST', `/shop/big?uploadId=${uploadId}`, {
        body: `<CompleteMultipartUpload>${parts.map((number) => `<Part><PartNumber>${number}</PartNumber><ETag>${etags[number - 1]}</ETag></Part>`).join('')}</CompleteMultipartUpload>`,
      });
    expect(codeOf(await complete([2, 1]))).toBe('InvalidPartOrder');
    expect(codeOf(await complete([1, 3]))).toBe('InvalidPart');
    const done = await complete([1, 2]);
    expect([done.status, tagsIn(done.text, 'ETag')[0]]).toEqual([200, expect.stringMatching(/-2&quot;$/)]);
    expect(codeOf(await ask('GET', `/shop/big?uploadId=${uploadId}`))).toBe('NoSuchUpload');
    expect(await ask('GET', '/shop/big?partNumber=2')).toMatchObject({
      status: 206,
      text: 'end',
      headers: { 'x-amz-mp-parts-count': '2' },
    });
    const names = 'ETag,ObjectParts,ObjectSize,StorageClass';
    const { text } = await ask('GET', '/shop/big?attributes', { headers: { 'x-amz-object-attributes': names } });
    expect([tagsIn(text, 'PartsCount'), tagsIn(text, 'ObjectSize')]).toEqual([['2'], [String(five.length + 3)]]);
    expect(tagsIn(text, 'Size')).toEqual([String(five.length), '3']);
    const started = tagsIn((await ask('POST', '/shop/c?uploads')).text, 'UploadId')[0];
    const range = {
      'x-amz-copy-source': 'shop/big',
      'x-amz-copy-source-range': `bytes=${five.length}-${five.length + 2}`,
    };
    expect((await ask('PUT', `/shop/c?partNumber=1&uploadId=${started}`, { headers: range })).text).toContain(
      '<CopyPartResult',
    );
    expect((await ask('DELETE', `/shop/c?uploadId=${started}`)).status).toBe(204);
  });
});

describe('lists', () => {
  test('page by every kind of marker, roll up prefixes, and escape what XML cannot hold', async () => {
    const { ask, port, user, askPlain } = await serve({ domain: ['s3.example'] });
    await ask('PUT', '/shop');
    for (const key of ['a', 'b/1', 'b/2', 'c%01', 'd%2B%20e']) await ask('PUT', `/shop/${key}`, { body: key });
    const keys = (text: string) => tagsIn(text, 'Key');
    const one = (await ask('GET', '/shop?max-keys=2&delimiter=%2F')).text;
    expect([keys(one), tagsIn(one, 'NextMarker'), tagsIn(one, 'IsTruncated')]).toEqual([['a'], ['b/'], ['true']]);
    const two = (await ask('GET', '/shop?delimiter=%2F&marker=b%2F')).text;
    expect([keys(two), tagsIn(two, 'CommonPrefixes')]).toEqual([['c&#x1;', 'd+ e'], []]);
    const v2 = (await ask('GET', '/shop?list-type=2&max-keys=3&encoding-type=url')).text;
    expect([keys(v2), tagsIn(v2, 'KeyCount')]).toEqual([['a', 'b/1', 'b/2'], ['3']]);
    const next = (
      await ask(
        'GET',
        `/shop?list-type=2&encoding-type=url&continuation-token=${tagsIn(v2, 'NextContinuationToken')[0]}`,
      )
    ).text;
    expect([keys(next), tagsIn(next, 'IsTruncated')]).toEqual([['c%01', 'd%2B%20e'], ['false']]);
    expect(keys((await ask('GET', '/shop?list-type=2&start-after=c')).text)).toHaveLength(2);
    expect(tagsIn((await ask('GET', '/shop?list-type=2&max-keys=0')).text, 'IsTruncated')).toEqual(['false']);
    for (const bad of [
      'max-keys=-1',
      'max-keys=x',
      'encoding-type=x',
      'list-type=2&continuation-token=!',
      'list-type=3',
    ]) {
      expect(codeOf(await ask('GET', `/shop?${bad}`))).toBe('InvalidArgument');
    }
    for (const host of [`shop.localhost:${port}`, 'shop.s3.example']) {
      const headers = signed(port, user, 'GET', '/b/1', { headers: { host } });
      expect((await askPlain('GET', '/b/1', { headers })).text).toBe('b/1');
    }
  });

  test('of buckets, and what every client asks of one, are answered truly', async () => {
    const { ask } = await serve();
    expect(await ask('PUT', '/shop')).toMatchObject({ status: 200, headers: { location: '/shop' } });
    // As us-east-1 has it, and nowhere else.
    expect((await ask('PUT', '/shop')).status).toBe(200);
    const place = (region: string) =>
      `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
    expect(codeOf(await ask('PUT', '/other', { body: place('mars-1') }))).toBe('IllegalLocationConstraintException');
    expect(codeOf(await ask('PUT', '/Not_A_Name'))).toBe('InvalidBucketName');
    await ask('PUT', '/shop-2', { body: place('us-east-1') });
    const listed = (await ask('GET', '/?max-buckets=1')).text;
    expect(tagsIn(listed, 'Name')).toEqual(['shop']);
    expect(
      tagsIn((await ask('GET', `/?continuation-token=${tagsIn(listed, 'ContinuationToken')[0]}`)).text, 'Name'),
    ).toEqual(['shop-2']);
    expect(codeOf(await ask('GET', '/?max-buckets=0'))).toBe('InvalidArgument');
    expect((await ask('HEAD', '/shop')).headers['x-amz-bucket-region']).toBe('us-east-1');
    expect((await ask('HEAD', '/none')).status).toBe(404);
    for (const [query, code] of [
      ['policy', 'NoSuchBucketPolicy'],
      ['encryption', 'ServerSideEncryptionConfigurationNotFoundError'],
      ['object-lock', 'ObjectLockConfigurationNotFoundError'],
      ['lifecycle', 'NoSuchLifecycleConfiguration'],
      ['cors', 'NoSuchCORSConfiguration'],
      ['tagging', 'NoSuchTagSet'],
      ['website', 'NoSuchWebsiteConfiguration'],
      ['replication', 'ReplicationConfigurationNotFoundError'],
      ['publicAccessBlock', 'NoSuchPublicAccessBlockConfiguration'],
      ['ownershipControls', 'OwnershipControlsNotFoundError'],
    ]) {
      expect(codeOf(await ask('GET', `/shop?${query}`))).toBe(code);
    }
    for (const query of [
      'location',
      'acl',
      'logging',
      'requestPayment',
      'notification',
      'accelerate',
      'policyStatus',
      'versioning',
    ]) {
      expect((await ask('GET', `/shop?${query}`)).status).toBe(200);
      expect(codeOf(await ask('GET', `/none?${query}`))).toBe('NoSuchBucket');
    }
    const tags = '<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>';
    expect((await ask('PUT', '/shop?tagging', { body: tags })).status).toBe(204);
    expect((await ask('GET', '/shop?tagging')).text).toContain('<Value>v</Value>');
    const rule = (body: string) =>
      `<LifecycleConfiguration><Rule><ID>r</ID><Filter><Prefix>t/</Prefix></Filter><Status>Enabled</Status>${body}</Rule></LifecycleConfiguration>`;
    expect(
      (await ask('PUT', '/shop?lifecycle', { body: rule('<Expiration><Days>1</Days></Expiration>') })).status,
    ).toBe(200);
    expect(codeOf(await ask('PUT', '/shop?lifecycle', { body: rule('<Transition><Days>1</Days></Transition>') }))).toBe(
      'NotImplemented',
    );
    expect(codeOf(await ask('PUT', '/shop?lifecycle', { body: rule('<Expiration><Days>0</Days></Expiration>') }))).toBe(
      'InvalidArgument',
    );
    expect((await ask('DELETE', '/shop?lifecycle')).status).toBe(204);
    expect((await ask('DELETE', '/shop')).status).toBe(204);
  });
});
