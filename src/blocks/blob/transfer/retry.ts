/** Parts are tried again where the network was in the way: the whole would be lost for one of them. */
import { codeOf } from '../../../platform/errors.js';
import type { TransferContext } from './context.js';

const ATTEMPTS = 4;
/** Milliseconds before the second attempt; twice as long before each further one. */
const FIRST_WAIT_MS = 500;

export async function withRetries<T>(
  { clock, signal }: Pick<TransferContext, 'clock' | 'signal'>,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || signal?.aborted || !isPassing(error)) throw error;
      await clock.sleep(FIRST_WAIT_MS * 2 ** (attempt - 1), signal);
    }
  }
}

/** Errors after which the same request can be sent again, and may then be answered. */
function isPassing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'blob.unreachable' || code === 'blob.request_timeout';
}
