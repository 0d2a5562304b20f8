/** What the thread of the ingest and the one that it works for say to each other. Slabs are transferred, not copied. */
import type { PlainError } from '../../../../platform/daemon/error-transfer.js';
import type { Ingested } from './ingested.js';

export interface ThreadData {
  readonly path: string;
  readonly folder: string;
  readonly fullBytes: number | undefined;
  readonly reserveBytes: number | undefined;
}

export type ToIngest =
  | { readonly type: 'begin'; readonly name: string }
  | { readonly type: 'write'; readonly name: string; readonly buffer: ArrayBuffer; readonly length: number }
  | { readonly type: 'cut-all' }
  | { readonly type: 'end'; readonly name: string }
  | { readonly type: 'settle'; readonly name: string }
  | { readonly type: 'discard'; readonly name: string; readonly writerId: number | undefined }
  | { readonly type: 'retire-garbage' }
  | { readonly type: 'close' };

export type FromIngest =
  | { readonly type: 'ready' }
  /** Slabs that came free. */
  | { readonly type: 'freed'; readonly buffers: readonly ArrayBuffer[] }
  /** The same, after a slab was looked at, or, without a name, after all chunks were cut. */
  | { readonly type: 'processed'; readonly name: string | undefined; readonly buffers: readonly ArrayBuffer[] }
  | { readonly type: 'ended'; readonly ingested: Ingested }
  | { readonly type: 'failed'; readonly name: string; readonly error: PlainError }
  | { readonly type: 'retired' }
  | { readonly type: 'closed'; readonly error: PlainError | undefined };
