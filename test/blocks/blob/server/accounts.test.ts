/** Two accounts and nobody, over sockets. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { accountId } from '../../../../src/blocks/blob/access/accounts.js';
import { openBlobStore } from '../../../../src/blocks/blob/store.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import type { RawOptions } from '../../../../src/platform/daemon/block.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { type Answer, codeOf, readAll, type Sent, serve, signed } from './serve.js';

const KEYS = { main: 'KEYOFMAIN', second: 'SECONDKEYOFMAIN', alt: 'KEYOFALT' } as const;
type Who = keyof typeof KEYS | 'nobody';

async function serveAccounts(options: RawOptions = {}) {
  const folder = temporaryFolder();
  const credentialsFile = join(folder, 'credentials');
  const section = (who: keyof typeof KEYS, more = '') =>
    `[${who}]\naws_access_key_id = ${KEYS[who]}\naws_secret_access_key = secret of ${who}\n${more}`;
  writeFileSync(credentialsFile, section('main') + section('second', 'account = main\n') + section('alt'), {
    mode: 0o600,
  });
  const db = join(folder, 'blob.db');
  const { port, askPlain, raw } = await serve({ credentialsFile, db, ...options });
  const as = (who: Who, method: string, target: string, sent: Sent = {}): Promise<Answer> => {
    if (who === 'nobody') return askPlain(method, target, sent);
    const user = { profile: who, accessKeyId: KEYS[who], secretAccessKey: `secret of ${who}` };
    return askPlain(method, target, { ...sent, headers: signed(port, user, method, target, sent) });
  };
  /** S3's code of a refusal, or the status. */
  const told = async (who: Who, method: string, target: string, sent: Sent = {}) => {
    const answer = await as(who, method, target, sent);
    return answer.status < 300 || answer.text === '' ? answer.status : codeOf(answer);
  };
  const put = (who: Who, target: string, acl?: string) =>
    told(who, 'PUT', target, { body: 'x', ...(acl !== undefined && { headers: { 'x-amz-acl': acl } }) });
  return { as, told, put, raw, db };
}

const canned = (acl: string): Sent => ({ headers: { 'x-amz-acl': acl } });
const ownerIn = ({ text }: Answer) => /<Owner><ID>(\w+)/.exec(text)?.[1];

