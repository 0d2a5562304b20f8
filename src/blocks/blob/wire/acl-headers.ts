/** x-amz-acl and x-amz-grant-*: the ACL of what is made or changed. */
import type { Accounts } from '../access/accounts.js';
import { type Grant, MOST_GRANTS, type Permission } from '../access/acl.js';
import { OBJECT_OWNERSHIPS, type ObjectOwnership } from '../access/bucket-grants.js';
import { type AskedAcl, CANNED_ACLS, type CannedAcl } from '../access/canned.js';
import { blobErrors } from '../errors.js';
import { readGrantee } from './acl-xml.js';
import type { Headers } from './http-values.js';
import { notImplemented } from './operations.js';

const GRANT_HEADERS: readonly (readonly [header: string, permission: Permission])[] = [
  ['x-amz-grant-read', 'READ'],
  ['x-amz-grant-write', 'WRITE'],
  ['x-amz-grant-read-acp', 'READ_ACP'],
  ['x-amz-grant-write-acp', 'WRITE_ACP'],
  ['x-amz-grant-full-control', 'FULL_CONTROL'],
];
/** Canned ACLs of S3 for services of AWS. */
const FOR_SERVICES = ['aws-exec-read', 'log-delivery-write'];

/** Undefined: they ask for none. Errors: `blob.invalid_argument`, `blob.invalid_request`, `blob.not_implemented`. */
export function readAskedAcl(headers: Headers, accounts: Accounts): AskedAcl | undefined {
  const canned = headers.get('x-amz-acl');
  const acl = GRANT_HEADERS.flatMap(([header, permission]): Grant[] => {
    const text = headers.get(header);
    return text === undefined ? [] : readGrants(header, text, permission, accounts);
  });
  if (canned === undefined) {
    if (acl.length > MOST_GRANTS) throw invalid(`there are more than ${MOST_GRANTS} grants`);
    return acl.length === 0 ? undefined : { acl };
  }
  if (acl.length > 0) {
    throw blobErrors.error('blob.invalid_request', 'x-amz-acl and x-amz-grant- headers cannot be used together');
  }
  if (isCanned(canned)) return { canned };
  if (FOR_SERVICES.includes(canned)) throw notImplemented(`ACL ${canned}`);
  throw invalid(`x-amz-acl is ${JSON.stringify(canned.slice(0, 100))}, which is no canned ACL`);
}

/** `id="…", uri="…"` */
function readGrants(header: string, text: string, permission: Permission, accounts: Accounts): Grant[] {
  return text.split(',').map((part) => {
    const [, form, quoted, plain] = /^(id|uri|emailAddress)\s*=\s*(?:"([^"]*)"|([^"\s]*))$/.exec(part.trim()) ?? [];
    if (form === 'id' || form === 'uri' || form === 'emailAddress') {
      return [readGrantee(form, quoted ?? plain ?? '', accounts), permission];
    }
    throw invalid(`${header} has ${JSON.stringify(part.slice(0, 100))}, not id="…", uri="…" or emailAddress="…"`);
  });
}

/** x-amz-object-ownership. Error: `blob.invalid_argument`. */
export function readOwnershipHeader(headers: Headers): ObjectOwnership | undefined {
  const text = headers.get('x-amz-object-ownership');
  const known = OBJECT_OWNERSHIPS.find((ownership) => ownership === text);
  if (text === undefined || known !== undefined) return known;
  throw invalid(`x-amz-object-ownership is ${JSON.stringify(text.slice(0, 50))}, not ${OBJECT_OWNERSHIPS.join(', ')}`);
}

function isCanned(text: string): text is CannedAcl {
  return CANNED_ACLS.some((canned) => canned === text);
}

function invalid(message: string) {
  return blobErrors.error('blob.invalid_argument', message);
}
