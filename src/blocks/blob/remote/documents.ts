/** Documents of a bucket, as the XML that S3 has. */
import type { BucketDocument } from '../object-types.js';
import type { S3Sender } from './client.js';
import { sendForXml, sendXml } from './raw-xml.js';

interface Requests {
  get(sender: S3Sender, bucket: string): Promise<{ readonly xml: string }>;
  set(sender: S3Sender, bucket: string, xml: string): Promise<void>;
  remove(sender: S3Sender, bucket: string): Promise<unknown>;
}

/** What the SDK wants in its inputs is put in place of by the document itself. */
const REQUESTS: Readonly<Record<BucketDocument, Requests>> = {
  lifecycle: {
    get: (sender, Bucket) =>
      sendForXml(sender, new sender.sdk.GetBucketLifecycleConfigurationCommand({ Bucket }), Bucket),
    set: (sender, Bucket, xml) =>
      sendXml(
        sender,
        new sender.sdk.PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [] } }),
        Bucket,
        xml,
      ),
    remove: ({ sdk, send }, Bucket) => send(new sdk.DeleteBucketLifecycleCommand({ Bucket }), Bucket),
  },
  cors: {
    get: (sender, Bucket) => sendForXml(sender, new sender.sdk.GetBucketCorsCommand({ Bucket }), Bucket),
    set: (sender, Bucket, xml) =>
      sendXml(
        sender,
        new sender.sdk.PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [] } }),
        Bucket,
        xml,
      ),
    remove: ({ sdk, send }, Bucket) => send(new sdk.DeleteBucketCorsCommand({ Bucket }), Bucket),
  },
  tagging: {
    get: (sender, Bucket) => sendForXml(sender, new sender.sdk.GetBucketTaggingCommand({ Bucket }), Bucket),
    set: (sender, Bucket, xml) =>
      sendXml(sender, new sender.sdk.PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [] } }), Bucket, xml),
    remove: ({ sdk, send }, Bucket) => send(new sdk.DeleteBucketTaggingCommand({ Bucket }), Bucket),
  },
};

export async function getDocument(sender: S3Sender, bucket: string, document: BucketDocument): Promise<string> {
  return (await REQUESTS[document].get(sender, bucket)).xml;
}

export async function setDocument(
  sender: S3Sender,
  bucket: string,
  document: BucketDocument,
  xml: string | undefined,
): Promise<void> {
  const requests = REQUESTS[document];
  await (xml === undefined ? requests.remove(sender, bucket) : requests.set(sender, bucket, xml));
}
