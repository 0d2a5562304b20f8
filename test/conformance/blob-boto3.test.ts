/** `ds blob serve` as boto3 sees it: transfers, paginators, waiters and the errors that it makes classes of, over HTTP and TLS. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { callClient, startBlobDaemon, TRANSPORTS } from '../helpers/blob-daemon.js';
import { etagOfParts, MIB, md5, ODD_KEYS, sample } from '../helpers/blob-samples.js';
import { hasPackages, PYTHON } from '../helpers/programs.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

/** Reads what to do as JSON from standard input, and prints as JSON what it saw. */
const SCRIPT = `
import hashlib, json, sys, boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

given = json.load(sys.stdin)
config = Config(s3={'addressing_style': 'path'}, retries={'max_attempts': 0}, signature_version='s3v4')
s3 = boto3.client('s3', endpoint_url=given['url'], region_name=given['region'], verify=given['ca'] or None,
                  aws_access_key_id=given['id'], aws_secret_access_key=given['secret'], config=config)
seen = {}
bucket = 'boto-bucket'
s3.create_bucket(Bucket=bucket)
s3.get_waiter('bucket_exists').wait(Bucket=bucket)
small = {}
for key in given['keys']:
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), Metadata={'of': 'boto3'}, ContentType='text/odd')
    s3.get_waiter('object_exists').wait(Bucket=bucket, Key=key)
    answer = s3.get_object(Bucket=bucket, Key=key)
    small[key] = [answer['Body'].read().decode(), answer['Metadata'], answer['ContentType']]
seen['small'] = small
pages = s3.get_paginator('list_objects_v2').paginate(Bucket=bucket, PaginationConfig={'PageSize': 4})
seen['listed'] = [item['Key'] for page in pages for item in page.get('Contents', [])]
pages = s3.get_paginator('list_objects').paginate(Bucket=bucket, Delimiter='/', PaginationConfig={'PageSize': 4})
seen['prefixes'] = [item['Prefix'] for page in pages for item in page.get('CommonPrefixes', [])]
transfer = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20, max_concurrency=4)
s3.upload_file(given['file'], bucket, 'large', Config=transfer, ExtraArgs={'ContentType': 'text/large'})
s3.download_file(bucket, 'large', given['back'], Config=transfer)
s3.copy({'Bucket': bucket, 'Key': 'large'}, bucket, 'copied', Config=transfer)
heads = [s3.head_object(Bucket=bucket, Key=key) for key in ('large', 'copied')]
copied = s3.get_object(Bucket=bucket, Key='copied')['Body'].read()
seen['copied'] = hashlib.md5(copied).hexdigest()
seen['heads'] = [[head['ETag'], head['ContentLength'], head['ContentType']] for head in heads]

def code_of(call, **given):
    try:
        call(**given)
    except ClientError as error:
        return [error.response['Error']['Code'], error.response['ResponseMetadata']['HTTPStatusCode']]

seen['errors'] = [
    code_of(s3.get_object, Bucket=bucket, Key='none'),
    code_of(s3.head_object, Bucket=bucket, Key='none'),
    code_of(s3.get_object, Bucket='no-such-bucket', Key='none'),
    code_of(s3.get_object, Bucket=bucket, Key='large', Range='bytes=99999999-'),
    code_of(s3.get_object, Bucket=bucket, Key='large', IfMatch='"other"'),
    code_of(s3.delete_bucket, Bucket=bucket),
    code_of(s3.put_object, Bucket=bucket, Key='md5', Body=b'x', ContentMD5='1B2M2Y8AsgTpgAmY7PhCfg=='),
    code_of(s3.get_bucket_website, Bucket=bucket),
    code_of(s3.put_bucket_website, Bucket=bucket, WebsiteConfiguration={'IndexDocument': {'Suffix': 'index'}}),
]
s3.delete_objects(Bucket=bucket, Delete={'Objects': [{'Key': key} for key in given['keys'] + ['large', 'copied']]})
s3.get_waiter('object_not_exists').wait(Bucket=bucket, Key='large')
s3.delete_bucket(Bucket=bucket)
s3.get_waiter('bucket_not_exists').wait(Bucket=bucket)
print(json.dumps(seen))
`;

describe.each(TRANSPORTS)('boto3 over %s', (transport) => {
  const packages = transport === 'https' ? (['python3-boto3', 'openssl'] as const) : (['python3-boto3'] as const);

  test.skipIf(!hasPackages(...packages))('transfers, pages, waits, and knows our errors', async () => {
    const folder = temporaryFolder();
    const { url, region, keys, ca = '' } = await startBlobDaemon(transport);
    const large = sample(12 * MIB + 1);
    const [file, back] = [join(folder, 'large'), join(folder, 'back')];
    writeFileSync(file, large);
    const given = { url, region, ...keys, ca, keys: ODD_KEYS, file, back };
    const seen = JSON.parse(callClient(PYTHON, ['-c', SCRIPT], { input: JSON.stringify(given), cwd: folder }));

    const small = ODD_KEYS.map((key) => [key, [key, { of: 'boto3' }, 'text/odd']]);
    expect(seen.small).toEqual(Object.fromEntries(small));
    expect(seen.listed).toEqual([...ODD_KEYS].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    expect(seen.prefixes).toEqual(['/', 'a/', 'dots/', 'ümlaut/']);
    expect(md5(readFileSync(back))).toBe(md5(large));
    expect(seen.copied).toBe(md5(large));
    expect(seen.heads).toEqual([
      [`"${etagOfParts(large, 5 * MIB)}"`, large.length, 'text/large'],
      // boto3 copies in parts without what the original says of itself.
      [expect.stringMatching(/^"[0-9a-f]{32}-3"$/), large.length, 'binary/octet-stream'],
    ]);
    expect(seen.errors).toEqual([
      ['NoSuchKey', 404],
      ['404', 404],
      ['NoSuchBucket', 404],
      ['InvalidRange', 416],
      ['PreconditionFailed', 412],
      ['BucketNotEmpty', 409],
      ['BadDigest', 400],
      ['NoSuchWebsiteConfiguration', 404],
      ['NotImplemented', 501],
    ]);
  });
});
