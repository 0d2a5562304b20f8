/**
 * What the commands that ask have in common (query, tail, context, fields, histogram, export, replay): words and flags become what is asked,
 * of which time, and how it is shown.
 */
import type { Paint } from '../../platform/colors.js';
import type { DsError } from '../../platform/errors.js';
import type { AskContext, Asked, OpenLogs } from './ask.js';
import { type LogContext, type LogTarget, logUrl } from './log-context.js';
import type { TimeRange } from './log-store.js';
import type { EntryLook } from './report/entry-text.js';
import { type AskFlagValues, readAsked } from './typed/ask-flags.js';
import { isMetricQuery } from './typed/query.js';
import { readTimeRange, type TypedRange, USUAL_RANGE_MS } from './typed/time-range.js';

export interface Typed {
  /** Of `ds log`: `query`. */
  readonly verb: string;
  /** The query, and files behind it. */
  readonly words: readonly unknown[];
  readonly flags: AskFlagValues & TypedRange;
  /** What is asked where no files are named. */
  readonly target: LogTarget;
}

/** Where a command runs. */
export interface Host {
  readonly context: LogContext;
  readonly out: {
    readonly isTerminal: boolean;
    readonly json: boolean;
    readonly paintStdout: Paint;
    note(text: string): void;
    partialDocument(value: object, error: DsError | undefined, renderHuman: () => void): void;
  };
  /** What `-` names. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
}

export class Asking {
  static readonly exampleUrl = logUrl;
  /** LogQL. */
  readonly query: string;
  /** The answer is numbers. */
  readonly isMetric: boolean;
  /** Files are asked; else the store, or a server. */
  readonly asksFiles: boolean;
  readonly #asked: Asked;
  readonly #typed: Typed;
  readonly #host: Host;
  #damage: (() => DsError | undefined) | undefined;
  #otherTenants: readonly string[] = [];

  /** Error: `log.bad_target` where files and a store were named. */
  constructor(typed: Typed, host: Host) {
    const { query, asked } = readAsked(typed.words, typed.flags, typed.target);
    this.query = query;
    this.isMetric = isMetricQuery(query);
    this.asksFiles = asked.files.length > 0;
    this.#asked = asked;
    this.#typed = typed;
    this.#host = host;
  }

  /** What --since and --until say; without them all of files, and the last hour, or all, of what is stored. Error: `log.bad_time`. */
  range(usual: 'hour' | 'all' = 'hour'): TimeRange {
    const now = this.#host.context.clock.now();
    return readTimeRange(this.#typed.flags, now, this.asksFiles || usual === 'all' ? undefined : USUAL_RANGE_MS);
  }

  /** How entries are shown; `labels`: with them. */
  look(labels: boolean): EntryLook {
    const { isTerminal, json, paintStdout: paint } = this.#host.out;
    const form = json ? 'json' : isTerminal ? 'terminal' : 'raw';
    return { form, labels, time: !this.asksFiles, filename: this.#asked.files.length > 1, paint };
  }

  /** Opens what is asked, uses it and closes it, whatever happens in between. Errors: those of what is asked. */
  async use<T>(work: (logs: OpenLogs) => Promise<T>): Promise<T> {
    const { openLogs } = await import('./ask.js');
    const logs = await openLogs(this.#asked, this.#context());
    let damage: DsError | undefined;
    this.#damage = () => {
      damage ??= logs.store.damage;
      return damage;
    };
    try {
      const result = await work(logs);
      if (this.#host.out.isTerminal) this.#otherTenants = logs.otherTenants?.() ?? [];
      return result;
    } finally {
      await logs.store.close();
    }
  }

  /** An answer that is one document, when all was read that it is of: with --json it says itself what is damaged. */
  document(value: object, renderHuman: () => void): void {
    this.#host.out.partialDocument(value, this.#damage?.(), renderHuman);
  }

  /** The exit code. Error: `log.damaged_block` where the answer, whatever it is, is not of all that is stored. */
  async end(isFound = true): Promise<0 | 1> {
    const damage = this.#damage?.();
    if (damage !== undefined) throw damage;
    if (!isFound) await this.#hintAtNothing();
    return isFound ? 0 : 1;
  }

  /** Where nothing was found, a terminal is told what may have been meant. */
  async #hintAtNothing(): Promise<void> {
    const { out } = this.#host;
    if (!out.isTerminal || out.json) return;
    const { sayNothingFound } = await import('./files/nothing-found.js');
    const { verb, words, flags } = this.#typed;
    out.note(sayNothingFound({ verb, words, since: flags.since, otherTenants: this.#otherTenants }));
  }

  /** Beforehand, of a command that waits for what it may never show: where the query is the name of a file. */
  async hintAtFile(): Promise<void> {
    const { out } = this.#host;
    if (!out.isTerminal || out.json) return;
    const { sayFileMeant } = await import('./files/nothing-found.js');
    const { verb, words } = this.#typed;
    const hint = sayFileMeant(verb, words);
    if (hint !== undefined) out.note(`what is shown has the text ${hint}`);
  }

  #context(): AskContext {
    const { context, out, stdin } = this.#host;
    const { clock, random, env, home } = context;
    return { clock, random, env, home, stdin, onNote: (text) => out.note(text) };
  }
}
