import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCredentials, parseCredentials } from '../../../../src/blocks/blob/endpoint/credentials.js';
import { blobErrors } from '../../../../src/blocks/blob/errors.js';
import { parseCopyRange, parseCopySource } from '../../../../src/blocks/blob/wire/copy-source.js';
import { corsAnswer, readCorsXml } from '../../../../src/blocks/blob/wire/cors-xml.js';
import {
  encodeMetadata,
  httpDate,
  parseEtags,
  parseHttpDate,
  parseRange,
} from '../../../../src/blocks/blob/wire/http-values.js';
import { readLifecycleXml } from '../../../../src/blocks/blob/wire/lifecycle-xml.js';
import { encodeKeyForUrl } from '../../../../src/blocks/blob/wire/listing-xml.js';
import { operationOf } from '../../../../src/blocks/blob/wire/operations.js';
import { readToken, writeToken } from '../../../../src/blocks/blob/wire/page-query.js';
import { originForm, parseRequestTarget } from '../../../../src/blocks/blob/wire/request-target.js';
import { ownCodeOf, wireErrorOf } from '../../../../src/blocks/blob/wire/s3-errors.js';
import { readXml, textOf } from '../../../../src/blocks/blob/wire/xml-reader.js';
import { document, element } from '../../../../src/blocks/blob/wire/xml-writer.js';
import { DsError } from '../../../../src/platform/errors.js';

/** Any text that is Unicode. */
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });
const bytes = (xml: string) => Buffer.from(xml);

function codeOf(work: () => unknown): string {
  try {
    return `no error, but ${JSON.stringify(work())}`;
  } catch (error) {
    return error instanceof DsError ? error.code : String(error);
  }
}

describe('documents', () => {
  test('hold any text, and are read back as they were written', () => {
    fc.assert(
      fc.property(text, (key) => {
        // XML 1.0 has no way to write these, and S3 writes references that strict parsers refuse.
        // What XML 1.0 has no place for, not even as a reference.
        fc.pre(!/[\ufffe\uffff]|(?=\p{ASCII})(?![\t\n\r\x7f])\p{Cc}/u.test(key));
        const xml = document('Delete', element('Key', key));
        expect(textOf(readXml(bytes(xml), 'Delete'), 'Key')).toBe(key);
      }),
    );
    expect(element('Key', 'a\u0001<\r')).toBe('<Key>a&#x1;&lt;&#xd;</Key>');
  });

  test('are refused unless they are well-formed, bounded, and without a DOCTYPE', () => {
    for (const xml of [
      '',
      '<a>',
      '<a></b>',
      '<b/>',
      '<!DOCTYPE a><a/>',
      '<?php?><a/>',
      '<a>text<b/></a>',
      '<a>&unknown;</a>',
      '<a/><a/>',
      `${'<a>'.repeat(17)}${'</a>'.repeat(17)}`,
      `<a>${'<b/>'.repeat(100_000)}</a>`,
      `<a ${Array.from({ length: 17 }, (_, index) => `x${index}="1"`).join(' ')}/>`,
    ]) {
      expect(codeOf(() => readXml(bytes(xml), 'a'))).toBe('blob.malformed_xml');
    }
    expect(codeOf(() => readXml(Buffer.from([0x3c, 0x61, 0x3e, 0xff]), 'a'))).toBe('blob.malformed_xml');
    expect(readXml(bytes('<x:a xmlns:x="s3"><![CDATA[<]]></x:a>'), 'a').text).toBe('<');
  });
});

