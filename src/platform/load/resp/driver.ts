/** Load over RESP, the Redis protocol: the same command on each connection, `pipeline` of them under way. */
import type { Clock } from '../../clock.js';
import type { RemoteAddress } from '../../protocol/resp-client/url.js';
import type { AnswerClass, LinkEvents, OrderedDriver } from '../driver.js';
import { connectOnce } from '../probe.js';
import { type Codec, type Place, type Received, SocketLink } from '../socket-link.js';
import { ReplyScanner, ReplyType } from './reply-scanner.js';
import type { CommandSource } from './template.js';

/** Answers by code; the last one is for error replies. */
export type ReplyClasses = readonly [...AnswerClass[], AnswerClass];

export interface RespLoadOptions {
  readonly address: RemoteAddress;
  readonly command: CommandSource;
  readonly pipeline: number;
  readonly classes: ReplyClasses;
  /** Index into `classes`, of a reply that is no error. */
  readonly classify: (firstInteger: number | undefined) => number;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

export class RespDriver implements OrderedDriver {
  readonly target: string;
  readonly pipeline: number;
  readonly bytes = { sent: 0, received: 0 };
  readonly classes: readonly AnswerClass[];
  firstError: string | undefined;
  readonly #options: RespLoadOptions;
  readonly #place: Place;

  constructor(options: RespLoadOptions) {
    const { host, port, tls, shown } = options.address;
    this.target = shown;
    this.pipeline = options.pipeline;
    this.classes = options.classes;
    this.#options = options;
    this.#place = { address: host, port, tls: tls ? { servername: host, verify: true } : undefined };
  }

  label(code: number): string {
    return this.classes[code]?.name ?? String(code);
  }

  classOf(code: number): number {
    return code;
  }

  async prepare(signal: AbortSignal): Promise<void> {
    const nobody: LinkEvents = { answered() {}, failed() {}, ready() {} };
    await connectOnce([this.#place], () => this.link(nobody), this.target, signal);
  }

  link(events: LinkEvents): SocketLink {
    const { clock, timeoutMs } = this.#options;
    const codec = (answered: (code: number) => void) => {
      return new RespCodec(this.#options, (type, first, text) => answered(this.#codeOf(type, first, text)));
    };
    const place = () => this.#place;
    return new SocketLink({ place, clock, bytes: this.bytes, connectTimeoutMs: timeoutMs, codec }, events);
  }

  #codeOf(type: number, first: number | undefined, text: string): number {
    if (type !== ReplyType.error) return this.#options.classify(first);
    this.firstError ??= text;
    return this.classes.length - 1;
  }
}

type OnReply = (type: number, firstInteger: number | undefined, text: string) => void;

/** AUTH and SELECT, where the URL asks for them, come before the first request. */
class RespCodec implements Codec {
  problem = '';
  readonly #options: RespLoadOptions;
  readonly #onReply: OnReply;
  #scanner: ReplyScanner;
  /** Replies to the greeting that are still to come. */
  #greetings = 0;
  #underWay = 0;
  #stray = false;

  constructor(options: RespLoadOptions, onReply: OnReply) {
    this.#options = options;
    this.#onReply = onReply;
    this.#scanner = this.#newScanner();
  }

  begin(): Uint8Array | undefined {
    this.#scanner = this.#newScanner();
    this.#underWay = 0;
    const commands = greetingOf(this.#options.address);
    this.#greetings = commands.length;
    return commands.length === 0 ? undefined : Buffer.from(commands.map(encode).join(''));
  }

  requests(count: number): Uint8Array {
    this.#underWay += count;
    return this.#options.command.make(count);
  }

  receive(chunk: Uint8Array, length: number): Received {
    const greeting = this.#greetings > 0;
    this.#scanner.push(chunk, length);
    if (this.#scanner.problem !== undefined) this.problem = this.#scanner.problem;
    else if (this.#stray) this.problem ||= 'a reply that nobody asked for';
    if (this.problem !== '') return greeting ? 'refused' : 'malformed';
    return greeting && this.#greetings === 0 ? 'open' : 'more';
  }

  ended(): boolean {
    return false;
  }

  #newScanner(): ReplyScanner {
    this.problem = '';
    this.#stray = false;
    return new ReplyScanner((type, first, text) => {
      if (this.#greetings > 0) {
        this.#greetings--;
        if (type === ReplyType.error) this.problem ||= text;
      } else if (this.#underWay === 0) this.#stray = true;
      else {
        this.#underWay--;
        this.#onReply(type, first, text);
      }
    });
  }
}

function greetingOf({ username, password, database }: RemoteAddress): string[][] {
  const auth = password === undefined ? [] : [['AUTH', ...(username === undefined ? [] : [username]), password]];
  return [...auth, ...(database === 0 ? [] : [['SELECT', String(database)]])];
}

function encode(args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join('')}`;
}
