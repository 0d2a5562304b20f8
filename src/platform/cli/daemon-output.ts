/** How a daemon in the foreground speaks: one ready line on stdout, the stopping line on stderr. */
import type { Clock } from '../clock.js';
import { colored } from '../colors.js';
import type { OptionSchema } from '../config/options.js';
import { kebab } from '../config/options.js';
import { LogFile, type LogSink } from '../daemon/log-file.js';
import type { LogLevel, StreamStyle } from '../daemon/logger.js';
import { type Pending, pendingText, type ReadyReport, readyDocument, readyLine } from '../daemon/report.js';
import { shortenPath } from '../paths.js';
import type { CommandContext } from './context.js';
import type { Output } from './output.js';

/** A stop that takes longer than this is announced before it is done, milliseconds. */
const PATIENCE_MS = 400;

export class DaemonOutput {
  readonly #out: Output;
  readonly #context: Pick<CommandContext, 'env' | 'clock'>;
  #patience: AbortController | undefined;

  constructor(out: Output, context: Pick<CommandContext, 'env' | 'clock'>) {
    this.#out = out;
    this.#context = context;
  }

  ready(report: ReadyReport): void {
    if (this.#out.json) {
      this.#out.item(readyDocument(report), '');
      return;
    }
    const line = readyLine(report, (path) => shortenPath(path, this.#context.env));
    const title = `${report.block} ready`;
    const hintAt = line.lastIndexOf('   try: ');
    this.#out.styled(['green', title], line.slice(title.length, hintAt), ['dim', line.slice(hintAt)]);
  }

  stopping(): void {
    this.#patience = new AbortController();
    const clock: Clock = this.#context.clock;
    void clock.sleep(PATIENCE_MS, this.#patience.signal).then(
      () => this.#out.note('stopping …'),
      () => {},
    );
  }

  stopped(pending: Pending): void {
    this.#patience?.abort();
    this.#out.note(`stopping: ${pendingText(pending)} … stopped, nothing lost`);
  }
}

/** `--quiet` leaves warnings, `--verbose` adds what helps to find a fault. */
export function logLevelOf(out: Output): LogLevel {
  if (out.quiet) return 'warn';
  return out.verbose ? 'debug' : 'info';
}

/** One readable line a record on a terminal, NDJSON into a pipe or a file. */
export function stderrStyle(out: Output): StreamStyle {
  const pretty = process.stderr.isTTY === true;
  return { pretty, color: pretty && out.paintStderr === colored };
}

/** Standard error, or the log file of a detached daemon. */
export async function openLogSink(out: Output, logFile: string | undefined): Promise<LogSink> {
  if (logFile !== undefined) return new LogFile(logFile);
  const { stderrSink } = await import('../daemon/logger.js');
  return stderrSink(stderrStyle(out));
}

/** The flags that are options of the daemon, by the options' names. */
export function optionsFromFlags(
  schema: OptionSchema,
  flags: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.keys(schema).map((key) => [key, flags[kebab(key)]]));
}
