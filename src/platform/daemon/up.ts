/** `ds up`: several blocks in one process, each in a worker thread, with registry entries and a control socket. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock, Random } from '../clock.js';
import type { Environment } from '../paths.js';
import { logFolder, runFolder } from '../paths.js';
import type { RawOptions } from './block.js';
import { startControl } from './control.js';
import { daemonErrors } from './errors.js';
import { makeHomeFolder } from './home-folder.js';
import { aborted } from './lifecycle.js';
import type { LogLevel, StreamStyle } from './logger.js';
import { listDaemons, type RegistryEntry, register, unregister } from './registry.js';
import type { Pending } from './report.js';
import { startThread } from './start-thread.js';
import { type BlockStatus, SupervisedBlock } from './supervised-block.js';
import type { ThreadTask } from './thread-protocol.js';

export interface UpReporter {
  /** Called on every change of a block's state, once the registry tells it: who hears of a block finds it. */
  changed(status: BlockStatus): void;
  /** Every block is running, restarting or failed for the first time. */
  settled(statuses: readonly BlockStatus[]): void;
  stopping(): void;
  /** `cutOff`: what was broken off, by block; undefined: nothing. */
  stopped(pending: Pending, cutOff: string | undefined): void;
}

export interface UpRequest {
  readonly blocks: readonly { readonly name: string; readonly options: RawOptions }[];
  readonly home: string;
  readonly machine: string;
  readonly version: string;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly logLevel: LogLevel;
  /** The threads log to stderr, too, in this style. */
  readonly console?: StreamStyle;
  /** The built worker.js. */
  readonly workerEntry: URL;
  readonly signal: AbortSignal;
  readonly reporter: UpReporter;
}

/**
 * Resolves when the signal asked for the end, or `ds down` stopped the last block.
 * Errors: `daemon.already_running`; the first block's error when every block failed.
 */
export async function runUp(request: UpRequest): Promise<void> {
  const { home, reporter } = request;
  await refuseRunning(request);
  makeHomeFolder(runFolder(home));
  const blocks = new Map<string, SupervisedBlock>();
  const control = await startControl(home, process.pid, (name) => stopBlock(blocks, name));
  const entries = new RegistryWriter(request, control.path);
  try {
    const settled = superviseAll(request, blocks, async (status) => {
      await entries.update(status);
      reporter.changed(status);
    });
    void settled.then(() => reporter.settled(statusesOf(blocks)));
    const ended = Promise.all([...blocks.values()].map((block) => block.ended));
    await Promise.race([aborted(request.signal), ended]);
    await settled.catch(() => {});
    if (request.signal.aborted) await stopAll(blocks, reporter);
    const statuses = statusesOf(blocks);
    const failure = statuses.find((status) => status.error !== undefined)?.error;
    if (failure !== undefined && statuses.every(({ state }) => state === 'failed')) throw failure;
  } finally {
    await entries.clear();
    await control.close();
  }
}

/** Fills `blocks`; resolves once each of them has run or failed for the first time. */
function superviseAll(
  request: UpRequest,
  blocks: Map<string, SupervisedBlock>,
  onChange: (status: BlockStatus) => Promise<void>,
): Promise<unknown> {
  const firstChanges = request.blocks.map(
    ({ name, options }) =>
      new Promise<void>((resolve) => {
        const supervised = new SupervisedBlock({
          ...request,
          block: name,
          startThread: () => startThread(request.workerEntry, taskOf(request, name, options)),
          onChange(status) {
            void onChange(status).then(() => {
              if (status.state !== 'starting') resolve();
            });
          },
        });
        blocks.set(name, supervised);
      }),
  );
  return Promise.all(firstChanges);
}

function taskOf(request: UpRequest, block: string, options: RawOptions): ThreadTask {
  const { home, machine, version, logLevel, console } = request;
  // A copy: what stands for the process's own cannot be handed to a thread.
  const environment = { ...request.environment };
  const logFile = join(logFolder(home), `${block}.log`);
  return {
    ...{ block, options, home, machine, version, environment, logLevel, logFile },
    ...(console !== undefined && { console }),
  };
}

