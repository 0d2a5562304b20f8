import { describe, expect, test } from 'vitest';
import { Accounts, accountId } from '../../../../src/blocks/blob/access/accounts.js';
import {
  type Acl,
  allows,
  isPublic,
  isShared,
  normalAcl,
  PERMISSIONS,
  sameAcl,
} from '../../../../src/blocks/blob/access/acl.js';
import { CANNED_ACLS, storedAcl } from '../../../../src/blocks/blob/access/canned.js';
import { parseCredentials } from '../../../../src/blocks/blob/endpoint/credentials.js';
import { readAskedAcl } from '../../../../src/blocks/blob/wire/acl-headers.js';
import { aclXml, readAclXml } from '../../../../src/blocks/blob/wire/acl-xml.js';

const accounts = new Accounts(['main', 'alt']);
const ASKING = { main: 'main', alt: 'alt', other: 'other', nobody: undefined } as const;

/** `main:READ,WRITE…`, of what each may with something of main. */
function allowed(acl: Acl | undefined, ignoresPublic = false): string {
  const who = Object.entries(ASKING).map(([name, account]) => {
    const granted = PERMISSIONS.filter((permission) =>
      allows({ account, isUnrestricted: false }, { owner: 'main', acl, permission, ignoresPublic }),
    );
    return granted.length === PERMISSIONS.length ? `${name}:all` : granted.length > 0 ? `${name}:${granted}` : '';
  });
  return who.filter((text) => text !== '').join(' ');
}

