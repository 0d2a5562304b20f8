/** The worker thread's side: runs one block until told to stop. */
import type { MessagePort } from 'node:worker_threads';
import { systemClock, systemRandom } from '../clock.js';
import type { Block } from './block.js';
import { toPlainError } from './error-transfer.js';
import { daemonErrors } from './errors.js';
import { type HostedDaemon, startDaemon } from './host.js';
import { logStopped } from './lifecycle.js';
import { LogFile } from './log-file.js';
import { createLogger, stderrSink } from './logger.js';
import type { FromThread, ThreadTask, ToThread } from './thread-protocol.js';

/** Blocks by name, each loaded when it is asked for. */
export type BlockCatalogue = Readonly<Record<string, () => Promise<Block>>>;

/**
 * Resolves when the thread may end. An error that nothing catches ends the thread, and only the thread; the supervisor
 * sees it.
 */
export async function runThread(task: ThreadTask, port: MessagePort, catalogue: BlockCatalogue): Promise<void> {
  const file = task.logFile === undefined ? undefined : new LogFile(task.logFile);
  const sinks = [...(file ? [file] : []), ...(task.console ? [stderrSink(task.console)] : [])];
  const logger = createLogger({ block: task.block, level: task.logLevel, clock: systemClock, sinks });
  const say = (message: FromThread) => port.postMessage(message);
  // Of this thread only; it ends the thread all the same, but leaves the stack in the block's own log.
  process.on('uncaughtExceptionMonitor', (error) => logger.fatal({ err: error }, 'an error that nothing caught'));
  try {
    const block = await findBlock(catalogue, task.block);
    const daemon = await startDaemon({ ...task, block, clock: systemClock, random: systemRandom, logger });
    logger.info({ endpoints: daemon.report.endpoints.map(({ url }) => url) }, 'ready');
    const { logFile } = task;
    const report = logFile === undefined ? daemon.report : { ...daemon.report, log: logFile };
    say({ type: 'ready', report, graceMs: daemon.graceMs });
    await toldToStop(port);
    logStopped(logger, await stop(daemon, say));
  } catch (error) {
    logger.error({ err: error }, 'the daemon failed');
    say({ type: 'failed', error: toPlainError(error) });
  } finally {
    port.close();
    file?.close();
  }
}

/** Error: `daemon.unknown_block`. */
export async function findBlock(catalogue: BlockCatalogue, name: string): Promise<Block> {
  const load = Object.hasOwn(catalogue, name) ? catalogue[name] : undefined;
  if (load !== undefined) return load();
  throw daemonErrors.error('daemon.unknown_block', `there is no block "${name}"`, {
    hint: `blocks are: ${Object.keys(catalogue).join(', ')}`,
    details: { block: name },
  });
}

function toldToStop(port: MessagePort): Promise<void> {
  return new Promise((resolve) => {
    port.on('message', (message: ToThread) => {
      if (message.type === 'stop') resolve();
    });
  });
}

async function stop(daemon: HostedDaemon, say: (message: FromThread) => void): Promise<string | undefined> {
  say({ type: 'stopping', pending: daemon.pending() });
  const cutOff = await daemon.stop();
  say({ type: 'stopped', cutOff });
  return cutOff;
}
