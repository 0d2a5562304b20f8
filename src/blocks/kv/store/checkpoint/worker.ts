/** Entry of the thread that checkpoints beside the event loop of a daemon (checkpoint-thread.ts). */
import { parentPort, workerData } from 'node:worker_threads';
import { toPlainError } from '../../../../platform/daemon/error-transfer.js';
import { Checkpointer } from '../../../../platform/store/checkpointer.js';
import type { FromThread, ToThread } from './checkpoint-thread.js';

const port = parentPort;
if (port === null) throw new Error('worker.js runs in a worker thread only');
const checkpointer = new Checkpointer(String(workerData));

const run = (): FromThread => {
  try {
    checkpointer.run();
    return {};
  } catch (error) {
    return { error: toPlainError(error) };
  }
};

port.on('message', (message: ToThread) => {
  if (message === 'run') port.postMessage(run());
  else {
    checkpointer.close();
    port.close();
  }
});
