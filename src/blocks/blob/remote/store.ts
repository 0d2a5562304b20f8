/** The buckets and objects of any S3 server, by the AWS SDK. */
import type { BlobStore, PutOptions, PutResult } from '../blob-store.js';
import type { Body, KeyPlace } from '../object-types.js';
import * as buckets from './buckets.js';
import type { S3Sender } from './client.js';
import * as documents from './documents.js';
import * as listing from './listing.js';
import { putUnsized } from './long-body.js';
import * as objects from './objects.js';
import * as uploadLists from './upload-lists.js';
import * as uploads from './uploads.js';

export function s3BlobStore(sender: S3Sender): BlobStore {
  const sent: uploads.SentParts = new Map();
  const store: BlobStore = {
    createBucket: (name) => buckets.createBucket(sender, name),
    deleteBucket: (name) => buckets.deleteBucket(sender, name),
    listBuckets: () => buckets.listBuckets(sender),
    bucket: (name) => buckets.bucketInfo(sender, name),
    setVersioning: (bucket, state) => buckets.setVersioning(sender, bucket, state),
    getDocument: (bucket, document) => documents.getDocument(sender, bucket, document),
    setDocument: (bucket, document, xml) => documents.setDocument(sender, bucket, document, xml),

    putObject: (place, body, options = {}) => putObject(place, body, options),
    getObject: (place, options) => objects.getObject(sender, place, options),
    statObject: (place, options) => objects.statObject(sender, place, options),
    deleteObject: (place, conditions) => objects.deleteObject(sender, place, conditions),
    copyObject: (options) => objects.copyObject(sender, options),
    listObjects: (bucket, query) => listing.listObjects(sender, bucket, query),
    listVersions: (bucket, query) => listing.listVersions(sender, bucket, query),
    getTags: (place) => objects.getTags(sender, place),
    setTags: (place, tags) => objects.setTags(sender, place, tags),

    createUpload: (place, options) => uploads.createUpload(sender, place, options),
    uploadPart: (place, number, body, options) => uploads.uploadPart(sender, sent, place, number, body, options),
    copyPart: (place, number, source) => uploads.copyPart(sender, place, number, source),
    listParts: (place, query) => uploadLists.listParts(sender, place, query),
    listUploads: (bucket, query) => uploadLists.listUploads(sender, bucket, query),
    completeUpload: (place, options) => uploads.completeUpload(sender, sent, place, options),
    abortUpload: (place) => uploads.abortUpload(sender, sent, place),
    close: async () => sender.client.destroy(),
  };

  function putObject(place: KeyPlace, body: Body, options: PutOptions): Promise<PutResult> {
    if (options.size !== undefined) return objects.putSized(sender, place, body, options.size, options);
    const put = (whole: Body, size: number) => objects.putSized(sender, place, whole, size, options);
    return putUnsized({ store, put }, place, body, options);
  }

  return store;
}