describe('targets', () => {
  const target = (url: string, host = '127.0.0.1:9000') => {
    const [path = '', rawQuery = ''] = originForm(url).split(/\?(.*)/s);
    return parseRequestTarget({ path, rawQuery, host }, ['localhost', 's3.example']);
  };

  test('are decoded exactly once, whatever the key', () => {
    fc.assert(
      fc.property(text, (key) => {
        expect(target(`/shop/${encodeURIComponent(key)}`)).toMatchObject({ bucket: 'shop', key });
        expect(target(`/${encodeURIComponent(key)}`, 'shop.localhost')).toMatchObject({ bucket: 'shop', key });
        expect(target(`/shop?prefix=${encodeURIComponent(key)}`).query.get('prefix')).toBe(key);
        expect(readToken(writeToken(key))).toBe(key);
        expect(decodeURIComponent(encodeKeyForUrl(key))).toBe(key);
        const source = `/shop/${encodeURIComponent(key)}?versionId=v`;
        expect(parseCopySource(source)).toEqual({ bucket: 'shop', key, versionId: 'v' });
      }),
    );
    expect(target('http://proxy:1/shop/a+b/../c?x=a+b')).toMatchObject({ bucket: 'shop', key: 'a+b/../c' });
    expect(target('http://proxy:1').bucket).toBeUndefined();
    expect(target('/a', 's3.example')).toMatchObject({ bucket: 'a', key: undefined });
    expect(target('/a', 'b.c.s3.example:443')).toMatchObject({ bucket: 'b.c', key: 'a' });
    expect(target('/a/b', 'evils3.example')).toMatchObject({ bucket: 'a', key: 'b' });
    for (const bad of ['/a/%', '/a/%4', '/a/%ED%A0%80', '/a?%ff', `/a?${'x&'.repeat(300)}`]) {
      expect(codeOf(() => target(bad))).toBe('blob.invalid_request');
    }
    for (const bad of ['shop', '/shop', '/shop/', '//a', 'shop/a?versionId='])
      expect(codeOf(() => parseCopySource(bad))).toBe('blob.invalid_argument');
    expect(parseCopyRange('bytes=1-2')).toEqual({ first: 1, last: 2 });
    for (const bad of ['bytes=2-1', 'bytes=-1', '1-2'])
      expect(codeOf(() => parseCopyRange(bad))).toBe('blob.invalid_argument');
  });

  test('with a method and marks are one operation, or none', () => {
    const operation = (method: string, url: string, hasCopySource = false) =>
      operationOf({ ...target(url), method, hasCopySource });
    expect(operation('GET', '/')).toBe('ListBuckets');
    expect(operation('GET', '/a?list-type=2&prefix=')).toBe('ListObjectsV2');
    expect(operation('PUT', '/a/b?partNumber=1&uploadId=x&x-id=UploadPart')).toBe('UploadPart');
    expect(operation('PUT', '/a/b?uploadId=x&partNumber=1', true)).toBe('UploadPartCopy');
    expect(operation('PUT', '/a/b', true)).toBe('CopyObject');
    expect(operation('POST', '/a/b?uploadId=x')).toBe('CompleteMultipartUpload');
    expect(operation('DELETE', '/a/b?tagging&versionId=v')).toBe('DeleteObjectTagging');
    for (const [method, url] of [
      ['PUT', '/a?encryption'],
      ['PUT', '/a/b?new'],
      ['POST', '/a?restore'],
      ['GET', '/?x'],
    ] as const) {
      expect(codeOf(() => operation(method, url))).toBe('blob.not_implemented');
    }
    expect(codeOf(() => operation('PUT', '/'))).toBe('blob.method_not_allowed');
  });
});

