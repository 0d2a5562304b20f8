/**
 * Lines of commands against a file or a server. A transaction is gathered here and made in one go, so that a file has them, too:
 *
 *     plain ──MULTI──▶ gathering ──EXEC: all of them──▶ plain
 *                          └──DISCARD──▶ plain
 */
import { DsError } from '../../../platform/errors.js';
import { ErrorReply } from '../../../platform/protocol/resp-client/connection.js';
import type { WireReply } from '../../../platform/protocol/resp-client/values.js';
import { type ByteString, byteStringOfText, textOf } from '../bytes.js';
import type { CommandChannel } from '../channel.js';
import type { KeyValueStore } from '../key-value-store.js';
import { wordsOf } from './words.js';

export type Answer =
  | { readonly kind: 'reply'; readonly reply: WireReply }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'end' };

/** Their answers are no answers to one command. */
const STREAMS = new Set(['subscribe', 'psubscribe', 'ssubscribe', 'monitor', 'sync', 'psync', 'hello', 'client']);
const MOST_COMPLETIONS = 50;
const reply = (text: string): Answer => ({ kind: 'reply', reply: text });
const error = (message: string): Answer => ({ kind: 'error', message });

export interface ShellOptions {
  readonly channel: CommandChannel;
  readonly store: KeyValueStore;
  /** Names for completion, lower case. */
  readonly commands: readonly string[];
}

export class Shell {
  /** As SELECT has set it. */
  database = 0;
  readonly #options: ShellOptions;
  #gathered: ByteString[][] | undefined;

  constructor(options: ShellOptions) {
    this.#options = options;
  }

  get gathering(): boolean {
    return this.#gathered !== undefined;
  }

  /** Errors: those that end it: the store's, the connection's. */
  async run(line: ByteString): Promise<Answer> {
    const words = wordsOf(line);
    if (words === undefined) return error('a quote is not closed');
    const name = (words[0] ?? '').toLowerCase();
    if (name === '') return { kind: 'nothing' };
    if (name === 'exit' || name === 'quit') return { kind: 'end' };
    if (STREAMS.has(name) && !(name === 'client' && (words[1] ?? '').toLowerCase() !== 'reply')) {
      return error(`${name.toUpperCase()} is not for this prompt: redis-cli has it`);
    }
    const ofTransaction = await this.#transaction(name, words);
    if (ofTransaction !== undefined) return ofTransaction;
    const answer = await this.#attempt(() => this.#options.channel.send(words));
    if (name === 'select' && answer.kind === 'reply') this.database = Number(words[1]);
    return answer;
  }

  /** What the last word of a line may become; the word itself. */
  async complete(line: string): Promise<{ readonly word: string; readonly candidates: readonly string[] }> {
    const word = /\S*$/.exec(line)?.[0] ?? '';
    if (line.trim() === word.trim()) {
      const upper = /^[A-Z]/.test(word);
      const found = this.#options.commands.filter((name) => name.startsWith(word.toLowerCase()));
      return { word, candidates: found.map((name) => `${upper ? name.toUpperCase() : name} `) };
    }
    const { keys } = await this.#options.store.page({ prefix: byteStringOfText(word), limit: MOST_COMPLETIONS });
    const names = keys.map(({ key }) => textOf(key)).filter((name) => !/[\s"'\\\ufffd]/.test(name));
    return { word, candidates: names.slice(0, MOST_COMPLETIONS) };
  }

  async #transaction(name: string, words: ByteString[]): Promise<Answer | undefined> {
    const gathered = this.#gathered;
    if (name === 'multi') {
      if (gathered !== undefined) return error('ERR MULTI calls can not be nested');
      this.#gathered = [];
      return reply('OK');
    }
    if (name === 'exec' || name === 'discard') {
      if (gathered === undefined) return error(`ERR ${name.toUpperCase()} without MULTI`);
      this.#gathered = undefined;
      if (name === 'discard') return reply('OK');
      return this.#attempt(() => this.#options.channel.transaction(gathered));
    }
    if (gathered === undefined) return undefined;
    gathered.push(words);
    return reply('QUEUED');
  }

  async #attempt(work: () => Promise<WireReply>): Promise<Answer> {
    try {
      return { kind: 'reply', reply: await work() };
    } catch (failure) {
      if (failure instanceof ErrorReply) return error(failure.message);
      // AUTH with a wrong password, a command that the user may not run: the connection goes on.
      if (failure instanceof DsError && failure.code === 'peer.auth_required') return error(failure.message);
      throw failure;
    }
  }
}