const statusesOf = (blocks: ReadonlyMap<string, SupervisedBlock>) => [...blocks.values()].map(({ status }) => status);

/** Error: that of the first block which could not stop in order. */
async function stopAll(blocks: ReadonlyMap<string, SupervisedBlock>, reporter: UpReporter): Promise<void> {
  const all = [...blocks.values()].filter(({ status }) => status.state !== 'failed');
  reporter.stopping();
  await Promise.all(all.map((block) => block.stop()));
  const failure = all.find(({ status }) => status.error !== undefined)?.status.error;
  if (failure !== undefined) throw failure;
  const total = (key: keyof Pending) => all.reduce((sum, block) => sum + block.pending[key], 0);
  const cutOff = all.flatMap((block) => (block.cutOff === undefined ? [] : [`${block.status.block}: ${block.cutOff}`]));
  reporter.stopped(
    { connections: total('connections'), writes: total('writes') },
    cutOff.length === 0 ? undefined : cutOff.join('; '),
  );
}

async function stopBlock(blocks: ReadonlyMap<string, SupervisedBlock>, name: string): Promise<void> {
  const block = blocks.get(name);
  if (block === undefined || block.status.state === 'stopped' || block.status.state === 'failed') {
    throw daemonErrors.error('daemon.not_running', `${name} is not running`, { details: { block: name } });
  }
  await block.stop();
}

/** Two `ds up` of one block would fight over its port, and `ds down` could not tell them apart. */
async function refuseRunning({ home, blocks }: UpRequest): Promise<void> {
  const running = await listDaemons(home);
  for (const { name } of blocks) {
    const other = running.find((entry) => entry.block === name && entry.control !== undefined);
    if (other === undefined) continue;
    throw daemonErrors.error('daemon.already_running', `${name} is up already (pid ${other.pid})`, {
      hint: `ds down ${name}`,
      details: { block: name, pid: other.pid },
    });
  }
}

/** Keeps the registry in step with the blocks' states; writes follow each other, the last one wins. */
class RegistryWriter {
  readonly #request: UpRequest;
  readonly #control: string;
  readonly #startedAt = new Map<string, string>();
  #last: Promise<void> = Promise.resolve();

  constructor(request: UpRequest, control: string) {
    this.#request = request;
    this.#control = control;
  }

  /** Resolves when it is written, or could not be, which is logged. */
  update(status: BlockStatus): Promise<void> {
    const { home, logger } = this.#request;
    const work = () =>
      status.state === 'stopped'
        ? unregister(home, { block: status.block, pid: process.pid })
        : register(home, this.#entryOf(status));
    this.#last = this.#last.then(work).catch((error: unknown) => {
      logger.warn({ err: error, block: status.block }, 'the registry entry could not be written');
    });
    return this.#last;
  }

  async clear(): Promise<void> {
    await this.#last;
    const { home, blocks } = this.#request;
    for (const { name } of blocks) await unregister(home, { block: name, pid: process.pid });
  }

  #entryOf({ block, state, report, restarts, error }: BlockStatus): RegistryEntry {
    const { clock, home, version } = this.#request;
    if (state === 'running' || !this.#startedAt.has(block)) {
      this.#startedAt.set(block, new Date(clock.now()).toISOString());
    }
    return {
      block,
      pid: process.pid,
      state: state === 'stopped' ? 'stopping' : state,
      endpoints: state === 'running' ? (report?.endpoints ?? []) : [],
      ...(report?.db !== undefined && { db: report.db }),
      log: join(logFolder(home), `${block}.log`),
      startedAt: this.#startedAt.get(block) ?? '',
      version,
      control: this.#control,
      restarts,
      ...(error !== undefined && { problem: error.message }),
    };
  }
}
