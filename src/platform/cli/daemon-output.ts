/** How a daemon in the foreground speaks: one ready line on stdout, the stopping line on stderr. */
import type { Clock } from '../clock.js';
import { colored } from '../colors.js';
import type { OptionSchema } from '../config/options.js';
import { kebab } from '../config/options.js';
import { LogFile, type LogSink } from '../daemon/log-file.js';
import type { LogLevel, StreamStyle } from '../daemon/logger.js';
import { type Pending, pendingText, type ReadyReport, readyDocument, readyLine, readyParts } from '../daemon/report.js';
import { shortenPath } from '../paths.js';
import type { CommandContext } from './context.js';
import type { Output } from './output.js';
import { foldPieces, textWidth } from './text-width.js';

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
    const shorten = (path: string) => shortenPath(path, this.#context.env);
    const [title, ...parts] = readyParts(report, shorten);
    const hint = `try: ${report.hint}`;
    const fits = textWidth(readyLine(report, shorten)) <= this.#out.width;
    if (fits || !this.#out.isTerminal) {
      this.#out.styled(['green', title], `  ${parts.join('  ')}`, ['dim', `   ${hint}`]);
      return;
    }
    const indent = title.length + 2;
    const [first = '', ...more] = foldPieces([title, ...parts], this.#out.width, indent);
    this.#out.styled(['green', title], first.slice(title.length));
    for (const line of more) this.#out.styled(line);
    this.#out.styled(['dim', ' '.repeat(indent) + hint]);
  }

  stopping(): void {
    this.#patience = new AbortController();
    const clock: Clock = this.#context.clock;
    void clock.sleep(PATIENCE_MS, this.#patience.signal).then(
      () => this.#out.note('stopping …'),
      () => {},
    );
  }

  stopped(pending: Pending, cutOff: string | undefined): void {
    this.#patience?.abort();
    this.#out.note(`stopping: ${pendingText(pending)} … stopped, ${cutOff ?? 'nothing lost'}`);
  }
}

/** `--quiet` leaves warnings, `--verbose` adds what helps to find a fault. */
export function logLevelOf(out: Output): LogLevel {
  if (out.quiet) return 'warn';
  return out.verbose ? 'debug' : 'info';
}

/**
 * One readable line a record on a terminal, NDJSON into a pipe or a file. Where people see both streams the ready line says
 * what the record `ready` would.
 */
export function stderrStyle(out: Output): StreamStyle {
  const pretty = process.stderr.isTTY === true;
  const people = pretty && out.isTerminal && !out.json;
  return { pretty, color: pretty && out.paintStderr === colored, ...(people && { without: ['ready'] }) };
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
