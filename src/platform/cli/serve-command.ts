/** The base of every block's `serve`: its shared flags, and the way from them to a daemon in fore- or background. */
import { join } from 'node:path';
import type { FlagInput } from '@oclif/core/interfaces';
import { isList, kebab, type OptionSchema, type OptionSpec } from '../config/options.js';
import type { Block } from '../daemon/block.js';
import type { DetachOutcome } from '../daemon/detach.js';
import { OFF, sharedOptions } from '../daemon/shared-options.js';
import { logFolder } from '../paths.js';
import { DsCommand, Flags } from './command.js';
import { DaemonOutput, logLevelOf, openLogSink, optionsFromFlags } from './daemon-output.js';

/** How long a detached daemon may take to be ready, milliseconds. */
const READY_TIMEOUT_MS = 30_000;
const GROUP = 'DAEMON';

const VALUE_NAMES = {
  address: 'HOST:PORT',
  path: 'PATH',
  paths: 'PATH',
  choice: 'WORD',
  duration: 'DURATION',
  count: 'N',
} as const;

/** The block's options as the flags of its `serve`. Values are checked with those of ds.yaml, in the block. */
export function serveFlags(block: string, options: OptionSchema): FlagInput {
  const flags = Object.entries(options).flatMap(([key, spec]) =>
    // A tree cannot be typed: it is for ds.yaml alone.
    spec.kind === 'tree' ? [] : [[kebab(key), flagOf(block, key, spec)] as const],
  );
  const detach = Flags.boolean({
    description: 'run in the background; ds ps, ds logs and ds down know it',
    helpGroup: GROUP,
  });
  return { ...Object.fromEntries(flags), detach };
}

function flagOf(block: string, key: string, spec: Exclude<OptionSpec, { kind: 'tree' }>): FlagInput[string] {
  const shared = key in sharedOptions(OFF) && key !== 'db' ? { helpGroup: GROUP } : {};
  const about = spec.about.replace('<block>', block);
  const needs = spec.onlyWith === undefined ? {} : { dependsOn: [kebab(spec.onlyWith)] };
  if (spec.kind === 'switch') return Flags.boolean({ description: about, ...needs, ...shared });
  const choices = spec.kind === 'choice' ? `: ${spec.choices.join(', ')}` : '';
  const byDefault = 'default' in spec ? ` (default: ${spec.default})` : '';
  const helpValue = spec.kind === 'text' || spec.kind === 'texts' ? spec.value : VALUE_NAMES[spec.kind];
  // A file's name may stand in the environment, the secret itself nowhere but in the file.
  const env = key === 'requirepassFile' ? { env: `DS_${block.toUpperCase()}_REQUIREPASS_FILE` } : {};
  const also = env.env === undefined ? '' : ` (also: ${env.env})`;
  const flag = { description: about + choices + byDefault + also, helpValue, ...needs, ...shared, ...env };
  // One value an occurrence: what follows it is not taken for another one.
  return isList(spec) ? Flags.string({ ...flag, multiple: true, multipleNonGreedy: true }) : Flags.string(flag);
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
          stopped: (pending, cutOff) => void (link ?? output.stopped(pending, cutOff)),
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
    const { clock, env, signal, program } = this.context;
    const args = [...(this.id ?? '').split(':'), ...this.argv.filter((argument) => argument !== '--detach')];
    return startDetached({ program, args, env, log, clock, signal, timeoutMs: READY_TIMEOUT_MS });
  }

  /** What a daemon is told of the world. */
  protected facts() {
    const { clock, random, home, machine, signal, version, env: environment } = this.context;
    return { clock, random, home, machine, signal, version, environment };
  }

  #report({ reports }: DetachOutcome): void {
    const output = new DaemonOutput(this.out, this.context);
    for (const report of reports) output.ready(report);
  }
}
