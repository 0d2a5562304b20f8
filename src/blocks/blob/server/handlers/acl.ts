/** ACLs of buckets and objects. */
import type { Acl } from '../../access/acl.js';
import type { AskedAcl } from '../../access/canned.js';
import { blobErrors } from '../../errors.js';
import { readAskedAcl } from '../../wire/acl-headers.js';
import { aclXml, readAclXml } from '../../wire/acl-xml.js';
import { type Call, EMPTY, type Handler, optional, xmlAnswer } from '../call.js';
import { placeOf } from './read.js';

const LARGEST_DOCUMENT = 256 * 1024;

export const getBucketAcl: Handler = async ({ rights }) => {
  const { bucket, accounts } = rights;
  return xmlAnswer(aclXml(rights.ownerOf(bucket)(bucket.owner), bucket.acl, accounts));
};

export const putBucketAcl: Handler = async (call, { store }) => {
  const { rights } = call;
  const asked = await readAsked(call);
  await store.changeBucketGrants(call.bucket, (bucket) => ({
    ...bucket,
    acl: changed(call, asked, rights.accounts.named(bucket.owner), (owner) => rights.checkedAcl(asked, owner, bucket)),
  }));
  return EMPTY;
};

export const getObjectAcl: Handler = async (call, { store }) => {
  const { rights } = call;
  const place = placeOf(call);
  const { grants, versionId } = await rights.reading(place, 'READ_ACP', (permit) => store.objectGrants(place, permit));
  const { bucket, accounts } = rights;
  const acl = bucket.objectOwnership === 'BucketOwnerEnforced' ? undefined : grants.acl;
  return xmlAnswer(
    aclXml(rights.ownerOf(bucket)(grants.owner), acl, accounts),
    optional('x-amz-version-id', versionId),
  );
};

export const putObjectAcl: Handler = async (call, { store }) => {
  const { rights } = call;
  const place = placeOf(call);
  // Who may not is not asked for the document.
  await rights.reading(place, 'WRITE_ACP', (permit) => store.objectGrants(place, permit));
  const asked = await readAsked(call);
  const { versionId } = await rights.reading(place, 'WRITE_ACP', (permit) =>
    store.changeObjectAcl(place, (object, bucket) => {
      permit(object, bucket);
      return changed(call, asked, rights.accounts.named(object.owner), (owner) =>
        rights.checkedAcl(asked, owner, bucket),
      );
    }),
  );
  return { status: 200, headers: optional('x-amz-version-id', versionId) };
};

type Asked = AskedAcl & { readonly ownerId?: string | undefined };

/** Headers, or a document. Error: `blob.invalid_request` for both. */
async function readAsked({ headers, rights, document }: Call): Promise<Asked> {
  const fromHeaders = readAskedAcl(headers, rights.accounts);
  const bytes = await document(LARGEST_DOCUMENT);
  if (fromHeaders === undefined) return readAclXml(bytes, rights.accounts);
  if (bytes.length === 0) return fromHeaders;
  throw blobErrors.error('blob.invalid_request', 'an ACL is given in headers and in a document, too');
}

/** A document tells the owner again, who cannot be changed by it. */
function changed(
  { rights }: Call,
  { ownerId }: Asked,
  owner: string,
  acl: (owner: string) => Acl | undefined,
): Acl | undefined {
  if (ownerId !== undefined && ownerId !== rights.accounts.told(owner).id) {
    throw blobErrors.error('blob.access_denied', 'the document names another owner, and owners cannot be changed');
  }
  return acl(owner);
}
