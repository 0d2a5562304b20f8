/**
 * How a command speaks: data on stdout, talk on stderr. A terminal gets tables and colour, a pipe tab-separated lines,
 * `--json` documents or NDJSON. Commands say what they have; the choice is made here.
 */
import { type Color, colored, type Paint, plain } from '../colors.js';
import type { DsError } from '../errors.js';
import { escapeForTerminal, escapeJsonForTerminal, escapeLinesForTerminal } from '../terminal-safety.js';
import { errorJson, noteTold } from './error-json.js';
import { toJson } from './json.js';
import type { Progress, Spinner } from './progress.js';
import { startProgress, startSpinner } from './progress.js';
import { isStdoutTerminal, writeOut, writeOutAll } from './standard-output.js';
import { type Cell, type Column, renderRecord, renderTable, renderTabs } from './table.js';

export type { Color } from '../colors.js';
export type { Progress, Spinner } from './progress.js';
export type { Column } from './table.js';

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Whether to colour what goes to the stream. Asked only when something is said. */
  readonly color: (stream: NodeJS.WriteStream) => boolean;
}

/** Where a terminal does not know its width and says 0 (ora would then clear endless lines). */
const USUAL_WIDTH = 80;

export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  private readonly color: OutputOptions['color'];
  private terminal: boolean | undefined;

  constructor(options: OutputOptions) {
    this.json = options.json;
    this.quiet = options.quiet;
    this.verbose = options.verbose;
    this.color = options.color;
  }

  /** Whether stdout is a terminal. */
  get isTerminal(): boolean {
    this.terminal ??= isStdoutTerminal();
    return this.terminal;
  }

  /** Columns of the window that stdout goes to. */
  get width(): number {
    return process.stdout.columns || USUAL_WIDTH;
  }

  /** `--json`: the value as one document. Else `renderHuman()` says it by table() and line(). */
  document(value: unknown, renderHuman: () => void): void {
    if (this.json) this.writeJson(toJson(value, this.isTerminal ? 2 : undefined));
    else renderHuman();
  }

  /** The same of an answer from which something is missing. The error is in the document; it is still to be thrown, for the exit code. */
  partialDocument(value: object, error: DsError | undefined, renderHuman: () => void): void {
    if (this.json && error !== undefined) noteTold(error);
    this.document(error === undefined ? value : { ...value, error: errorJson(error) }, renderHuman);
  }

  /** Terminal: a table no wider than the window. Pipe: exact values between tabs, no header. */
  table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): void {
    const text = this.isTerminal
      ? renderTable(columns, rows, { width: this.width, paint: this.paintStdout })
      : renderTabs(columns, rows);
    writeOut(text);
  }

  /** One line of exact values between tabs: what a pipe gets in place of a sentence. */
  record(cells: readonly Cell[]): void {
    writeOut(renderRecord(cells));
  }

  /**
   * One line on stdout. On a terminal control characters in it are escaped: colour parts of it with paint() only by
   * `line(text, color)`, or put text from outside through escapeForTerminal() and use styled().
   */
  line(text: string, color?: Color): void {
    const safe = this.isTerminal ? escapeForTerminal(text) : text;
    writeOut(`${color === undefined ? safe : this.paintStdout(color, safe)}\n`);
  }

  /** One line on stdout made of parts, each with a colour or none; text is escaped as in line(). */
  styled(...parts: readonly (string | readonly [Color, string])[]): void {
    const text = parts.map((part) => {
      const [color, raw] = typeof part === 'string' ? [undefined, part] : part;
      const safe = this.isTerminal ? escapeForTerminal(raw) : raw;
      return color === undefined ? safe : this.paintStdout(color, safe);
    });
    writeOut(`${text.join('')}\n`);
  }

  /** Lines that were drawn here, as they are: who drew them has escaped what came from outside. */
  drawing(text: string): void {
    writeOut(text);
  }

  /** One record of a stream: a line of NDJSON under `--json`, else the text as a line. */
  item(value: unknown, text: string): void {
    if (this.json) this.writeJson(toJson(value));
    else this.line(text);
  }

  /**
   * Raw bytes, with backpressure. Lets signals through at least every 10 ms. Once the reader has gone it rejects with
   * ClosedPipe, which ends the command quietly (its `finally` blocks run).
   */
  bytes(data: Uint8Array | string): Promise<void> {
    return writeOutAll(data);
  }

  /** The same of bytes that are whole lines of text: on a terminal control characters in them are escaped, as in line(). */
  lines(data: Uint8Array): Promise<void> {
    return writeOutAll(this.isTerminal ? escapeLinesForTerminal(Buffer.from(data).toString('utf8')) : data);
  }

  /** Talk on stderr, unless `--quiet`. */
  note(text: string, color?: Color): void {
    if (!this.quiet) this.say(text, color);
  }

  /** More talk on stderr, only with `--verbose`. */
  detail(text: string): void {
    if (this.verbose && !this.quiet) this.say(text, 'dim');
  }

  /** A warning on stderr, unless `--quiet`. */
  warn(text: string): void {
    if (!this.quiet) process.stderr.write(`${this.paintStderr('yellow', 'warning:')} ${this.safeForStderr(text)}\n`);
  }

  /** Turns while something unmeasured runs; nothing where stderr is no terminal, or with `--quiet` or `--json`. */
  spinner(text: string): Promise<Spinner> {
    return startSpinner(text, this.showsProgress);
  }

  /** A bar over bytes with done and total, rate and time left; shown as spinner() is. */
  progress(label: string, total: number | undefined): Promise<Progress> {
    return startProgress(label, total, this.showsProgress);
  }

  get paintStdout(): Paint {
    return this.color(process.stdout) ? colored : plain;
  }

  get paintStderr(): Paint {
    return this.color(process.stderr) ? colored : plain;
  }

  private get showsProgress(): boolean {
    return process.stderr.isTTY === true && process.stderr.columns > 0 && !this.quiet && !this.json;
  }

  private writeJson(json: string): void {
    writeOut(`${this.isTerminal ? escapeJsonForTerminal(json) : json}\n`);
  }

  private say(text: string, color: Color | undefined): void {
    const safe = this.safeForStderr(text);
    process.stderr.write(`${color === undefined ? safe : this.paintStderr(color, safe)}\n`);
  }

  private safeForStderr(text: string): string {
    return process.stderr.isTTY === true ? text.split('\n').map(escapeForTerminal).join('\n') : text;
  }
}
