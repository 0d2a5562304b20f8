/** The facade of the store on a file: each operation is done where its subject is, on the parts that all of them share. */
import type { Clock, Random } from '../../../platform/clock.js';
import type { Store } from '../../../platform/store/store.js';
import type { Acl, Grants } from '../access/acl.js';
import type { BucketGrants, Permit } from '../access/bucket-grants.js';
import type {
  BlobStore,
  CompleteOptions,
  CopyOptions,
  DeleteResult,
  ListQuery,
  ObjectPage,
  ObjectRead,
  PartPage,
  PutOptions,
  PutResult,
  ReadOptions,
  UploadOptions,
  UploadPage,
  VersionListQuery,
  VersionPage,
  WriteConditions,
} from '../blob-store.js';
import type { LifecycleRule } from '../lifecycle/rule.js';
import type {
  Body,
  BucketDocument,
  BucketInfo,
  KeyPlace,
  ObjectPlace,
  PartInfo,
  Tags,
  UploadInfo,
  UploadPlace,
  Versioning,
} from '../object-types.js';
import { checkBucketName } from '../rules/bucket-name.js';
import { decodeGrants, encodeGrants } from './bucket-grants.js';
import { removeBucket } from './bucket-removal.js';
import { type BucketCounts, Buckets, toBucketInfo } from './buckets.js';
import { completeUpload } from './completion.js';
import type { Contents, PartLayout } from './contents.js';
import { Documents } from './documents.js';
import { type LifecycleAction, type LifecycleRunOptions, runLifecycle } from './lifecycle-run.js';
import { listObjects } from './listing.js';
import { changeObjectAcl, objectGrants } from './object-grants.js';
import { Objects, type Owned } from './objects.js';
import { copyPart, type PartSource } from './part-copy.js';
import type { StoreParts } from './parts.js';
import { Reserve } from './reserve.js';
import { type BucketCopy, copyBucket } from './snapshots.js';
import { listUploads, type UploadListQuery } from './upload-listing.js';
import { Uploads } from './uploads.js';
import { type BucketUsage, bucketUsages, type PrefixUsage, recount, usageByPrefix } from './usage.js';
import { listVersions } from './version-listing.js';
import { Versions } from './versions.js';
import { Writes } from './writes.js';

export class FileBlobStore<Bytes extends Contents = Contents> implements BlobStore {
  /** For integrity checks and backups. */
  readonly file: Store;
  readonly contents: Bytes;
  readonly #parts: StoreParts;
  readonly #documents: Documents;
  readonly #objects: Objects;
  readonly #uploads: Uploads;
  #closing: Promise<void> | undefined;

