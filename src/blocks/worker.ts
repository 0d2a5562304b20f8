/** Entry of a worker thread that `ds up` runs a block in. */
import { parentPort, workerData } from 'node:worker_threads';
import { runThread } from '../platform/daemon/thread.js';
import { catalogue } from './catalogue.js';

if (parentPort === null) throw new Error('worker.js runs in a worker thread of ds up only');
void runThread(workerData, parentPort, catalogue);