describe('an account', () => {
  test('has buckets of its own, and may nothing with those of others', async () => {
    const { as, told, put } = await serveAccounts();
    expect(await told('main', 'PUT', '/mine')).toBe(200);
    expect(await told('alt', 'PUT', '/theirs')).toBe(200);
    expect(await told('alt', 'PUT', '/mine')).toBe('BucketAlreadyExists');
    expect(await told('second', 'PUT', '/mine')).toBe(200);
    expect(await told('main', 'PUT', '/mine', canned('public-read'))).toBe('BucketAlreadyExists');
    expect((await as('second', 'GET', '/')).text).toMatch(/<DisplayName>main<.*<Name>mine<\/Name>/s);
    expect((await as('alt', 'GET', '/')).text).not.toContain('mine');
    expect(await put('main', '/mine/a')).toBe(200);
    for (const who of ['alt', 'nobody'] as const) {
      for (const [method, target] of [
        ['GET', '/mine'],
        ['GET', '/mine?list-type=2'],
        ['GET', '/mine?versions'],
        ['GET', '/mine?uploads'],
        ['HEAD', '/mine'],
        ['DELETE', '/mine'],
        ['GET', '/mine?acl'],
        ['PUT', '/mine?acl'],
        ['GET', '/mine?versioning'],
        ['PUT', '/mine?versioning'],
        ['PUT', '/mine?lifecycle'],
        ['PUT', '/mine?publicAccessBlock'],
        ['PUT', '/mine?ownershipControls'],
        ['POST', '/mine?delete'],
        ['GET', '/mine/a'],
        ['HEAD', '/mine/a'],
        ['GET', '/mine/a?attributes'],
        ['GET', '/mine/a?acl'],
        ['PUT', '/mine/a?acl'],
        ['GET', '/mine/a?tagging'],
        ['PUT', '/mine/a'],
        ['PUT', '/mine/b?x-id=PutObject'],
        ['DELETE', '/mine/a'],
        ['POST', '/mine/a?uploads'],
        ['PUT', '/mine/a?uploadId=1&partNumber=1'],
        ['POST', '/mine/a?uploadId=1'],
        ['DELETE', '/mine/a?uploadId=1'],
        // Whether it is there is not told either.
        ['GET', '/mine/none'],
        ['GET', '/mine/a?versionId=0000000000000001aaaaaaaaaaaaaaaa'],
        ['GET', '/mine/none?acl'],
      ] as const) {
        const sent = method === 'PUT' && !target.includes('?') ? { body: 'y' } : {};
        const attributes = { headers: { 'x-amz-object-attributes': 'ETag' } };
        const answer = await as(who, method, target, target.endsWith('?attributes') ? attributes : sent);
        expect([who, method, target, answer.status]).toEqual([who, method, target, 403]);
      }
      expect(await told(who, 'GET', '/none')).toBe('NoSuchBucket');
    }
    expect(await told('nobody', 'GET', '/')).toBe('AccessDenied');
    expect(await told('nobody', 'PUT', '/more')).toBe('AccessDenied');
    const copy = { headers: { 'x-amz-copy-source': '/mine/a' } };
    expect(await told('alt', 'PUT', '/theirs/a', copy)).toBe('AccessDenied');
    const sourceless = { headers: { 'x-amz-copy-source': '/mine/none' } };
    expect(await told('alt', 'PUT', '/theirs/a', sourceless)).toBe('AccessDenied');
    const begun = /<UploadId>(\w+)/.exec((await as('alt', 'POST', '/theirs/m?uploads')).text)?.[1];
    expect(await told('alt', 'PUT', `/theirs/m?uploadId=${begun}&partNumber=1`, copy)).toBe('AccessDenied');
    expect((await as('main', 'GET', '/mine/a')).text).toBe('x');
  });

  test('in another region than us-east-1 cannot make a bucket twice', async () => {
    const { told } = await serveAccounts({ anonymous: true, credentialsFile: undefined, region: 'mars-1' });
    expect(await told('nobody', 'PUT', '/mine')).toBe(200);
    expect(await told('nobody', 'PUT', '/mine')).toBe('BucketAlreadyOwnedByYou');
  });

  test('that is first owns what commands make on the file', async () => {
    const { as, told, db } = await serveAccounts();
    const store = openBlobStore({ path: db, clock: systemClock, random: systemRandom });
    await store.createBucket('made');
    await told('alt', 'PUT', '/theirs', canned('public-read'));
    await store.clone('theirs', 'cloned');
    await store.close();
    expect((await as('main', 'GET', '/')).text).toContain('<Name>made</Name>');
    expect(await told('alt', 'GET', '/made')).toBe('AccessDenied');
    expect(ownerIn(await as('alt', 'GET', '/cloned?acl'))).toBe(accountId('alt'));
  });
});

