/** Redis's error replies as errors of the commands' catalogue. */
import { ErrorReply } from '../../platform/protocol/resp-client/connection.js';
import { type ByteString, textOf } from './bytes.js';
import { kvErrors } from './errors.js';

const WRONG_TYPE_HINT = 'ds kv scan tells the types of keys, ds kv shell has commands for all of them';

/** What INCR answers of what the key holds. */
const NUMBER = /not an integer|would overflow/;

/** Others than error replies as they are. `key`: what the command was about. */
export function explained(failure: unknown, key?: ByteString): unknown {
  if (!(failure instanceof ErrorReply)) return failure;
  if (failure.code === 'WRONGTYPE') {
    const what = key === undefined ? 'a key' : JSON.stringify(textOf(key));
    return kvErrors.error('kv.wrong_type', `${what} holds a collection, not a string`, { hint: WRONG_TYPE_HINT });
  }
  const reason = failure.message.replace(/^ERR /, '');
  if (key === undefined) return kvErrors.error('kv.refused', `refused: ${reason}`);
  return kvErrors.error('kv.refused', `refused for ${JSON.stringify(textOf(key))}: ${reason}`, {
    ...(NUMBER.test(reason) && { hint: 'ds kv get KEY shows what it holds' }),
  });
}

/** Waits for a command, whose error reply is thrown as {@link explained}. */
export async function explaining<T>(work: Promise<T>, key?: ByteString): Promise<T> {
  try {
    return await work;
  } catch (failure) {
    throw explained(failure, key);
  }
}
