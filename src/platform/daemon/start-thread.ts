/** How the thread of a block is started. */
import { Worker } from 'node:worker_threads';

/**
 * Node would close what a thread has opened by `fs.open` when the thread ends. But it only knows numbers: a descriptor that was handed
 * to a socket, and closed by it, may be another block's file by then. So each block closes its own.
 */
export function startThread(entry: URL, workerData: unknown): Worker {
  return new Worker(entry, { workerData, trackUnmanagedFds: false });
}
