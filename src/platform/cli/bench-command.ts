/** The base of every block's `bench` over RESP: a load on a running server, or on a daemon of its own for that time. */
import type { OptionSchema } from '../config/options.js';
import type { ReplyClasses } from '../load/resp/driver.js';
import type { CommandSource } from '../load/resp/template.js';
import { closedLoop, constantRate } from '../load/schedule.js';
import { definePeer } from '../protocol/resp-client/peer.js';
import { parseRemoteUrl } from '../protocol/resp-client/url.js';
import { countFlag, Flags } from './command.js';
import { checkRate, LoadCommand, type LoadFlagValues, loadFlags } from './load-command.js';

export interface Bench {
  readonly block: string;
  /** Of the block's daemon. */
  readonly options: OptionSchema;
  /** `a sequencer`, for sentences. */
  readonly noun: string;
  /** Of the RESP port, unless told otherwise. */
  readonly port: number;
  readonly command: CommandSource;
  /** What answers there are; the last one is for error replies. */
  readonly classes: ReplyClasses;
  /** Index into `classes`, of an answer that is no error and whose first integer this is. */
  readonly classify: (firstInteger: number | undefined) => number;
  /** Makes the server of a URL ready, before the load. */
  readonly prepare?: (url: string) => Promise<void>;
}

/** Spread into a command's flags. */
export function benchFlags(block: string) {
  return {
    ...loadFlags({ durationMs: 5_000, connections: 50 }),
    url: Flags.string({
      helpValue: 'URL',
      helpGroup: 'TARGET',
      description: `server to measure (default: $DS_${block.toUpperCase()}_URL, else a daemon of its own)`,
    }),
    pipeline: countFlag({
      char: 'P',
      default: 1,
      max: 1_000,
      description: 'requests under way on each connection',
      helpGroup: 'LOAD',
    }),
    keys: countFlag({ default: 1_000, max: 1e12, description: 'different keys, each in turn', helpGroup: 'LOAD' }),
  };
}

export interface BenchFlagValues extends LoadFlagValues {
  readonly rate?: Parameters<typeof checkRate>[0] | undefined;
  readonly url?: string | undefined;
  readonly pipeline: number;
  readonly yes: boolean;
}

export abstract class BenchCommand extends LoadCommand {
  /** A closed loop, unless a rate is given. */
  protected async bench(bench: Bench, flags: BenchFlagValues): Promise<number> {
    const { env, program, clock, signal } = this.context;
    const url = flags.url ?? (env[`DS_${bench.block.toUpperCase()}_URL`] || undefined);
    if (url !== undefined) return this.#measure(bench, flags, url);
    const { withPrivateDaemon } = await import('../load/private-daemon.js');
    this.out.detail(`starting a ds ${bench.block} serve of its own, on a free port and an empty file`);
    const { block, options } = bench;
    return withPrivateDaemon({ block, options, program, env, clock, signal }, ({ redis = '' }) =>
      this.#measure(bench, flags, redis),
    );
  }

  async #measure(bench: Bench, flags: BenchFlagValues, url: string): Promise<number> {
    const { block, noun, port } = bench;
    const address = parseRemoteUrl(url, definePeer({ block, noun, port, errors: {} }));
    const schedule = flags.rate === undefined ? closedLoop : constantRate(checkRate(flags.rate));
    await this.confirmHost(address.host, address.shown, flags.yes);
    await bench.prepare?.(url);
    const { RespDriver } = await import('../load/resp/driver.js');
    const { clock } = this.context;
    const driver = new RespDriver({ ...bench, address, pipeline: flags.pipeline, clock, timeoutMs: flags.timeout });
    const error = bench.classes.length - 1;
    return this.load(driver, schedule, flags, ({ answered, codes }) => {
      const useful = answered - (codes.get(error) ?? 0);
      if (answered > 0 && useful === 0) this.out.warn(`every answer of ${address.shown} was an error`);
      return useful > 0;
    });
  }
}
