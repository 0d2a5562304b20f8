/** Load over HTTP/1.1. The client is our own, because a general one costs several times what the request does. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Clock } from '../../clock.js';
import { messageOf } from '../../errors.js';
import { peerErrors } from '../../protocol/errors.js';
import type { AnswerClass, LinkEvents, OrderedDriver } from '../driver.js';
import { connectOnce } from '../probe.js';
import { type Place, SocketLink } from '../socket-link.js';
import { HttpCodec } from './codec.js';
import { type HttpTarget, parseHttpTarget, type RequestOptions, requestBytes } from './request.js';

interface HttpLinkOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** False: any certificate is taken. */
  readonly verify: boolean;
}

export interface HttpLoadOptions extends RequestOptions, HttpLinkOptions {
  readonly url: string;
}

export interface HttpRequests extends HttpLinkOptions {
  /** Whether they are all of HEAD. */
  readonly isHead: boolean;
  /** The bytes of the next request: called when it is sent, so that making it is part of its latency. */
  readonly next: () => Buffer;
}

const classes: readonly AnswerClass[] = [
  { name: '1xx', tone: 'attention' },
  { name: '2xx', tone: 'good' },
  { name: '3xx', tone: 'good' },
  { name: '4xx', tone: 'attention' },
  { name: '5xx', tone: 'wrong' },
  { name: 'other', tone: 'wrong' },
];

/** Errors: `load.bad_url`, `load.bad_request`. */
export function httpDriver(options: HttpLoadOptions): OrderedDriver {
  const target = parseHttpTarget(options.url);
  const request = requestBytes(target, options);
  return httpRequestsDriver(target, { ...options, isHead: options.method === 'HEAD', next: () => request });
}

/** For requests that differ from each other. */
export function httpRequestsDriver(target: HttpTarget, requests: HttpRequests): OrderedDriver {
  return new HttpDriver(target, requests);
}

class HttpDriver implements OrderedDriver {
  readonly target: string;
  readonly pipeline = 1;
  readonly bytes = { sent: 0, received: 0 };
  readonly classes = classes;
  readonly #target: HttpTarget;
  readonly #options: HttpRequests;
  #place: Place;

  constructor(target: HttpTarget, options: HttpRequests) {
    this.target = target.shown;
    this.#target = target;
    this.#options = options;
    this.#place = this.#placeAt(target.host);
  }

  label(code: number): string {
    return String(code);
  }

  classOf(code: number): number {
    return Math.min(Math.floor(code / 100), classes.length) - 1;
  }

  /** A name is looked up once, and of its addresses the first is taken that accepts a connection. */
  async prepare(signal: AbortSignal): Promise<void> {
    const { host, authority } = this.#target;
    const addresses = isIP(host) === 0 ? await this.#addresses(host) : [host];
    const places = addresses.map((address) => this.#placeAt(address));
    this.#place = await connectOnce(places, (place) => this.#linkTo(() => place), authority, signal);
  }

  link(events: LinkEvents): SocketLink {
    return this.#linkTo(() => this.#place, events);
  }

  #linkTo(place: () => Place, events: LinkEvents = { answered() {}, failed() {}, ready() {} }): SocketLink {
    const { clock, timeoutMs, next, isHead } = this.#options;
    const codec = (answered: (code: number) => void) => new HttpCodec(next, isHead, answered);
    return new SocketLink({ place, clock, bytes: this.bytes, connectTimeoutMs: timeoutMs, codec }, events);
  }

  #placeAt(address: string): Place {
    const { tls, port, host } = this.#target;
    return { address, port, tls: tls ? { servername: host, verify: this.#options.verify } : undefined };
  }

  async #addresses(host: string): Promise<string[]> {
    try {
      return (await lookup(host, { all: true })).map(({ address }) => address);
    } catch (error) {
      throw peerErrors.error('peer.unreachable', `${host} cannot be found: ${messageOf(error)}`, {
        details: { address: this.#target.authority },
        cause: error,
      });
    }
  }
}
