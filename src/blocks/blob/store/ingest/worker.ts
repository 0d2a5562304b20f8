/** Entry of the thread that takes bodies in, beside the event loop of a daemon (thread-port.ts). */
import { parentPort, workerData } from 'node:worker_threads';
import { runIngestThread } from './thread.js';

if (parentPort === null) throw new Error('worker.js runs in a worker thread only');
void runIngestThread(workerData, parentPort);
