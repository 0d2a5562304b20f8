/**
 * What the caller of one request may: the one place where that is judged.
 *
 *     check()     the bucket, before anything else        of what access/needs.ts says READ, WRITE, owner and the like of
 *     own()       the bucket, where an object is written  by the store, in the transaction that writes; large bodies before, too
 *     reading()   the object, where it is found           by the store, of the very version that is read
 *
 * Who may not list a bucket is not told either whether there is an object of a name in it.
 */
import { DsError } from '../../../platform/errors.js';
import type { Accounts, Owner, Requester } from '../access/accounts.js';
import { type Acl, allows, type Grants, isPublic, type Permission } from '../access/acl.js';
import type { BucketGrants, Own, Permit } from '../access/bucket-grants.js';
import { type AskedAcl, storedAcl } from '../access/canned.js';
import { type BucketNeed, NEEDS } from '../access/needs.js';
import { blobErrors } from '../errors.js';
import type { ObjectPlace } from '../object-types.js';
import { readAskedAcl } from '../wire/acl-headers.js';
import type { Headers } from '../wire/http-values.js';
import type { OperationName } from '../wire/operations.js';
import { s3Error } from '../wire/s3-errors.js';

export interface RightsOptions {
  readonly accounts: Accounts;
  readonly requester: Requester;
  readonly bucket: string;
  readonly headers: Headers;
  /** Error: `blob.no_such_bucket`. */
  readonly grantsOf: (bucket: string) => BucketGrants;
}

const BUCKET_OWNER = 'x-amz-expected-bucket-owner';
const SOURCE_OWNER = 'x-amz-source-expected-bucket-owner';
/** What tells that there is no such object. */
const ABSENT = new Set(['blob.no_such_key', 'blob.no_such_version', 'blob.delete_marker']);

export class Rights {
  readonly accounts: Accounts;
  readonly requester: Requester;
  readonly #options: RightsOptions;

  constructor(options: RightsOptions) {
    this.accounts = options.accounts;
    this.requester = options.requester;
    this.#options = options;
  }

  /** Of the bucket that the request is about, as it is now. */
  get bucket(): BucketGrants {
    return this.#options.grantsOf(this.#options.bucket);
  }

  /** Errors: `blob.access_denied`, `blob.no_such_bucket`. */
  check(operation: OperationName): void {
    const need = NEEDS[operation];
    if (need === 'new' || need === 'object') return;
    if (need === 'account') {
      if (this.requester.account === undefined) throw denied('the request is not signed');
    } else this.checkBucket(need);
  }

  /** Of the bucket, now. Errors: `blob.access_denied`, `blob.no_such_bucket`. */
  checkBucket(need: BucketNeed): void {
    const { bucket } = this;
    this.#checkExpected(BUCKET_OWNER, bucket);
    if (!this.#allowsBucket(bucket, need)) throw this.#denied();
  }

  /** Whose a new object is that the headers describe, and to whom it is open. Errors: those of readAskedAcl(). */
  own(headers: Headers): Own {
    const asked = readAskedAcl(headers, this.accounts);
    return (bucket) => {
      this.#checkExpected(BUCKET_OWNER, bucket);
      if (!this.#allowsBucket(bucket, 'WRITE')) throw this.#denied();
      return this.#newObject(bucket, asked);
    };
  }

  /** Does what reads an object: `work` hands on what judges it. Error: `blob.access_denied`. */
  async reading<T>(place: ObjectPlace, permission: Permission, work: (permit: Permit) => Promise<T>): Promise<T> {
    return this.#hiding(place, () => work(this.#permit(permission, BUCKET_OWNER)));
  }

  /** The same of the source of a copy. */
  async readingSource<T>(source: ObjectPlace, work: (permit: Permit) => Promise<T>): Promise<T> {
    return this.#hiding(source, () => work(this.#permit('READ', SOURCE_OWNER)));
  }

  /** The list that is asked for, of something that is there. Errors: as of a new object. */
  checkedAcl(asked: AskedAcl, owner: string, bucket: BucketGrants): Acl | undefined {
    if (isEnforced(bucket)) throw listsAreOff();
    const acl = storedAcl(asked, owner, this.accounts.named(bucket.owner));
    if (bucket.publicAccessBlock?.blockPublicAcls && isPublic(acl)) {
      throw denied('the public access block of the bucket refuses public ACLs');
    }
    return acl;
  }

  /** As documents tell them; where lists do not count, all is the bucket's owner's. */
  ownerOf(bucket: BucketGrants): (stored: string | undefined) => Owner {
    return (stored) => this.accounts.told(this.accounts.named(isEnforced(bucket) ? bucket.owner : stored));
  }

  /** A version is deleted for good by the owner of the bucket only. Error: `blob.access_denied`. */
  checkVersionDelete(versionId: string | undefined): void {
    if (versionId !== undefined) this.checkBucket('owner');
  }

  #permit(permission: Permission, header: string): Permit {
    return (object, bucket) => {
      this.#checkExpected(header, bucket);
      if (!this.#allowsObject(object, bucket, permission)) throw this.#denied();
    };
  }

  async #hiding<T>(place: ObjectPlace, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const isAbsent = error instanceof DsError && ABSENT.has(error.code);
      if (isAbsent && !this.#allowsBucket(this.#options.grantsOf(place.bucket), 'READ')) throw this.#denied();
      throw error;
    }
  }

  #allowsBucket(bucket: BucketGrants, need: BucketNeed): boolean {
    const owner = this.accounts.named(bucket.owner);
    if (need === 'owner') return this.requester.isUnrestricted || this.requester.account === owner;
    return this.#allows(owner, bucket.acl, bucket, need);
  }