  constructor(file: Store, contents: Bytes, clock: Clock, random: Random) {
    const buckets = new Buckets(file);
    const versions = new Versions(file, contents, buckets, random);
    this.file = file;
    this.contents = contents;
    this.#parts = {
      file,
      contents,
      writes: new Writes(file, new Reserve(file, { random })),
      buckets,
      versions,
      clock,
      random,
    };
    this.#documents = new Documents(this.#parts);
    this.#objects = new Objects(this.#parts);
    this.#uploads = new Uploads(this.#parts);
  }

  get path(): string {
    return this.file.path;
  }

  /** Steps that wait for the disk. */
  get pendingWrites(): number {
    return this.#parts.writes.pending;
  }

  async createBucket(name: string, grants: BucketGrants = {}): Promise<void> {
    checkBucketName(name);
    const { writes, buckets, clock } = this.#parts;
    await writes.run(() => buckets.create(name, clock.now(), { grants: encodeGrants(grants) }));
  }

  /** Whose a bucket is, and to whom it is open. Error: `blob.no_such_bucket`. */
  bucketGrants(name: string): BucketGrants {
    return decodeGrants(this.#parts.buckets.find(name).grants);
  }

  /** `change` is told what there is; what it throws leaves that. Errors: `blob.no_such_bucket`, `blob.read_only_bucket`. */
  async changeBucketGrants(name: string, change: (grants: BucketGrants) => BucketGrants): Promise<void> {
    const { writes, buckets } = this.#parts;
    await writes.run(() => {
      const bucket = buckets.findWritable(name);
      buckets.setGrants(bucket, change(decodeGrants(bucket.grants)));
    });
  }

  async deleteBucket(name: string): Promise<void> {
    const { writes, buckets } = this.#parts;
    await writes.free(() => removeBucket(this.#parts, this.#uploads, buckets.find(name)));
  }

  async listBuckets(): Promise<readonly BucketInfo[]> {
    return this.#parts.buckets.list().map(toBucketInfo);
  }

  async bucket(name: string): Promise<BucketInfo> {
    return toBucketInfo(this.#parts.buckets.find(name));
  }

  async setVersioning(name: string, state: Exclude<Versioning, 'off'>): Promise<void> {
    const { writes, buckets } = this.#parts;
    await writes.run(() => buckets.setVersioning(buckets.findWritable(name), state));
  }

  getDocument(bucket: string, document: BucketDocument): Promise<string> {
    return this.#documents.get(bucket, document);
  }

  setDocument(bucket: string, document: BucketDocument, xml: string | undefined): Promise<void> {
    return this.#documents.set(bucket, document, xml);
  }

  putObject(place: KeyPlace, body: Body, options?: PutOptions & Owned): Promise<PutResult> {
    return this.#objects.put(place, body, options);
  }

  /** `permit` judges the very version that is read. */
  getObject(place: ObjectPlace, options?: ReadOptions, permit?: Permit): Promise<ObjectRead> {
    return this.#objects.get(place, options, permit);
  }

  statObject(place: ObjectPlace, options?: ReadOptions, permit?: Permit): Promise<Omit<ObjectRead, 'body'>> {
    return this.#objects.stat(place, options, permit);
  }

  deleteObject(place: ObjectPlace, conditions?: WriteConditions): Promise<DeleteResult> {
    return this.#objects.delete(place, conditions);
  }

  /** `permit` judges the source. */
  copyObject(
    options: CopyOptions & Owned,
    permit?: Permit,
  ): Promise<PutResult & { readonly sourceVersionId?: string }> {
    return this.#objects.copy(options, permit);
  }

  listObjects(bucket: string, query: ListQuery): Promise<ObjectPage> {
    return listObjects(this.#parts, bucket, query);
  }

  listVersions(bucket: string, query: VersionListQuery): Promise<VersionPage> {
    return listVersions(this.#parts, bucket, query);
  }

  getTags(place: ObjectPlace): Promise<{ readonly tags: Tags; readonly versionId?: string }> {
    return this.#objects.getTags(place);
  }

  setTags(place: ObjectPlace, tags: Tags | undefined): Promise<{ readonly versionId?: string }> {
    return this.#objects.setTags(place, tags);
  }

  /** Whose an object is, and to whom it is open. Errors: as of {@link statObject}. */
  objectGrants(place: ObjectPlace, permit: Permit): Promise<{ readonly grants: Grants; readonly versionId?: string }> {
    return objectGrants(this.#parts, place, permit);
  }

  /** `change` is told what there is; what it throws leaves that. Errors: as of {@link setTags}. */
  changeObjectAcl(
    place: ObjectPlace,
    change: (object: Grants, bucket: BucketGrants) => Acl | undefined,
  ): Promise<{ readonly versionId?: string }> {
    return changeObjectAcl(this.#parts, place, change);
  }

  /** Of an object that was uploaded in parts: them, in order; undefined of another one. */
  partsOf(place: ObjectPlace): Promise<readonly PartLayout[] | undefined> {
    return this.#objects.partsOf(place);
  }

  createUpload(place: KeyPlace, options?: UploadOptions & Owned): Promise<UploadInfo> {
    return this.#uploads.create(place, options);
  }

  uploadPart(
    place: UploadPlace,
    partNumber: number,
    body: Body,
    options?: Pick<PutOptions, 'size' | 'md5' | 'checksum'>,
  ): Promise<PartInfo> {
    return this.#uploads.put(place, partNumber, body, options);
  }

  copyPart(
    place: UploadPlace,
    partNumber: number,
    source: PartSource,
  ): Promise<PartInfo & { readonly sourceVersionId?: string }> {
    return copyPart(this.#parts, this.#uploads, place, partNumber, source);
  }

  listParts(place: UploadPlace, query: { readonly after?: number; readonly limit: number }): Promise<PartPage> {
    return this.#uploads.listParts(place, query);
  }

  listUploads(bucket: string, query: UploadListQuery): Promise<UploadPage> {
    return listUploads(this.#parts, bucket, query);
  }

  completeUpload(place: UploadPlace, options: CompleteOptions): Promise<PutResult> {
    return completeUpload(this.#parts, place, options);
  }

  abortUpload(place: UploadPlace): Promise<void> {
    return this.#uploads.abort(place);
  }

  /** A bucket that shares all current objects, and that nobody can write to. Errors: `blob.bucket_exists`, `blob.invalid_bucket_name`. */
  snapshot(bucket: string, name: string): Promise<BucketCopy> {
    return copyBucket(this.#parts, bucket, name, 'snapshot');
  }

  /** A bucket that shares all current objects, and goes its own way. Errors: as {@link snapshot}. */
  clone(bucket: string, name: string): Promise<BucketCopy> {
    return copyBucket(this.#parts, bucket, name, 'clone');
  }

  /** Carries out the rules of a lifecycle: see {@link runLifecycle}. */
  runLifecycle(
    bucket: string,
    rules: readonly LifecycleRule[],
    options?: LifecycleRunOptions,
  ): AsyncGenerator<LifecycleAction> {
    return runLifecycle(this.#parts, this.#uploads, bucket, rules, options);
  }

  /** By name; no objects are read for it. */
  async usage(): Promise<readonly BucketUsage[]> {
    return bucketUsages(this.#parts);
  }

  /** Sums of a scan: see {@link usageByPrefix}. */
  usageByPrefix(
    bucket: string,
    query: { readonly prefix?: string; readonly delimiter?: string } = {},
  ): AsyncGenerator<PrefixUsage> {
    return usageByPrefix(this.#parts, bucket, query);
  }

  /** What the counts of a bucket are, and what they have to be. */
  async recount(bucket: string): Promise<{ readonly kept: BucketCounts; readonly counted: BucketCounts }> {
    return recount(this.#parts, bucket);
  }

  /** Ends what is under way first. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#parts.writes.close();
    await this.contents.close();
    this.file.close();
  }
}
