/** A link over TCP or TLS on which answers come in any order: each message carries the id of its request. */
import type { FailureKind, LinkEvents, PlacedLink, PlacedLinkEvents } from './driver.js';
import { RequestIds } from './request-ids.js';
import { type Codec, type Received, SocketLink, type SocketLinkOptions } from './socket-link.js';

/** What the bytes of a connection mean. One for each link, told when a new connection begins. */
export interface StreamCodec {
  begin(): void;
  /** The bytes of the requests with these ids. */
  requests(ids: readonly number[]): Uint8Array;
  /** Reads all of `chunk` up to `length`, and tells of each message that is whole: its id, and what kind of answer it is. */
  receive(chunk: Uint8Array, length: number, answered: (id: number, code: number) => void): void;
  /** What was wrong with what came; empty as long as nothing was. */
  readonly problem: string;
}

export interface PlacedSocketLinkOptions extends Omit<SocketLinkOptions, 'codec'> {
  readonly pipeline: number;
  readonly codec: StreamCodec;
}

export class PlacedSocketLink implements PlacedLink {
  readonly #link: SocketLink;
  readonly #ids: RequestIds;
  /** Ids of requests that were not written. */
  #waiting: number[] = [];
  /** Of the answer that is being told. */
  #place = 0;

  constructor({ pipeline, codec, ...options }: PlacedSocketLinkOptions, events: PlacedLinkEvents) {
    this.#ids = new RequestIds(pipeline);
    const told: LinkEvents = {
      answered: (code, at) => events.answered(this.#place, code, at),
      failed: (kind, message, at) => {
        this.#forget();
        events.failed(kind, message, at);
      },
      ready: (at) => events.ready(at),
    };
    this.#link = new SocketLink({ ...options, codec: (answered) => this.#codecOf(codec, answered) }, told);
  }

  open(): Promise<void> {
    return this.#link.open();
  }

  send(place: number): void {
    this.#waiting.push(this.#ids.take(place));
    this.#link.send();
  }

  flush(): void {
    this.#link.flush();
  }

  giveUp(place: number): void {
    this.#ids.giveUp(place);
    this.#link.giveUpOne();
  }

  abort(kind: FailureKind, message: string): void {
    this.#link.abort(kind, message);
  }

  close(): void {
    this.#forget();
    this.#link.close();
  }

  #forget(): void {
    this.#waiting = [];
    this.#ids.clear();
  }

  #codecOf(codec: StreamCodec, answered: (code: number) => void): Codec {
    return {
      begin: () => {
        codec.begin();
        return undefined;
      },
      requests: () => {
        const ids = this.#waiting;
        this.#waiting = [];
        return codec.requests(ids);
      },
      receive: (chunk, length): Received => {
        codec.receive(chunk, length, (id, code) => {
          this.#place = this.#ids.settle(id);
          // Else it was given up: its answer is nobody's.
          if (this.#place >= 0) answered(code);
        });
        return codec.problem === '' ? 'more' : 'malformed';
      },
      ended: () => false,
      get problem() {
        return codec.problem;
      },
    };
  }
}
