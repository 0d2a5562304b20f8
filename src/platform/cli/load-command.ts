/** The base of commands that put a load on something: their flags, the run with its live view, and the report. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { isLoopback } from '../daemon/address.js';
import { DsError, messageOf } from '../errors.js';
import type { Driver } from '../load/driver.js';
import type { LoadPlan, LoadResult } from '../load/run.js';
import type { Schedule } from '../load/schedule.js';
import type { Second } from '../load/tally.js';
import { escapeForTerminal } from '../terminal-safety.js';
import { formatDuration, type Rate } from '../units.js';
import { countFlag, DsCommand, durationFlag, Flags, invalidValue, rateFlag } from './command.js';
import { confirm } from './confirm.js';
import { cliErrors } from './errors.js';
import { EXIT_INTERRUPTED } from './exit-codes.js';
import {
  answeredPerSecond,
  formatLatency,
  type LoadReport,
  loadDocument,
  showInPipe,
  showOnTerminal,
} from './load-report.js';
import { speaksUnicode } from './plot.js';
import { sparkline } from './plot-bars.js';
import { statusLine } from './status-line.js';

const GROUP = 'LOAD';
const LONGEST_MS = 7 * 86_400_000;
/** Requests a second of one schedule. */
const HIGHEST_RATE = 1_000_000;

/** Spread into a command's flags. */
export function loadFlags(defaults: { readonly durationMs: number; readonly connections: number }) {
  return {
    duration: durationFlag({
      char: 'd',
      default: defaults.durationMs,
      min: 100,
      max: LONGEST_MS,
      description: 'how long to measure',
      helpGroup: GROUP,
    }),
    connections: countFlag({
      char: 'c',
      default: defaults.connections,
      max: 10_000,
      description: 'connections, all open from the start',
      helpGroup: GROUP,
    }),
    warmup: durationFlag({
      default: 0,
      max: LONGEST_MS,
      description: 'the same load before it, not counted',
      helpGroup: GROUP,
    }),
    timeout: durationFlag({
      default: 10_000,
      min: 1,
      max: 3_600_000,
      description: 'for one request, from its sending to the last byte of its answer',
      helpGroup: GROUP,
    }),
    rate: rateFlag({
      char: 'r',
      exclusive: ['max'],
      description: 'requests to start in a second, on a schedule that waits for no answer',
      helpGroup: GROUP,
    }),
    max: Flags.boolean({
      exclusive: ['rate'],
      description: 'as fast as answers come, on all connections',
      helpGroup: GROUP,
    }),
    hgrm: Flags.string({
      helpValue: 'FILE',
      description: "write the latencies as HdrHistogram's percentile file",
      helpGroup: GROUP,
    }),
    record: Flags.string({
      helpValue: 'FILE',
      description: 'add every second with its histograms to a SQLite file',
      helpGroup: GROUP,
    }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask before loading another machine', helpGroup: GROUP }),
  };
}

export interface LoadFlagValues {
  readonly duration: number;
  readonly connections: number;
  readonly warmup: number;
  readonly timeout: number;
  readonly hgrm?: string | undefined;
  readonly record?: string | undefined;
}

/** Error: `usage.invalid_value` for a rate that is none. */
export function checkRate(rate: Rate): Rate {
  const perSecond = (rate.count / rate.perMs) * 1000;
  if (perSecond > 0 && perSecond <= HIGHEST_RATE) return rate;
  const text = `${rate.count}/${formatDuration(rate.perMs)}`;
  throw invalidValue('--rate', text, `more than 0 and at most ${HIGHEST_RATE} a second`, 'write --rate 100/s or --max');
}

export abstract class LoadCommand extends DsCommand {
  /** Asks before another machine is loaded. `host` as in a URL. */
  protected async confirmHost(host: string, shown: string, yes: boolean): Promise<void> {
    if (yes || isLoopback(host.replace(/^\[(.*)\]$/, '$1'))) return;
    const again = `add --yes when ${shown} is yours to load`;
    if (!(await confirm(`Put a load on ${escapeForTerminal(shown)}, which is not this machine?`, again))) {
      throw cliErrors.error('cli.interrupted', 'not confirmed');
    }
  }

  /**
   * Runs the load and says what it found. The exit code: 1 when nothing was answered, or nothing of use, 130 when it was
   * interrupted. `factsOf`: numbers that the report has besides.
   */
  protected async load(
    driver: Driver,
    schedule: Schedule,
    flags: LoadFlagValues,
    isOfUse: (result: LoadResult) => boolean = ({ answered }) => answered > 0,
    factsOf?: (result: LoadResult) => Readonly<Record<string, number>>,
  ): Promise<number> {
    const { runLoad } = await import('../load/run.js');
    const { connections, duration, warmup, timeout } = flags;
    const plan: LoadPlan = { schedule, connections, durationMs: duration, warmupMs: warmup, timeoutMs: timeout };
    const hgrm = flags.hgrm === undefined ? undefined : openForWriting('--hgrm', flags.hgrm);
    try {
      const record = await this.#openRecord(driver, plan, flags.record);
      const live = new LiveView(driver, plan, !this.out.quiet && !this.out.json, speaksUnicode(this.context.env));
      try {
        const { clock, signal } = this.context;
        const onSecond = (second: Second) => {
          record?.second(second);
          live.second(second);
        };
        const result = await runLoad({ ...plan, driver, clock, signal, onSecond }).finally(() => live.clear());
        record?.end(result);
        hgrm?.write((result.corrected ?? result.uncorrected).hgrm());
        this.#report({ driver, plan, result, facts: factsOf?.(result) });
        return result.interrupted ? EXIT_INTERRUPTED : isOfUse(result) ? 0 : 1;
      } finally {
        record?.close();
      }
    } finally {
      hgrm?.close();
    }
  }

  async #openRecord(driver: Driver, plan: LoadPlan, path: string | undefined) {
    if (path === undefined) return undefined;
    if (path === '') throw invalidValue('--record', '', 'a path');
    const { LoadRecord } = await import('../load/record.js');
    const startedAt = this.context.clock.now();
    const header = { ...plan, startedAt, target: driver.target, pipeline: driver.pipeline };
    try {
      return LoadRecord.open(resolve(path), header);
    } catch (error) {
      throw aboutFlag(error, '--record FILE');
    }
  }

  #report(report: LoadReport): void {
    this.out.document(loadDocument(report), () => {
      if (this.out.isTerminal) showOnTerminal({ out: this.out, unicode: speaksUnicode(this.context.env) }, report);
      else showInPipe(this.out, report);
    });
  }
}

