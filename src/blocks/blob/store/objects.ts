/** Objects are put, read, deleted, copied and tagged. */
import type { Own, Permit } from '../access/bucket-grants.js';
import type {
  CopyOptions,
  DeleteResult,
  ObjectRead,
  PutOptions,
  PutResult,
  ReadOptions,
  WriteConditions,
} from '../blob-store.js';
import { blobErrors } from '../errors.js';
import type { Body, ByteRange, KeyPlace, ObjectPlace, ObjectStat, Tags } from '../object-types.js';
import { judgeCopySource, judgeDelete, judgeRead, judgeWrite } from '../rules/conditions.js';
import { checkKey } from '../rules/key.js';
import { checkMetadata } from '../rules/metadata.js';
import { resolveRange } from '../rules/range.js';
import { checkTags } from '../rules/tags.js';
import { decodeAttributes, decodeGrantsOf, encodeAttributes } from './attributes.js';
import { decodeGrants } from './bucket-grants.js';
import { INLINE_LIMIT } from './ingest/stager.js';
import { findPart } from './part-range.js';
import type { StoreParts } from './parts.js';
import {
  type BucketRow,
  hasContent,
  judgedOf,
  type ObjectRow,
  toldVersion,
  toObjectStat,
  writtenVersion,
} from './rows.js';
import { stageAndWrite } from './staging.js';

/** Of something new. */
export interface Owned {
  /** May be asked more than once. Without it the object is the store's owner's, and private. */
  readonly own?: Own;
}

export class Objects {
  readonly #parts: StoreParts;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  async put(place: KeyPlace, body: Body, options: PutOptions & Owned = {}): Promise<PutResult> {
    const { buckets, contents, versions, clock } = this.#parts;
    const { headers, metadata = {}, tags = {}, conditions, own } = options;
    checkKey(place.key);
    checkMetadata(metadata);
    checkTags(tags);
    // Before a long body is read in vain; a look outside of a transaction costs as much as a sixth of a small PUT.
    if (options.size === undefined || options.size > INLINE_LIMIT) own?.(grantsOf(buckets.findWritable(place.bucket)));
    return stageAndWrite(this.#parts, body, { ...options, mayBeInline: true }, (staged, checksum) => {
      const bucket = buckets.findWritable(place.bucket);
      const grants = own?.(grantsOf(bucket));
      judgeWrite(conditions, judged(versions.current(bucket, place.key)), place.key);
      const contentId = contents.add(staged);
      const modifiedAt = clock.now();
      const attributes = encodeAttributes({ headers, metadata, tags, checksum, grants });
      const { size, md5: etag } = staged;
      const id = versions.put(bucket, place.key, { contentId, size, etag, modifiedAt, attributes });
      return { etag, size, modifiedAt, ...writtenVersion(id), ...(checksum === undefined ? {} : { checksum }) };
    });
  }

  async get(place: ObjectPlace, options: ReadOptions = {}, permit?: Permit): Promise<ObjectRead> {
    const { contents, file } = this.#parts;
    // One state of the file: a small content goes with the last row that has it, whichever process deletes that.
    return file.view(() => {
      const { row, stat, range } = this.#look(place, options, permit);
      return { stat, ...(range === undefined ? {} : { range }), body: contents.read(row.content_id, range) };
    });
  }

  async stat(place: ObjectPlace, options: ReadOptions = {}, permit?: Permit): Promise<Omit<ObjectRead, 'body'>> {
    const { stat, range } = this.#parts.file.view(() => this.#look(place, options, permit));
    return { stat, ...(range === undefined ? {} : { range }) };
  }

  async delete({ bucket: name, key, versionId }: ObjectPlace, conditions?: WriteConditions): Promise<DeleteResult> {
    const { buckets, versions, writes, clock } = this.#parts;
    checkKey(key);
    return writes.free(() => {
      const bucket = buckets.findWritable(name);
      if (versionId !== undefined) return this.#deleteVersion(bucket, key, versionId, conditions);
      const current = versions.current(bucket, key);
      judgeDelete(conditions, judged(current));
      const existed = current !== undefined;
      if (!existed && bucket.versioning === 'off') return { deleteMarker: false, existed };
      const marker = versions.hide(bucket, key, clock.now());
      if (marker === undefined) return { deleteMarker: false, existed };
      return { ...toldVersion(bucket, marker), deleteMarker: true, existed };
    });
  }

  async copy(
    options: CopyOptions & Owned,
    permit?: Permit,
  ): Promise<PutResult & { readonly sourceVersionId?: string }> {
    const { source, destination, replace, tags } = options;
    const { buckets, contents, versions, writes, clock } = this.#parts;
    checkKey(source.key);
    checkKey(destination.key);
    checkMetadata(replace?.metadata ?? {});
    checkTags(tags ?? {});
    return writes.run(() => {
      const to = buckets.findWritable(destination.bucket);
      const grants = options.own?.(grantsOf(to));
      const from = buckets.find(source.bucket);
      const row = findCopySource(this.#parts, from, source);
      const kept = decodeAttributes(row.attributes);
      permit?.(kept.grants ?? {}, grantsOf(from));
      judgeCopySource(options.sourceConditions, judgedOf(row));
      const ontoItself = from.id === to.id && source.key === destination.key && source.versionId === undefined;
      if (ontoItself && replace === undefined) throw nothingChanges(source);
      judgeWrite(options.conditions, judged(versions.current(to, destination.key)), destination.key);
      contents.share(row.content_id);
      const modifiedAt = clock.now();
      const { content_id: contentId, size, etag } = row;
      const { checksum, partCount } = kept;
      const attributes = encodeAttributes({
        ...(replace ?? { headers: kept.headers, metadata: kept.metadata }),
        tags: tags ?? kept.tags,
        checksum,
        partCount,
        grants,
      });
      const id = versions.put(to, destination.key, { contentId, size, etag, modifiedAt, attributes });
      const sourceVersionId = toldVersion(from, row.version_id).versionId;
      return {
        etag,
        size,
        modifiedAt,
        ...writtenVersion(id),
        ...(checksum === undefined ? {} : { checksum }),
        ...(sourceVersionId === undefined ? {} : { sourceVersionId }),
      };
    });
  }

  async getTags(place: ObjectPlace): Promise<{ readonly tags: Tags; readonly versionId?: string }> {
    const { bucket, row } = this.#find(place);
    const { tags = {} } = decodeAttributes(row.attributes);
    return { tags, ...toldVersion(bucket, row.version_id) };
  }

  async setTags(place: ObjectPlace, tags: Tags | undefined): Promise<{ readonly versionId?: string }> {
    checkKey(place.key);
    checkTags(tags ?? {});
    const { buckets, versions, writes } = this.#parts;
    return writes.run(() => {
      const bucket = buckets.findWritable(place.bucket);
      const row = versions.findReadable(bucket, place.key, place.versionId);
      const attributes = encodeAttributes({ ...decodeAttributes(row.attributes), tags });
      versions.setAttributes(bucket, { row, isCurrent: row.isCurrent }, attributes);
      return toldVersion(bucket, row.version_id);
    });
  }

  /** Of what was uploaded in parts: them; undefined of another object. */
  async partsOf(place: ObjectPlace) {
    const { contents, file } = this.#parts;
    return file.view(() => contents.parts(this.#find(place).row.content_id));
  }

  #find(place: ObjectPlace): { readonly bucket: BucketRow; readonly row: ObjectRow } {
    checkKey(place.key);
    const { buckets, file, versions } = this.#parts;
    return file.view(() => {
      const bucket = buckets.find(place.bucket);
      return { bucket, row: versions.findReadable(bucket, place.key, place.versionId) };
    });
  }

  #look(place: ObjectPlace, { range, partNumber, conditions }: ReadOptions, permit: Permit | undefined) {
    const { bucket, row } = this.#find(place);
    permit?.(decodeGrantsOf(row.attributes), grantsOf(bucket));
    judgeRead(conditions, judgedOf(row));
    const stat: ObjectStat = toObjectStat(bucket, row);
    if (partNumber !== undefined) {
      const { range: part, checksum } = findPart(this.#parts.contents.parts(row.content_id), partNumber, row.size);
      return { row, stat: statOfPart(stat, part, checksum), range: part };
    }
    return { row, stat, range: range && resolveRange(range, row.size) };
  }

  #deleteVersion(
    bucket: BucketRow,
    key: string,
    versionId: string,
    conditions: WriteConditions | undefined,
  ): DeleteResult {
    const found = this.#parts.versions.find(bucket, key, versionId);
    if (found === undefined) return { versionId, deleteMarker: false, existed: false };
    judgeDelete(conditions, judgedOf(found.row));
    this.#parts.versions.remove(bucket, found);
    return { versionId, deleteMarker: !hasContent(found.row), existed: true };
  }
}

