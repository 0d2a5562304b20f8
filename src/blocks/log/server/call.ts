/** One request and its answer, as the handlers see them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Bodies, Hold } from './bodies.js';
import { badParameter, Params } from './params.js';
import type { Grant } from './tenants.js';

export class Call {
  readonly request: IncomingMessage;
  readonly path: string;
  readonly grant: Grant;
  /** Of what the route's pattern has in parentheses. */
  readonly parts: readonly string[];
  /** Aborted when the peer goes away before it is answered. */
  readonly signal: AbortSignal;
  /** Resolves when the answer is with the kernel, or the peer has gone. */
  readonly sent: Promise<void>;
  /** Bytes of the answer; 0 before there is one. */
  answerSize = 0;
  readonly #response: ServerResponse;
  readonly #query: URLSearchParams;
  readonly #bodies: Bodies;
  readonly #hold: Hold = { bytes: 0 };

  constructor(about: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly url: URL;
    readonly grant: Grant;
    readonly parts: readonly string[];
    readonly bodies: Bodies;
  }) {
    this.request = about.request;
    this.path = about.url.pathname;
    this.grant = about.grant;
    this.parts = about.parts;
    this.#response = about.response;
    this.#query = about.url.searchParams;
    this.#bodies = about.bodies;
    const gone = new AbortController();
    this.sent = new Promise((resolve) => {
      about.response.once('close', () => {
        gone.abort();
        resolve();
      });
    });
    this.signal = gone.signal;
  }

  /** Of the media type alone, in small letters. */
  get contentType(): string {
    return (this.request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  }

  /** The part in the first parentheses of the route's pattern, unescaped; undefined where it is not there. Error: `log.bad_parameter`. */
  get name(): string | undefined {
    const [part] = this.parts;
    if (part === undefined) return undefined;
    try {
      return decodeURIComponent(part);
    } catch {
      throw badParameter(`${part} is not escaped as URLs are`);
    }
  }

  /** Unpacked as Content-Encoding says, unless told otherwise. */
  async body(encoding = this.request.headers['content-encoding']): Promise<Buffer> {
    const body = await this.#bodies.read(this.request, this.#hold);
    return this.#bodies.unpack(body, encoding, this.#hold);
  }

  /** Of the URL. */
  get query(): Params {
    return new Params(this.#query);
  }

  /** Of the URL, and of a form where one was posted, as Loki takes both. */
  async params(): Promise<Params> {
    if (this.request.method !== 'POST' || this.contentType !== 'application/x-www-form-urlencoded') return this.query;
    const form = new URLSearchParams((await this.body()).toString('utf8'));
    const all = new URLSearchParams(this.#query);
    for (const [name, value] of form) all.append(name, value);
    return new Params(all);
  }

  send(status: number, type: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): void {
    const length = Buffer.byteLength(body);
    this.answerSize = length;
    this.#response.writeHead(status, { 'content-type': type, 'content-length': length, ...headers });
    this.#response.end(this.request.method === 'HEAD' ? undefined : body);
  }

  json(value: unknown, status = 200): void {
    this.send(status, 'application/json; charset=utf-8', JSON.stringify(value));
  }

  text(text: string, status = 200): void {
    this.send(status, 'text/plain; charset=utf-8', text);
  }

  empty(status: number): void {
    this.#response.writeHead(status);
    this.#response.end();
  }

  /** Ends the connection, whatever of the answer has been taken. */
  cut(): void {
    this.#response.destroy();
  }

  letGo(): void {
    this.#bodies.letGo(this.#hold);
  }
}
