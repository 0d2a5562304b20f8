/** A request once it is known who asks and for what, and its answer. Handlers turn one into the other. */
import type { Logger } from 'pino';
import type { Clock } from '../../../platform/clock.js';
import type { BlobStore } from '../blob-store.js';
import type { Body } from '../object-types.js';
import type { FileBlobStore } from '../store/file-blob-store.js';
import type { Headers } from '../wire/http-values.js';
import type { OperationName } from '../wire/operations.js';
import type { Query } from '../wire/request-target.js';
import type { Expirations } from './expirations.js';
import type { Received } from './receive.js';
import type { Rights } from './rights.js';

export interface Call {
  /** Random; the client is told, and `ds blob explain` asked with it. */
  readonly id: string;
  readonly operation: OperationName;
  readonly method: string;
  /** Empty where the operation is one of the service. */
  readonly bucket: string;
  /** Empty where the operation is one of a bucket. */
  readonly key: string;
  readonly query: Query;
  /** Those of a presigned URL's query included. */
  readonly headers: Headers;
  /** A signature came with it. */
  readonly signed: boolean;
  /** What the caller may. */
  readonly rights: Rights;
  /** How the client reached this server: `http://127.0.0.1:9000`. */
  readonly base: string;
  /** The body of an object or a part. At most once, instead of {@link document}. */
  receive(): Received;
  /** A document, whole. Errors: `blob.entity_too_large` beyond `largest` bytes, and what a body can meet. */
  document(largest: number): Promise<Buffer>;
}

export type HeaderField = readonly [name: string, value: string];

export interface Answer {
  readonly status: number;
  readonly headers?: readonly HeaderField[];
  readonly xml?: string;
  /** `content` absent: the head only, as of HEAD. */
  readonly object?: { readonly length: number; readonly content?: Body };
}

/** The store on a file: what it has beyond others, and operations that ask who may. */
type ServedStore = BlobStore &
  Pick<
    FileBlobStore,
    | 'partsOf'
    | 'bucketGrants'
    | 'changeBucketGrants'
    | 'objectGrants'
    | 'changeObjectAcl'
    | 'createBucket'
    | 'putObject'
    | 'getObject'
    | 'statObject'
    | 'copyObject'
    | 'createUpload'
    | 'copyPart'
  >;

/** What handlers work with. */
export interface HandlerContext {
  readonly store: ServedStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly region: string;
  readonly expirations: Expirations;
}

export type Handler = (call: Call, context: HandlerContext) => Promise<Answer>;

/** 200 with a document. */
export function xmlAnswer(xml: string, headers: readonly HeaderField[] = []): Answer {
  return { status: 200, xml, headers };
}

export const NO_CONTENT: Answer = { status: 204 };
export const EMPTY: Answer = { status: 200 };

/** The header where there is a value. */
export function optional(name: string, value: string | undefined): readonly HeaderField[] {
  return value === undefined ? [] : [[name, value]];
}