/** Errors: as of a read, and `blob.invalid_request` where a delete marker is named. */
export function findCopySource(parts: StoreParts, bucket: BucketRow, { key, versionId }: ObjectPlace): ObjectRow {
  const named = versionId === undefined ? undefined : parts.versions.find(bucket, key, versionId);
  if (named !== undefined && !hasContent(named.row))
    throw blobErrors.error(
      'blob.invalid_request',
      `version ${versionId} of ${JSON.stringify(key)} is a delete marker`,
      {
        hint: 'name a version that has bytes: ds blob versions BUCKET/KEY',
      },
    );
  return parts.versions.findReadable(bucket, key, versionId);
}

/** The checksum of the whole says nothing of a part, unless the whole came in one piece. */
function statOfPart(whole: ObjectStat, part: ByteRange | undefined, ofPart: string | undefined): ObjectStat {
  const { checksum, ...stat } = { ...whole, ...(part === undefined ? {} : { part }) };
  if (checksum === undefined || (ofPart === undefined && stat.partCount !== undefined)) return stat;
  return { ...stat, checksum: { ...checksum, value: ofPart ?? checksum.value } };
}

const grantsOf = ({ grants }: BucketRow) => decodeGrants(grants);
const judged = (row: ObjectRow | undefined) => row && judgedOf(row);

function nothingChanges({ bucket, key }: ObjectPlace) {
  return blobErrors.error(
    'blob.invalid_request',
    `a copy of ${JSON.stringify(`${bucket}/${key}`)} onto itself changes nothing: it names no new metadata`,
  );
}
