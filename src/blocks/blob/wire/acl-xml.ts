/** AccessControlPolicy: what `?acl` answers, and takes. */
import type { Accounts, Owner } from '../access/accounts.js';
import {
  type Acl,
  ALL_USERS,
  AUTHENTICATED_USERS,
  type Grant,
  type Grantee,
  MOST_GRANTS,
  PERMISSIONS,
  type Permission,
  PRIVATE,
  THE_OWNER,
} from '../access/acl.js';
import { ownerElement } from './common-xml.js';
import { notImplemented } from './operations.js';
import { s3Error } from './s3-errors.js';
import { allowOnly, childOf, childrenOf, readXml, requiredText, textOf, type XmlElement } from './xml-reader.js';
import { document, element, parent } from './xml-writer.js';

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
const GROUPS = 'http://acs.amazonaws.com/groups/';
const ALL_USERS_URI = `${GROUPS}global/AllUsers`;
const AUTHENTICATED_USERS_URI = `${GROUPS}global/AuthenticatedUsers`;

/** Grants of groups come first: strangers are what one looks for in it. */
export function aclXml(owner: Owner, acl: Acl | undefined, accounts: Accounts): string {
  const grants = (acl ?? PRIVATE).map(([grantee, permission]) => {
    const uri = uriOf(grantee);
    const name = grantee === THE_OWNER ? owner.name : grantee.slice(1);
    const xml = uri === undefined ? userXml(accounts.told(name)) : groupXml(uri);
    return { isGroup: uri !== undefined, xml: parent('Grant', xml, element('Permission', permission)) };
  });
  const ordered = [...grants.filter(({ isGroup }) => isGroup), ...grants.filter(({ isGroup }) => !isGroup)];
  return document(
    'AccessControlPolicy',
    ownerElement(owner),
    parent('AccessControlList', ...ordered.map(({ xml }) => xml)),
  );
}

function userXml({ id, name }: Owner): string {
  return granteeXml('CanonicalUser', element('ID', id) + element('DisplayName', name));
}

function groupXml(uri: string): string {
  return granteeXml('Group', element('URI', uri));
}

function granteeXml(type: string, content: string): string {
  return `<Grantee xmlns:xsi="${XSI}" xsi:type="${type}">${content}</Grantee>`;
}

function uriOf(grantee: Grantee): string | undefined {
  if (grantee === ALL_USERS) return ALL_USERS_URI;
  return grantee === AUTHENTICATED_USERS ? AUTHENTICATED_USERS_URI : undefined;
}

export interface AclDocument {
  /** Identifier of the owner, where the document tells one. */
  readonly ownerId: string | undefined;
  readonly acl: Acl;
}

/** Errors: `blob.malformed_xml` (MalformedACLError, too), `blob.invalid_argument`, `blob.not_implemented`. */
export function readAclXml(bytes: Uint8Array, accounts: Accounts): AclDocument {
  const root = readXml(bytes, 'AccessControlPolicy');
  allowOnly(root, ['Owner', 'AccessControlList']);
  const owner = childOf(root, 'Owner');
  const list = childOf(root, 'AccessControlList');
  if (list === undefined) throw malformedAcl('it has no AccessControlList');
  allowOnly(list, ['Grant']);
  const grants = childrenOf(list, 'Grant');
  if (grants.length > MOST_GRANTS) throw malformedAcl(`it has more than ${MOST_GRANTS} grants`);
  return {
    ownerId: owner && textOf(owner, 'ID')?.trim(),
    acl: grants.map((grant) => readGrant(grant, accounts)),
  };
}

function readGrant(grant: XmlElement, accounts: Accounts): Grant {
  allowOnly(grant, ['Grantee', 'Permission']);
  const permission = requiredText(grant, 'Permission').trim();
  if (!isPermission(permission)) {
    throw malformedAcl(`Permission is ${JSON.stringify(permission.slice(0, 50))}, not ${PERMISSIONS.join(', ')}`);
  }
  const grantee = childOf(grant, 'Grantee');
  if (grantee === undefined) throw malformedAcl('a Grant has no Grantee');
  allowOnly(grantee, ['ID', 'DisplayName', 'URI', 'EmailAddress']);
  const named = (['ID', 'URI', 'EmailAddress'] as const).flatMap((name): [GranteeForm, string][] => {
    const text = textOf(grantee, name)?.trim();
    return text === undefined ? [] : [[FORMS[name], text]];
  });
  const [only] = named;
  if (only === undefined || named.length > 1) throw malformedAcl('a Grantee has one of ID, URI and EmailAddress');
  return [readGrantee(only[0], only[1], accounts), permission];
}

/** As headers name them. */
export type GranteeForm = 'id' | 'uri' | 'emailAddress';
const FORMS = { ID: 'id', URI: 'uri', EmailAddress: 'emailAddress' } as const;

/** Errors: `blob.invalid_argument` (UnresolvableGrantByEmailAddress, too), `blob.not_implemented`. */
export function readGrantee(form: GranteeForm, text: string, accounts: Accounts): Grantee {
  const quoted = JSON.stringify(text.slice(0, 100));
  if (form === 'emailAddress') {
    throw s3Error(
      'blob.invalid_argument',
      'UnresolvableGrantByEmailAddress',
      `accounts have no email addresses here: ${quoted} is none of them`,
    );
  }
  if (form === 'id') {
    const name = accounts.byId(text);
    if (name !== undefined) return `@${name}`;
    throw s3Error('blob.invalid_argument', 'InvalidArgument', `no account has the identifier ${quoted}`);
  }
  if (text === ALL_USERS_URI) return ALL_USERS;
  if (text === AUTHENTICATED_USERS_URI) return AUTHENTICATED_USERS;
  if (text.startsWith(GROUPS)) throw notImplemented(`group ${quoted}`);
  throw s3Error('blob.invalid_argument', 'InvalidArgument', `there is no group ${quoted}`);
}

function isPermission(text: string): text is Permission {
  return PERMISSIONS.some((permission) => permission === text);
}

function malformedAcl(why: string) {
  return s3Error('blob.malformed_xml', 'MalformedACLError', `the ACL cannot be used: ${why}`);
}