describe('an access control list', () => {
  test('grants what it says to whom it says, and everything to the owner', () => {
    expect(allowed(undefined)).toBe('main:all');
    expect(allowed([])).toBe('main:all');
    expect(allowed([['@alt', 'WRITE']])).toBe('main:all alt:WRITE');
    expect(allowed([['@alt', 'FULL_CONTROL']])).toBe('main:all alt:all');
    expect(allowed([['+', 'READ_ACP']])).toBe('main:all alt:READ_ACP other:READ_ACP');
    const open: Acl = [
      ['*', 'READ'],
      ['@alt', 'WRITE_ACP'],
    ];
    expect(allowed(open)).toBe('main:all alt:READ,WRITE_ACP other:READ nobody:READ');
    expect(allowed(open, true)).toBe('main:all alt:WRITE_ACP');
    const unrestricted = { account: 'ds', isUnrestricted: true };
    expect(allows(unrestricted, { owner: 'main', acl: [], permission: 'WRITE' })).toBe(true);
  });

  test('that has a name is what S3 says', () => {
    const own = CANNED_ACLS.map((canned) => allowed(storedAcl({ canned }, 'main', 'main')));
    expect(own).toEqual([
      'main:all',
      'main:all alt:READ other:READ nobody:READ',
      'main:all alt:READ,WRITE other:READ,WRITE nobody:READ,WRITE',
      'main:all alt:READ other:READ',
      'main:all',
      'main:all',
    ]);
    // In a bucket of alt.
    expect(allowed(storedAcl({ canned: 'bucket-owner-read' }, 'main', 'alt'))).toBe('main:all alt:READ');
    expect(allowed(storedAcl({ canned: 'bucket-owner-full-control' }, 'main', 'alt'))).toBe('main:all alt:all');
  });

  test('is stored only where it is not the private one', () => {
    expect(storedAcl(undefined, 'main', 'main')).toBeUndefined();
    expect(storedAcl({ canned: 'private' }, 'main', 'alt')).toBeUndefined();
    expect(normalAcl([['@main', 'FULL_CONTROL']], 'main')).toBeUndefined();
    expect(normalAcl([], 'main')).toEqual([]);
    expect(
      normalAcl(
        [
          ['@main', 'READ'],
          ['=', 'READ'],
          ['*', 'READ'],
        ],
        'main',
      ),
    ).toEqual([
      ['=', 'READ'],
      ['*', 'READ'],
    ]);
    expect(sameAcl(undefined, [['=', 'FULL_CONTROL']])).toBe(true);
    expect(
      sameAcl(
        [
          ['*', 'READ'],
          ['@alt', 'READ'],
        ],
        [
          ['@alt', 'READ'],
          ['*', 'READ'],
        ],
      ),
    ).toBe(true);
    expect(sameAcl(undefined, [])).toBe(false);
    expect([isPublic([['+', 'READ']]), isPublic([['@alt', 'READ']]), isPublic(undefined)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([isShared([['@alt', 'READ']]), isShared([['=', 'READ']])]).toEqual([true, false]);
  });
});

describe('on the wire', () => {
  const read = (xml: string) => readAclXml(Buffer.from(xml), accounts);
  const policy = (grantee: string, permission = 'READ') =>
    `<AccessControlPolicy><AccessControlList><Grant>${grantee}<Permission>${permission}</Permission></Grant></AccessControlList></AccessControlPolicy>`;

  test('a document says what the list says, and is read back as it was', () => {
    const acl: Acl = [
      ['=', 'FULL_CONTROL'],
      ['@alt', 'READ_ACP'],
      ['*', 'READ'],
      ['+', 'WRITE'],
    ];
    const owner = accounts.told('main');
    const document = aclXml(owner, acl, accounts);
    expect(document).toMatch(/global\/AllUsers.*global\/AuthenticatedUsers.*CanonicalUser/s);
    const told = read(document);
    expect(told.ownerId).toBe(accountId('main'));
    expect(sameAcl(normalAcl(told.acl, 'main'), acl)).toBe(true);
    expect(normalAcl(read(aclXml(owner, undefined, accounts)).acl, 'main')).toBeUndefined();
  });

  test('who is not there, and what is no permission, is refused', () => {
    const code = (grantee: string, permission?: string) => {
      try {
        return read(policy(`<Grantee>${grantee}</Grantee>`, permission));
      } catch (error) {
        return (error as { details: { s3_code?: string } }).details.s3_code ?? (error as { code: string }).code;
      }
    };
    expect(code('<ID>_foo</ID>')).toBe('InvalidArgument');
    expect(code('<EmailAddress>a@b.example</EmailAddress>')).toBe('UnresolvableGrantByEmailAddress');
    expect(code('<URI>http://acs.amazonaws.com/groups/s3/LogDelivery</URI>')).toBe('blob.not_implemented');
    expect(code('<URI>http://example.com/</URI>')).toBe('InvalidArgument');
    expect(code(`<ID>${accountId('alt')}</ID>`, 'EVERYTHING')).toBe('MalformedACLError');
    expect(code('')).toBe('MalformedACLError');
    const grant = `<Grant><Grantee><ID>${accountId('alt')}</ID></Grantee><Permission>READ</Permission></Grant>`;
    const many = `<AccessControlPolicy><AccessControlList>${grant.repeat(101)}</AccessControlList></AccessControlPolicy>`;
    expect(() => read(many)).toThrow('more than 100 grants');
  });

  test('headers ask by name or grant by grant, and not both', () => {
    const asked = (headers: Record<string, string>) => readAskedAcl(new Map(Object.entries(headers)), accounts);
    expect(asked({ 'content-type': 'x' })).toBeUndefined();
    expect(asked({ 'x-amz-acl': 'public-read' })).toEqual({ canned: 'public-read' });
    const all = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"';
    expect(
      asked({
        'x-amz-grant-read': `id="${accountId('alt')}", ${all}`,
        'x-amz-grant-write-acp': `id=${accountId('alt')}`,
      }),
    ).toEqual({
      acl: [
        ['@alt', 'READ'],
        ['*', 'READ'],
        ['@alt', 'WRITE_ACP'],
      ],
    });
    expect(() => asked({ 'x-amz-acl': 'public-ready' })).toThrow('no canned ACL');
    expect(() => asked({ 'x-amz-acl': 'aws-exec-read' })).toThrow('ds blob has no ACL aws-exec-read');
    expect(() => asked({ 'x-amz-acl': 'private', 'x-amz-grant-read': all })).toThrow('together');
    expect(() => asked({ 'x-amz-grant-read': 'everybody' })).toThrow('not id=');
  });
});

test('keys are of the account of their section, or of the one that it names', () => {
  const key = (id: string, more = '') => `aws_access_key_id = ${id}\naws_secret_access_key = s\n${more}`;
  const users = parseCredentials(`[main]\n${key('KEY1')}[new]\n${key('KEY2', 'account = main\n')}`, 'f');
  expect(users.map(({ profile, account = profile }) => account)).toEqual(['main', 'main']);
  expect(() => parseCredentials(`[main]\n${key('KEY1', 'account =\n')}`, 'f')).toThrow(
    'the account of [main] is empty',
  );
  const twice = new Accounts(['main', 'main', 'alt']);
  expect([twice.stored('main'), twice.stored('alt'), twice.named(undefined)]).toEqual([undefined, 'alt', 'main']);
  expect(twice.byId(accountId('alt'))).toBe('alt');
  expect(twice.byId('alt')).toBeUndefined();
});