/** The store's advice, for a file that another flag than `--db` has named. */
function aboutFlag(error: unknown, flag: string): unknown {
  if (!(error instanceof DsError) || error.hint === undefined) return error;
  const hint = error.hint.replace('--db PATH', flag);
  return new DsError(error.code, error.kind, error.message, { hint, details: error.details, cause: error });
}

/** Opened before the load, so that a wrong path costs no run. */
function openForWriting(flag: string, path: string) {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'w');
  } catch (error) {
    throw cliErrors.error('cli.output_failed', `${flag} ${path} cannot be written: ${messageOf(error)}`, {
      hint: `name another file: ${flag} latency.hgrm`,
      details: { flag },
      cause: error,
    });
  }
  return { write: (text: string) => writeSync(descriptor, text), close: () => closeSync(descriptor) };
}

const SPARK_WIDTH = 24;

/** `3/10 s  1,000/s  p50 0.4 ms  p99 2.1 ms  max 9 ms  0 failed  ▅▆▇▇` */
class LiveView {
  readonly #line: ReturnType<typeof statusLine>;
  readonly #plan: LoadPlan;
  readonly #unicode: boolean;
  #rates: number[] = [];
  #failed = 0;

  constructor(driver: Driver, plan: LoadPlan, wanted: boolean, unicode: boolean) {
    this.#plan = plan;
    this.#unicode = unicode;
    this.#line = statusLine(wanted);
    const warmup = plan.warmupMs > 0 ? `, after ${formatDuration(plan.warmupMs)} of warm-up` : '';
    this.#line.show(`${driver.target}: ${plan.connections} connections${warmup}`);
  }

  second({ index, lengthMs, answered, failed, p50Us, p99Us, maxUs, ...rest }: Second): void {
    const rate = Math.round(answeredPerSecond({ answered, elapsedMs: lengthMs }));
    this.#rates = [...this.#rates, rate].slice(-SPARK_WIDTH);
    this.#failed += failed;
    const show = (us: number) => formatLatency(us, this.#unicode);
    const codes = [...rest.codes].map(([name, count]) => `${name}: ${count.toLocaleString('en-US')}`);
    const parts = [
      `${index + 1}/${formatDuration(this.#plan.durationMs)}`,
      `${rate.toLocaleString('en-US')}/s`,
      `p50 ${show(p50Us)}  p99 ${show(p99Us)}  max ${show(maxUs)}`,
      ...codes.slice(0, 4),
      `${this.#failed} failed`,
      sparkline(this.#rates, SPARK_WIDTH, this.#unicode),
    ];
    this.#line.show(parts.join('  '));
  }

  clear(): void {
    this.#line.clear();
  }
}
