/**
 * What the commands that ask have in common (query, tail, context, fields, histogram, export, replay): words and flags become what is asked,
 * of which time, and how it is shown.
 */
import type { Paint } from '../../platform/colors.js';
import type { AskContext, Asked, OpenLogs } from './ask.js';
import type { LogContext, LogTarget } from './log-context.js';
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
export interface Surroundings {
  readonly context: LogContext;
  readonly out: {
    readonly isTerminal: boolean;
    readonly json: boolean;
    readonly paintStdout: Paint;
    note(text: string): void;
  };
  /** What `-` names. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
}

export class Asking {
  /** LogQL. */
  readonly query: string;
  /** The answer is numbers. */
  readonly isMetric: boolean;
  /** Files are asked; else the store, or a server. */
  readonly isOfFiles: boolean;
  readonly #asked: Asked;
  readonly #typed: Typed;
  readonly #surroundings: Surroundings;

  /** Error: `log.bad_target` where files and a store were named. */
  constructor(typed: Typed, surroundings: Surroundings) {
    const { query, asked } = readAsked(typed.words, typed.flags, typed.target);
    this.query = query;
    this.isMetric = isMetricQuery(query);
    this.isOfFiles = asked.files.length > 0;
    this.#asked = asked;
    this.#typed = typed;
    this.#surroundings = surroundings;
  }

  /** What --since and --until say; without them all of files, and the last hour, or all, of what is stored. Error: `log.bad_time`. */
  range(usual: 'hour' | 'all' = 'hour'): TimeRange {
    const now = this.#surroundings.context.clock.now();
    return readTimeRange(this.#typed.flags, now, this.isOfFiles || usual === 'all' ? undefined : USUAL_RANGE_MS);
  }

  /** How entries are shown; `labels`: with them. */
  look(labels: boolean): EntryLook {
    const { isTerminal, json, paintStdout: paint } = this.#surroundings.out;
    const form = json ? 'json' : isTerminal ? 'terminal' : 'raw';
    return { form, labels, time: !this.isOfFiles, filename: this.#asked.files.length > 1, paint };
  }

  /** Opens what is asked, uses it and closes it, whatever happens in between. Errors: those of what is asked; at the end `log.damaged_block`. */
  async with<T>(use: (logs: OpenLogs) => Promise<T>): Promise<T> {
    const { openLogs } = await import('./ask.js');
    const logs = await openLogs(this.#asked, this.#context());
    try {
      const result = await use(logs);
      if (logs.store.damage !== undefined) throw logs.store.damage;
      return result;
    } finally {
      await logs.store.close();
    }
  }

  /** The exit code where nothing was found. At a terminal it is told what may have been meant. */
  async nothingFound(): Promise<1> {
    const { out } = this.#surroundings;
    if (out.isTerminal && !out.json) {
      const { sayNothingFound } = await import('./files/nothing-found.js');
      const { verb, words, flags } = this.#typed;
      out.note(sayNothingFound({ verb, words, since: flags.since }));
    }
    return 1;
  }

  /** Beforehand, of a command that waits for what it may never show: where the query is the name of a file. */
  async tellOfFile(): Promise<void> {
    const { out } = this.#surroundings;
    if (!out.isTerminal || out.json) return;
    const { sayFileMeant } = await import('./files/nothing-found.js');
    const { verb, words } = this.#typed;
    const hint = sayFileMeant(verb, words);
    if (hint !== undefined) out.note(`what is shown has the text ${hint}`);
  }

  #context(): AskContext {
    const { context, out, stdin } = this.#surroundings;
    const { clock, random, env, home } = context;
    return { clock, random, env, home, stdin, onNote: (text) => out.note(text) };
  }
}
