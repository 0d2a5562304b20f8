/** The base of every block's `serve`: its shared flags, and the way from them to a daemon in fore- or background. */
import { join } from 'node:path';
import type { Block } from '../daemon/block.js';
import type { DetachOutcome } from '../daemon/detach.js';
import { logFolder } from '../paths.js';
import { DsCommand, Flags } from './command.js';
import { DaemonOutput, logLevelOf, openLogSink, optionsFromFlags } from './daemon-output.js';

/** How long a detached daemon may take to be ready, milliseconds. */
const READY_TIMEOUT_MS = 30_000;
const GROUP = 'DAEMON';

/** Spread into the flags of a block's `serve`. Values are checked with those of ds.yaml, in the block. */
export function serveFlags(block: string, defaultAdmin: string) {
  const variable = `DS_${block.toUpperCase()}_REQUIREPASS_FILE`;
  return {
    db: Flags.string({ description: `SQLite file to use (default: $DS_HOME/${block}.db)`, helpValue: 'PATH' }),
    admin: Flags.string({
      description: `health and metrics for Prometheus; off for none (default: ${defaultAdmin})`,
      helpValue: 'HOST:PORT',
      helpGroup: GROUP,
    }),
    'requirepass-file': Flags.string({
      description: `file whose first line is the password that clients must give (also: ${variable})`,
      helpValue: 'FILE',
      helpGroup: GROUP,
      env: variable,
    }),
    insecure: Flags.boolean({
      description: 'accept that other machines connect without a password',
      helpGroup: GROUP,
    }),
    grace: Flags.string({
      description: 'how long requests in flight may take to finish when stopping (default: 10s)',
      helpValue: 'DURATION',
      helpGroup: GROUP,
    }),
    detach: Flags.boolean({
      description: 'run in the background; ds ps, ds logs and ds down know it',
      helpGroup: GROUP,
    }),
  };
}

export abstract class ServeCommand extends DsCommand {
  /** Runs until SIGINT or SIGTERM; with `--detach`, until the daemon in the background is ready. */
  protected async serve(block: Block, flags: Readonly<Record<string, unknown>>): Promise<void> {
    if (flags['detach'] === true)
      return this.#report(await this.detach(join(logFolder(this.context.home), `${block.name}.log`)));
    const { DETACHED_VARIABLE, parentLink } = await import('../daemon/detach.js');
    const { serveUntilStopped } = await import('../daemon/lifecycle.js');
    const { createLogger } = await import('../daemon/logger.js');
    const { clock, env } = this.context;
    const log = env[DETACHED_VARIABLE];
    const link = parentLink(env);
    const output = new DaemonOutput(this.out, this.context);
    const sink = await openLogSink(this.out, log);
    try {
      await serveUntilStopped({
        ...this.facts(),
        block,
        options: optionsFromFlags(block.options, flags),
        logger: createLogger({ block: block.name, level: logLevelOf(this.out), clock, sinks: [sink] }),
        ...(log !== undefined && { log }),
        reporter: {
          ready(report) {
            if (link === undefined) return output.ready(report);
            link.ready(report);
            link.settled();
          },
          // In the background nobody reads talk; the log has its record.
          stopping: () => void (link ?? output.stopping()),
          stopped: (pending) => void (link ?? output.stopped(pending)),
        },
      });
    } catch (error) {
      link?.failed(error);
      throw error;
    }
  }

  /** This very command once more, in the background. */
  protected async detach(log: string): Promise<DetachOutcome> {
    const { startDetached } = await import('../daemon/detach.js');
    const { clock, env, signal, root } = this.context;
    const args = [...(this.id ?? '').split(':'), ...this.argv.filter((argument) => argument !== '--detach')];
    const program = [process.execPath, join(root, 'bin', 'run.js')] as const;
    return startDetached({ program: [...program], args, env, log, clock, signal, timeoutMs: READY_TIMEOUT_MS });
  }

  /** What a daemon is told of the world. */
  protected facts() {
    const { clock, random, home, machine, signal, version } = this.context;
    return { clock, random, home, machine, signal, version };
  }

  #report({ reports }: DetachOutcome): void {
    const output = new DaemonOutput(this.out, this.context);
    for (const report of reports) output.ready(report);
  }
}
