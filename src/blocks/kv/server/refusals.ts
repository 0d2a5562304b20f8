/** What is answered when the file could not be written or read. */
import { DsError } from '../../../platform/errors.js';
import { errorReplyOf, internalError } from '../../../platform/protocol/resp/errors.js';
import { error, type TaggedReply } from '../../../platform/protocol/resp/reply.js';

/** A full disk in Redis's word for it, which clients know; others by their code. */
export function storageRefusal(failure: unknown): TaggedReply {
  if (!(failure instanceof DsError)) return internalError;
  if (failure.code === 'storage.full')
    return error('MISCONF', `Errors writing to the database file: ${failure.message}`);
  return errorReplyOf(failure);
}

/** Whether the file could not be read or written. */
export const isStorageFailure = (failure: unknown): boolean =>
  failure instanceof DsError && failure.kind === 'storage' && !isTooLarge(failure);

/** Another process had the file to itself for too long. */
export const isLocked = (failure: unknown): boolean => failure instanceof DsError && failure.code === 'storage.locked';

/** A turn that was too large, which is the fault of its commands. */
export const isTooLarge = (failure: unknown): boolean =>
  failure instanceof DsError && failure.code === 'kv.turn_too_large';

/** Whether a command refused to run, and changed nothing, as against an error of the store or a bug. */
export const isRefusal = (failure: unknown): failure is DsError =>
  failure instanceof DsError && failure.kind !== 'storage';