  #allowsObject(object: Grants, bucket: BucketGrants, permission: Permission): boolean {
    return isEnforced(bucket)
      ? this.#allows(this.accounts.named(bucket.owner), undefined, bucket, permission)
      : this.#allows(this.accounts.named(object.owner), object.acl, bucket, permission);
  }

  #allows(owner: string, acl: Acl | undefined, bucket: BucketGrants, permission: Permission): boolean {
    const ignoresPublic = bucket.publicAccessBlock?.ignorePublicAcls ?? false;
    return allows(this.requester, { owner, acl, permission, ignoresPublic });
  }

  #newObject(bucket: BucketGrants, asked: AskedAcl | undefined): Grants {
    const forOwner = asked !== undefined && 'canned' in asked && asked.canned === 'bucket-owner-full-control';
    if (isEnforced(bucket)) {
      if (asked !== undefined && !forOwner) throw listsAreOff();
      return stripped({ owner: bucket.owner });
    }
    const bucketOwner = this.accounts.named(bucket.owner);
    const { account } = this.requester;
    // What nobody has written is the bucket's owner's, and nobody can open it to others.
    if (account === undefined) {
      if (asked !== undefined && storedAcl(asked, bucketOwner, bucketOwner) !== undefined) throw this.#denied();
      return stripped({ owner: bucket.owner });
    }
    const owner = forOwner && bucket.objectOwnership === 'BucketOwnerPreferred' ? bucketOwner : account;
    const acl = asked && this.checkedAcl(asked, owner, bucket);
    return stripped({ owner: this.accounts.stored(owner), acl });
  }

  /** A client can say whose bucket it means. */
  #checkExpected(header: string, bucket: BucketGrants): void {
    const expected = this.#options.headers.get(header);
    if (expected === undefined || expected === this.accounts.told(this.accounts.named(bucket.owner)).id) return;
    throw denied(`${header} is not the owner of the bucket`);
  }

  #denied(): DsError {
    const { account } = this.requester;
    return denied(account === undefined ? 'the request is not signed' : `account ${account} may not do this`);
  }
}

function isEnforced(bucket: BucketGrants): boolean {
  return bucket.objectOwnership === 'BucketOwnerEnforced';
}

/** Without what is usual, so that nothing is stored for it. */
function stripped({ owner, acl }: Grants): Grants {
  return { ...(owner !== undefined && { owner }), ...(acl !== undefined && { acl }) };
}

function listsAreOff() {
  return s3Error(
    'blob.invalid_request',
    'AccessControlListNotSupported',
    'the bucket does not allow ACLs: its owner owns all objects in it (BucketOwnerEnforced)',
  );
}

function denied(message: string) {
  return blobErrors.error('blob.access_denied', message);
}