describe('grants', () => {
  test('of a bucket let others list or write, and no more', async () => {
    const { as, told, put, raw } = await serveAccounts();
    await told('main', 'PUT', '/read', canned('public-read'));
    await put('main', '/read/a');
    expect(await told('nobody', 'GET', '/read')).toBe(200);
    expect(await told('nobody', 'GET', '/read/a')).toBe('AccessDenied');
    expect(await told('nobody', 'GET', '/read/none')).toBe('NoSuchKey');
    expect(await put('nobody', '/read/b')).toBe('AccessDenied');
    const expect100 = 'PUT /read/b HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n';
    expect(await readAll(raw(expect100))).toMatch(/^HTTP\/1\.1 403/);

    await told('main', 'PUT', '/write', { headers: { 'x-amz-grant-write': `id="${accountId('alt')}"` } });
    expect(await put('alt', '/write/a')).toBe(200);
    expect(await told('alt', 'GET', '/write')).toBe('AccessDenied');
    expect(ownerIn(await as('alt', 'GET', '/write/a?acl'))).toBe(accountId('alt'));
    // Not even the owner of the bucket reads what is another account's; deleting it is up to both.
    expect(await told('main', 'GET', '/write/a')).toBe('AccessDenied');
    expect((await as('main', 'GET', '/write')).text).toContain(accountId('alt'));
    expect(await told('alt', 'DELETE', '/write/a?versionId=null')).toBe('AccessDenied');
    const batch = '<Delete><Object><Key>a</Key><VersionId>null</VersionId></Object></Delete>';
    const checked = { body: batch, headers: { 'x-amz-checksum-crc32': 'AAAAAA==' } };
    expect(await told('alt', 'POST', '/write?delete', checked)).toBe('BadDigest');
    expect(await told('alt', 'DELETE', '/write/a')).toBe(204);

    await told('main', 'PUT', '/open', canned('public-read-write'));
    expect(await put('nobody', '/open/a')).toBe(200);
    expect(await put('nobody', '/open/b', 'public-read')).toBe('AccessDenied');
    expect(ownerIn(await as('main', 'GET', '/open/a?acl'))).toBe(accountId('main'));
    expect(await told('nobody', 'GET', '/open/a')).toBe('AccessDenied');
    expect(await told('nobody', 'GET', '/open/a?acl')).toBe('AccessDenied');
    expect(await told('nobody', 'PUT', '/open?acl', canned('private'))).toBe('AccessDenied');
    expect(await told('alt', 'PUT', '/open?versioning')).toBe('AccessDenied');
  });

  test('of an object let others read it, whatever its bucket says, and go with the version', async () => {
    const { as, told, put } = await serveAccounts();
    await told('main', 'PUT', '/shop');
    await told('main', 'PUT', '/shop?versioning', {
      body: '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
    });
    const { headers } = await as('main', 'PUT', '/shop/a', { body: 'old', ...canned('public-read') });
    await put('main', '/shop/a');
    expect(await told('nobody', 'GET', '/shop/a')).toBe('AccessDenied');
    const old = `/shop/a?versionId=${headers['x-amz-version-id']}`;
    expect((await as('nobody', 'GET', old)).text).toBe('old');
    expect(await told('nobody', 'GET', `${old}&response-content-type=text/html`)).toBe('InvalidRequest');
    expect(await told('main', 'PUT', '/shop/a?tagging', { body: '<Tagging><TagSet/></Tagging>' })).toBe(200);
    expect(await told('main', 'PUT', '/shop/a?acl', canned('authenticated-read'))).toBe(200);
    expect([await told('nobody', 'GET', '/shop/a'), await told('alt', 'GET', '/shop/a')]).toEqual([
      'AccessDenied',
      200,
    ]);
    // A copy is private, unless it is asked for otherwise.
    const source = { 'x-amz-copy-source': '/shop/a' };
    await told('main', 'PUT', '/shop/copy', { headers: source });
    await told('main', 'PUT', '/shop/open', { headers: { ...source, 'x-amz-acl': 'public-read' } });
    expect([await told('nobody', 'GET', '/shop/copy'), await told('nobody', 'GET', '/shop/open')]).toEqual([
      'AccessDenied',
      200,
    ]);
    const upload = (await as('main', 'POST', '/shop/parts?uploads', canned('public-read'))).text;
    const at = `/shop/parts?uploadId=${/<UploadId>(\w+)/.exec(upload)?.[1]}`;
    const { etag } = (await as('main', 'PUT', `${at}&partNumber=1`, { body: 'part' })).headers;
    const part = `<Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part>`;
    await told('main', 'POST', at, { body: `<CompleteMultipartUpload>${part}</CompleteMultipartUpload>` });
    expect((await as('nobody', 'GET', '/shop/parts')).text).toBe('part');
  });

  test('are documents that are read, changed and written back, by who may', async () => {
    const { as, told } = await serveAccounts();
    await told('main', 'PUT', '/shop');
    const acl = (await as('main', 'GET', '/shop?acl')).text;
    const grantAlt = acl.replaceAll(
      '</AccessControlList>',
      `<Grant><Grantee><ID>${accountId('alt')}</ID></Grantee><Permission>WRITE_ACP</Permission></Grant></AccessControlList>`,
    );
    expect(await told('main', 'PUT', '/shop?acl', { body: grantAlt })).toBe(200);
    expect(await told('alt', 'GET', '/shop?acl')).toBe('AccessDenied');
    const stolen = acl.replaceAll(accountId('main'), accountId('alt'));
    expect(await told('alt', 'PUT', '/shop?acl', { body: stolen })).toBe('AccessDenied');
    expect(await told('alt', 'PUT', '/shop?acl', { body: grantAlt, ...canned('private') })).toBe('InvalidRequest');
    expect(await told('alt', 'PUT', '/shop?acl')).toBe('MalformedXML');
    expect(await told('alt', 'PUT', '/shop?acl', canned('public-read'))).toBe(200);
    // Nobody is locked out of what is theirs.
    const none = '<AccessControlPolicy><AccessControlList/></AccessControlPolicy>';
    expect(await told('main', 'PUT', '/shop?acl', { body: none })).toBe(200);
    expect((await as('main', 'GET', '/shop?acl')).text).not.toContain('<Grant>');
    expect([await told('main', 'GET', '/shop'), await told('alt', 'GET', '/shop')]).toEqual([200, 'AccessDenied']);
    expect(await told('main', 'GET', '/shop', { headers: { 'x-amz-expected-bucket-owner': accountId('main') } })).toBe(
      200,
    );
    expect(await told('main', 'GET', '/shop', { headers: { 'x-amz-expected-bucket-owner': accountId('alt') } })).toBe(
      'AccessDenied',
    );
  });
});

