/** `ds blob serve` as Debian's awscli sees it, over HTTP and TLS. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { callClient, startBlobDaemon, TRANSPORTS, type Transport } from '../helpers/blob-daemon.js';
import { digestsOf, etagOfParts, MIB, md5, readTree, writeTree } from '../helpers/blob-samples.js';
import { hasPackages } from '../helpers/programs.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

async function world(transport: Transport) {
  const { url, keys, region, ca } = await startBlobDaemon(transport);
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'config'), '[default]\ns3 =\n  addressing_style = path\n');
  const env = {
    AWS_ACCESS_KEY_ID: keys.id,
    AWS_SECRET_ACCESS_KEY: keys.secret,
    AWS_DEFAULT_REGION: region,
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
    AWS_PAGER: '',
    ...(ca === undefined ? {} : { AWS_CA_BUNDLE: ca }),
  };
  const aws = (...args: string[]) => callClient('/usr/bin/aws', ['--endpoint-url', url, ...args], { cwd: folder, env });
  const api = (...args: string[]) => JSON.parse(aws('s3api', ...args) || '{}');
  return { folder, aws, api, ca };
}

describe.each(TRANSPORTS)('awscli over %s', (transport) => {
  const packages = transport === 'https' ? (['awscli', 'openssl', 'curl'] as const) : (['awscli', 'curl'] as const);

  test.skipIf(!hasPackages(...packages))('syncs both ways, signs URLs and removes', { timeout: 120_000 }, async () => {
    const { folder, aws, ca } = await world(transport);
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    mkdirSync(to);
    const tree = writeTree(from, 12 * MIB);
    aws('s3', 'mb', 's3://aws-bucket');
    aws('s3', 'sync', from, 's3://aws-bucket/tree', '--no-progress');
    aws('s3', 'sync', 's3://aws-bucket/tree', to, '--no-progress');
    expect(readTree(to)).toEqual(digestsOf(tree));
    rmSync(join(from, 'a'), { recursive: true });
    const synced = aws('s3', 'sync', '--delete', from, 's3://aws-bucket/tree', '--no-progress');
    expect(synced.trim().split('\n').sort()).toEqual([
      'delete: s3://aws-bucket/tree/a/b/1',
      'delete: s3://aws-bucket/tree/a/c',
    ]);
    const url = aws('s3', 'presign', 's3://aws-bucket/tree/plus+plus', '--expires-in', '60').trim();
    const trust = ca === undefined ? [] : ['--cacert', ca];
    const file = join(folder, 'presigned');
    callClient('curl', ['--fail', '--silent', '--show-error', '--output', file, ...trust, url]);
    expect(md5(readFileSync(file))).toBe(digestsOf(tree)['plus+plus']);
    aws('s3', 'rb', '--force', 's3://aws-bucket');
    expect(aws('s3', 'ls')).toBe('');
  });
});

test.skipIf(!hasPackages('awscli'))('awscli calls the API: checksums, metadata, tags, lists', async () => {
  const { folder, aws, api } = await world('http');
  aws('s3', 'mb', 's3://aws-bucket');
  const large = Buffer.alloc(12 * MIB, 'large');
  writeFileSync(join(folder, 'large'), large);
  aws('s3', 'cp', join(folder, 'large'), 's3://aws-bucket/large', '--no-progress');
  const etag = `"${etagOfParts(large, 8 * MIB)}"`;
  const head = api('head-object', '--bucket', 'aws-bucket', '--key', 'large');
  expect(head).toMatchObject({ ContentLength: large.length, ETag: etag });
  const place = ['--bucket', 'aws-bucket', '--key', 'odd/../a+b c%2F'];
  writeFileSync(join(folder, 'small'), 'small');
  const sum = ['--checksum-algorithm', 'SHA256', '--metadata', 'of=awscli', '--tagging', 'a=1&b=2'];
  const put = api('put-object', ...place, '--body', join(folder, 'small'), ...sum);
  expect(put).toMatchObject({ ETag: `"${md5('small')}"`, ChecksumSHA256: expect.stringMatching(/=$/) });
  const got = api('get-object', ...place, '--checksum-mode', 'ENABLED', join(folder, 'back'));
  expect(got).toMatchObject({ Metadata: { of: 'awscli' }, ChecksumSHA256: put.ChecksumSHA256, TagCount: 2 });
  expect(readFileSync(join(folder, 'back'), 'utf8')).toBe('small');
  expect(api('get-object-tagging', ...place).TagSet).toHaveLength(2);
  const listing = api('list-objects-v2', '--bucket', 'aws-bucket', '--prefix', 'odd/', '--max-items', '1');
  expect(listing.Contents).toMatchObject([{ Key: 'odd/../a+b c%2F', Size: 5 }]);
  expect(api('get-bucket-location', '--bucket', 'aws-bucket').LocationConstraint).toBeNull();
});