describe('header values', () => {
  test('of dates, tags, ranges and metadata', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e9 }), (seconds) => {
        expect(parseHttpDate(httpDate(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
    expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT')).toBe(784_111_777_000);
    expect(parseHttpDate('Sun Nov  6 08:49:37 1994')).toBe(784_111_777_000);
    expect(parseHttpDate('6 Nov')).toBeUndefined();
    expect(parseEtags(' "a", W/"b" ,c,*')).toEqual(['a', 'b', 'c', '*']);
    expect([parseRange('bytes=1-'), parseRange('bytes=-5'), parseRange('bytes=3-4')]).toEqual([
      { first: 1 },
      { suffix: 5 },
      { first: 3, last: 4 },
    ]);
    for (const none of ['bytes=4-3', 'bytes=-', 'bytes=1-2,5-6', 'items=1-2', ''])
      expect(parseRange(none)).toBeUndefined();
    expect(parseRange(`bytes=${'9'.repeat(30)}-`)).toEqual({ first: Number.MAX_SAFE_INTEGER });
    const long = 'ü'.repeat(100);
    const words = encodeMetadata(long).split(' ');
    expect(words.every((word) => word.length <= 75)).toBe(true);
    expect(words.map((word) => Buffer.from(word.slice(10, -2), 'base64').toString()).join('')).toBe(long);
  });
});

describe('errors', () => {
  test('of every code are one of S3’s on the wire, and come back as the same', () => {
    const ambiguous = [
      'blob.expired',
      'blob.read_only_bucket',
      'blob.corrupt',
      'blob.no_such_configuration',
      'blob.delete_marker',
    ];
    for (const code of Object.keys(blobErrors.definitions)) {
      const { code: s3Code, status } = wireErrorOf(new DsError(code, 'no', 'x'));
      expect(status).toBeGreaterThanOrEqual(300);
      if (s3Code !== 'InternalError' && !ambiguous.includes(code)) expect(ownCodeOf(s3Code)).toBe(code);
    }
    expect(wireErrorOf(new Error('with a secret')).message).not.toContain('secret');
    const full = wireErrorOf(new DsError('storage.full', 'storage', '/srv/blob.db cannot grow'));
    expect(full).toMatchObject({
      code: 'XMinioStorageFull',
      status: 507,
      message: expect.not.stringContaining('/srv'),
    });
    expect(ownCodeOf('NoSuchTagSet')).toBe('blob.no_such_configuration');
    expect(
      wireErrorOf(new DsError('blob.no_such_configuration', 'no', 'x', { details: { document: 'cors' } })).code,
    ).toBe('NoSuchCORSConfiguration');
  });
});

describe('configurations', () => {
  const lifecycle = (...rules: string[]) =>
    readLifecycleXml(
      bytes(`<LifecycleConfiguration>${rules.map((rule) => `<Rule>${rule}</Rule>`).join('')}</LifecycleConfiguration>`),
    );

  test('of lifecycles are read as rules, today’s form and the older one', () => {
    const and =
      '<And><Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></And>';
    expect(
      lifecycle(
        `<ID>one</ID><Status>Enabled</Status><Filter>${and}</Filter><Expiration><Days>3</Days></Expiration>`,
        '<Status>Disabled</Status><Prefix></Prefix><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionExpiration>',
        '<Status>Enabled</Status><Filter/><Expiration><Date>2026-01-31T00:00:00Z</Date></Expiration><AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>',
      ),
    ).toEqual([
      {
        id: 'one',
        enabled: true,
        filter: { prefix: 'a/', tags: { k: 'v' }, sizeGreaterThan: 5 },
        expiration: { days: 3 },
      },
      { id: 'rule-2', enabled: false, filter: {}, noncurrentExpiration: { days: 1, newerVersionsKept: 2 } },
      {
        id: 'rule-3',
        enabled: true,
        filter: {},
        expiration: { date: Date.UTC(2026, 0, 31) },
        abortUploadsAfterDays: 7,
      },
    ]);
    const rule = (body: string) => codeOf(() => lifecycle(`<Status>Enabled</Status><Filter/>${body}`));
    expect(rule('')).toBe('blob.malformed_xml');
    expect(rule('<Expiration><Days>1</Days><Date>2026-01-31T00:00:00Z</Date></Expiration>')).toBe('blob.malformed_xml');
    expect(rule('<Expiration><Date>2026-01-31T05:00:00Z</Date></Expiration>')).toBe('blob.invalid_argument');
    expect(rule('<Transition/>')).toBe('blob.not_implemented');
    expect(codeOf(() => lifecycle())).toBe('blob.malformed_xml');
  });

  test('of CORS answer who may by the first rule that does', () => {
    const rules = readCorsXml(
      bytes(`<CORSConfiguration><CORSRule><AllowedOrigin>https://*.a.example</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>9</MaxAgeSeconds></CORSRule>
        <CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>`),
    );
    const ask = (origin: string, method: string, ...headers: string[]) =>
      Object.fromEntries(corsAnswer(rules, { origin, method, headers }) ?? []);
    expect(ask('https://x.a.example', 'PUT', 'x-amz-date')).toMatchObject({
      'access-control-allow-origin': 'https://x.a.example',
      'access-control-allow-headers': 'x-amz-date',
      'access-control-expose-headers': 'ETag',
      'access-control-max-age': '9',
    });
    expect(ask('https://a.example', 'PUT')).toEqual({});
    expect(ask('https://x.a.example', 'PUT', 'cookie')).toEqual({});
    expect(ask('null', 'GET')).toMatchObject({ 'access-control-allow-origin': '*' });
    expect(ask('null', 'GET')).not.toHaveProperty('access-control-allow-credentials');
    for (const bad of [
      '',
      '<CORSRule/>',
      '<CORSRule><AllowedOrigin>*.*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>',
      '<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod></CORSRule>',
    ]) {
      expect(codeOf(() => readCorsXml(bytes(`<CORSConfiguration>${bad}</CORSConfiguration>`)))).toBe(
        'blob.malformed_xml',
      );
    }
  });

  test('of credentials are users by section', () => {
    const [one, two] = [
      { profile: 'default', accessKeyId: 'AKONE', secretAccessKey: 'a=b /+' },
      { profile: 'ada', accessKeyId: 'AKTWO', secretAccessKey: 'two' },
    ];
    expect(
      parseCredentials(
        `# users\n${formatCredentials(one)}\r\n${formatCredentials(two)}region = x\ns3 =\n  a = b\n[empty]\n`,
        'f',
      ),
    ).toEqual([one, two]);
    for (const bad of [
      '',
      '[a]',
      'a = b',
      '[a]\nnonsense',
      '[a]\naws_access_key_id = AK',
      `${formatCredentials(one)}${formatCredentials({ ...two, accessKeyId: 'AKONE' })}`,
      '[a]\naws_access_key_id = A/K\naws_secret_access_key = x',
    ]) {
      expect(codeOf(() => parseCredentials(bad, 'f'))).toBe('blob.bad_credentials_file');
    }
  });
});
