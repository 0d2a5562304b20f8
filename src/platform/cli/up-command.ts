/** `ds up` between the command line and the supervisor: what to run, and how it speaks of it. */
import { join } from 'node:path';
import type { BlockStatus } from '../daemon/supervised-block.js';
import type { BlockCatalogue } from '../daemon/thread.js';
import type { UpReporter, UpRequest } from '../daemon/up.js';
import type { DsError } from '../errors.js';
import { logFolder } from '../paths.js';
import { DaemonOutput, logLevelOf, openLogSink, stderrStyle } from './daemon-output.js';
import { exitCodeOf } from './exit-codes.js';
import { ServeCommand } from './serve-command.js';

export interface UpFlags {
  readonly config?: string | undefined;
  readonly detach?: boolean | undefined;
}

export abstract class UpCommand extends ServeCommand {
  protected async up(catalogue: BlockCatalogue, names: readonly string[], flags: UpFlags): Promise<number | undefined> {
    const { chooseBlocks } = await import('../daemon/choose-blocks.js');
    const blocks = await chooseBlocks(catalogue, names, flags.config, process.cwd());
    if (flags.detach === true) return this.#upDetached();
    const { DETACHED_VARIABLE, parentLink } = await import('../daemon/detach.js');
    const { createLogger } = await import('../daemon/logger.js');
    const { runUp } = await import('../daemon/up.js');
    const log = this.context.env[DETACHED_VARIABLE];
    const link = parentLink(this.context.env);
    const level = logLevelOf(this.out);
    const sink = await openLogSink(this.out, log);
    const request: UpRequest = {
      ...this.facts(),
      blocks,
      logLevel: level,
      logger: createLogger({ block: 'up', level, clock: this.context.clock, sinks: [sink] }),
      workerEntry: this.context.workerEntry,
      ...(log === undefined && { console: stderrStyle(this.out) }),
      reporter: link === undefined ? this.#foreground() : background(link),
    };
    try {
      await runUp(request);
      return undefined;
    } catch (error) {
      link?.failed(error);
      throw error;
    }
  }

  async #upDetached(): Promise<number | undefined> {
    const { reports, failures } = await this.detach(join(logFolder(this.context.home), 'up.log'));
    const output = new DaemonOutput(this.out, this.context);
    for (const report of reports) output.ready(report);
    for (const failure of failures) this.#sayFailed(failure);
    const [first] = failures;
    return first === undefined ? undefined : exitCodeOf(first.kind);
  }

  #foreground(): UpReporter {
    const output = new DaemonOutput(this.out, this.context);
    return {
      changed: ({ state, report, error }) => {
        if (state === 'running' && report !== undefined) output.ready(report);
        if (state === 'failed' && error !== undefined) this.#sayFailed(error);
      },
      settled: () => {},
      stopping: () => output.stopping(),
      stopped: (pending, cutOff) => output.stopped(pending, cutOff),
    };
  }

  /** The others go on, so this is said and not thrown. */
  #sayFailed(error: DsError): void {
    this.out.warn(error.hint === undefined ? error.message : `${error.message}\n         ${error.hint}`);
  }
}

type Link = NonNullable<ReturnType<typeof import('../daemon/detach.js').parentLink>>;

function background(link: Link): UpReporter {
  return {
    changed: () => {},
    settled(statuses: readonly BlockStatus[]) {
      for (const { report, error } of statuses) {
        if (report !== undefined) link.ready(report);
        else if (error !== undefined) link.failed(error);
      }
      link.settled();
    },
    stopping: () => {},
    stopped: () => {},
  };
}