describe('a bucket', () => {
  test('with a public access block refuses public grants, or takes no notice of them', async () => {
    const { as, told, put } = await serveAccounts();
    await told('main', 'PUT', '/shop', canned('public-read'));
    await put('main', '/shop/a', 'public-read');
    const isPublic = async () => (await as('main', 'GET', '/shop?policyStatus')).text.includes('<IsPublic>true');
    expect(await isPublic()).toBe(true);
    const block = (fields: string) =>
      told('main', 'PUT', '/shop?publicAccessBlock', {
        body: `<PublicAccessBlockConfiguration>${fields}</PublicAccessBlockConfiguration>`,
      });
    expect(await block('<BlockPublicAcls>maybe</BlockPublicAcls>')).toBe('MalformedXML');
    expect(await block('<BlockPublicAcls>true</BlockPublicAcls>')).toBe(200);
    expect(await put('main', '/shop/b', 'public-read')).toBe('AccessDenied');
    expect(await told('main', 'PUT', '/shop?acl', canned('authenticated-read'))).toBe('AccessDenied');
    expect(await told('main', 'PUT', '/shop/a?acl', canned('public-read'))).toBe('AccessDenied');
    expect(await told('nobody', 'GET', '/shop/a')).toBe(200);
    expect(await block('<IgnorePublicAcls>true</IgnorePublicAcls>')).toBe(200);
    expect([await told('nobody', 'GET', '/shop/a'), await told('alt', 'GET', '/shop')]).toEqual([
      'AccessDenied',
      'AccessDenied',
    ]);
    expect(await isPublic()).toBe(false);
    expect((await as('main', 'GET', '/shop?publicAccessBlock')).text).toContain('<IgnorePublicAcls>true<');
    expect(await told('main', 'DELETE', '/shop?publicAccessBlock')).toBe(204);
    expect(await told('nobody', 'GET', '/shop/a')).toBe(200);
  });

  test('with ownership controls says whose its objects are', async () => {
    const { as, told, put } = await serveAccounts();
    const own = { 'x-amz-acl': 'public-read-write', 'x-amz-object-ownership': 'BucketOwnerPreferred' };
    await told('main', 'PUT', '/shop', { headers: own });
    await put('alt', '/shop/theirs', 'public-read');
    await put('alt', '/shop/given', 'bucket-owner-full-control');
    expect(ownerIn(await as('main', 'GET', '/shop/given?acl'))).toBe(accountId('main'));
    expect(ownerIn(await as('alt', 'GET', '/shop/theirs?acl'))).toBe(accountId('alt'));
    const controls = {
      body: '<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>',
    };
    expect(await told('main', 'PUT', '/shop?ownershipControls', controls)).toBe('InvalidBucketAclWithObjectOwnership');
    await told('main', 'PUT', '/shop?acl', canned('private'));
    expect(await told('main', 'PUT', '/shop?ownershipControls', controls)).toBe(200);
    expect(await put('main', '/shop/a', 'private')).toBe('AccessControlListNotSupported');
    expect(await told('main', 'PUT', '/shop?acl', canned('private'))).toBe('AccessControlListNotSupported');
    expect(await told('main', 'PUT', '/shop/theirs?acl', canned('private'))).toBe('AccessControlListNotSupported');
    // Lists do not count, and all is the bucket's owner's.
    expect([await told('alt', 'GET', '/shop/theirs'), await told('main', 'GET', '/shop/theirs')]).toEqual([
      'AccessDenied',
      200,
    ]);
    expect(ownerIn(await as('main', 'GET', '/shop/theirs?acl'))).toBe(accountId('main'));
    expect(await told('main', 'DELETE', '/shop?ownershipControls')).toBe(204);
    expect([await told('nobody', 'GET', '/shop/theirs'), await told('main', 'GET', '/shop?ownershipControls')]).toEqual(
      [200, 'OwnershipControlsNotFoundError'],
    );
    const never = { headers: { 'x-amz-acl': 'public-read', 'x-amz-object-ownership': 'BucketOwnerEnforced' } };
    expect(await told('main', 'PUT', '/never', never)).toBe('InvalidBucketAclWithObjectOwnership');
  });
});
