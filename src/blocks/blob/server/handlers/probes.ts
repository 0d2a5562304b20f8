/**
 * What clients ask for before they do anything: ACLs, policies, encryption. There is one owner, and nothing is shared, encrypted or
 * locked; S3 has an answer for each of these, and it is given because it is true.
 */
import { aclXml, checkAclXml, EMPTY_DOCUMENTS } from '../../wire/bucket-xml.js';
import { refuseUnsupported } from '../../wire/object-headers.js';
import { type S3Code, s3Error } from '../../wire/s3-errors.js';
import { type Call, EMPTY, type Handler, type HandlerContext, NO_CONTENT, xmlAnswer } from '../call.js';
import { placeOf } from './read.js';

const LARGEST_DOCUMENT = 1024 * 1024;

export function nothingIs(document: keyof typeof EMPTY_DOCUMENTS): Handler {
  return async ({ bucket }, { store }) => {
    await store.bucket(bucket);
    return xmlAnswer(EMPTY_DOCUMENTS[document]);
  };
}

export function thereIsNo(code: S3Code, what: string): Handler {
  return async ({ bucket }, { store }) => {
    await store.bucket(bucket);
    throw s3Error('blob.no_such_configuration', code, `bucket ${bucket} has no ${what}`);
  };
}

export const deleteBucketPolicy: Handler = async ({ bucket }, { store }) => {
  await store.bucket(bucket);
  return NO_CONTENT;
};

export const getAcl: Handler = async (call, context) => {
  await checkPlace(call, context);
  return xmlAnswer(aclXml());
};

export const putAcl: Handler = async (call, context) => {
  refuseUnsupported(call.headers);
  const document = await call.document(LARGEST_DOCUMENT);
  if (document.length > 0) checkAclXml(document);
  await checkPlace(call, context);
  return EMPTY;
};

async function checkPlace(call: Call, { store }: HandlerContext): Promise<void> {
  if (call.key === '') await store.bucket(call.bucket);
  else await store.statObject(placeOf(call));
}
