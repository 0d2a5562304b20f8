/**
 * The statements of one transaction, in as few messages as their answers allow:
 *
 *     work             await all(a) ────▶ later(b)  await Promise.all([all(c), all(d)]) ────▶ later(e)   returns
 *     to the server    BEGIN, a                     b, c, d                                              e, COMMIT
 */
import type { Sql, SqlValue } from '../../store/sql.js';
import type { Answer, Statement } from './batch.js';
import { postgres } from './dialect.js';

interface Waiting {
  readonly statement: Statement;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

function ignore(): void {}

export class Transaction implements Sql {
  readonly dialect = postgres;
  readonly #send: (statements: readonly Statement[]) => Promise<readonly Answer[]>;
  #waiting: Waiting[] = [];
  #sent: Promise<void> = Promise.resolve();
  #isBegun = false;
  #wrote = false;

  /** `send` rejects when a statement fails; an answer for each else. */
  constructor(send: (statements: readonly Statement[]) => Promise<readonly Answer[]>) {
    this.#send = send;
  }

  /** The server has heard of it. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Something was changed, as far as is known, or may be by what waits. */
  get wrote(): boolean {
    return this.#wrote;
  }

  async all<Row>(text: string, parameters: readonly SqlValue[] = []): Promise<readonly Row[]> {
    return (await this.#ask({ text, parameters, hasRows: true })).rows as Row[];
  }

  async run(text: string, parameters: readonly SqlValue[] = []): Promise<number> {
    return (await this.#ask({ text, parameters, hasRows: false })).count;
  }

  later(text: string, parameters: readonly SqlValue[] = []): void {
    this.#wrote = true;
    this.#waiting.push({ statement: { text, parameters, hasRows: false }, resolve: ignore, reject: ignore });
  }

  /** What is around the statements, such as BEGIN, goes along with the next one. */
  frame(text: string, resolve?: (answer: Answer) => void): void {
    const statement = { text, parameters: [], hasRows: resolve !== undefined };
    this.#waiting.push({ statement, resolve: resolve ?? ignore, reject: ignore });
  }

  /** Sends what waits. Rejects when a statement has failed, this time or before. */
  flush(): Promise<void> {
    this.#sent = this.#sendWaiting(this.#sent);
    return this.#sent;
  }

  #ask(statement: Statement): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ statement, resolve, reject });
      // After what else is asked for now. An error is told to who asked.
      queueMicrotask(() => this.flush().catch(ignore));
    });
  }

  async #sendWaiting(before: Promise<void>): Promise<void> {
    try {
      await before;
      const group = this.#waiting.splice(0);
      if (group.length === 0) return;
      await this.#sendGroup(group);
    } catch (error) {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
      throw error;
    }
  }

  async #sendGroup(group: readonly Waiting[]): Promise<void> {
    this.#isBegun = true;
    try {
      const answers = await this.#send(group.map(({ statement }) => statement));
      group.forEach(({ resolve }, index) => {
        const answer = answers[index] ?? { rows: [], count: 0, changed: false };
        this.#wrote ||= answer.changed;
        resolve(answer);
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
      throw error;
    }
  }
}
