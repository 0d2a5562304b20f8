/**
 * A real endpoint: requests over HTTP/1.1 on kept connections, everything that a server controls bounded. Redirects are not
 * followed: they are answers. A body that is longer than what is read is cut off with its connection.
 *
 * A kept connection may have been closed by the server just when it was used again: such a request is sent once more, on a
 * new one. A connection that breaks with nothing answered is how some servers refuse.
 */
import { setMaxListeners } from 'node:events';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Clock } from '../../../platform/clock.js';
import { codeOf, type DsError, messageOf } from '../../../platform/errors.js';
import { limitErrors } from '../errors.js';
import { readDeclared } from '../ratelimit-fields.js';
import type { Observation, Target, Variation } from './observation.js';
import { type Answer, type RefusalRule, refusalOf } from './refusal.js';

export interface ProberOptions {
  readonly clock: Clock;
  /** Of ds, for the User-Agent. */
  readonly version: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly refusedWhen: readonly RefusalRule[];
  /** Milliseconds for one answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Bytes of a body that are read; what is longer is cut off. */
const MOST_BODY = 64 * 1024;
/** Bytes of an answer's header. */
const MOST_HEADER = 32 * 1024;
const MOST_SOCKETS = 256;
/** What a server answers that can no longer: nothing is to be learnt by going on. */
const FAILURES = new Set([500, 502, 504, 505, 507, 508]);

interface Attempt {
  readonly sentMs: number;
  readonly receivedMs: number;
  readonly bytes: number;
  readonly answer?: Answer;
  /** The connection ended without an answer. */
  readonly dropped?: string;
  /** It was a kept one. */
  readonly reused: boolean;
}

export class Prober implements Target {
  readonly clock: Clock;
  /** Of the first answer: what service looks like. */
  firstAnswer: Answer | undefined;
  lastRefusal: Answer | undefined;
  /** Where the first answer sends its readers, when it is a redirect. */
  redirectsTo: string | undefined;
  private readonly agent: HttpAgent;

  constructor(
    readonly url: URL,
    private readonly options: ProberOptions,
  ) {
    this.clock = options.clock;
    // Each request under way listens to it; Node warns of more than ten.
    if (options.signal !== undefined) setMaxListeners(MOST_SOCKETS + 1, options.signal);
    const settings = { keepAlive: true, maxSockets: MOST_SOCKETS, scheduling: 'lifo' as const };
    this.agent = url.protocol === 'https:' ? new HttpsAgent(settings) : new HttpAgent(settings);
  }

  async send(count: number, concurrency: number, variation: Variation = {}): Promise<Observation[]> {
    const seen: Observation[] = [];
    let begun = 0;
    const lane = async () => {
      while (begun < count) {
        const index = begun++;
        seen[index] = await this.probe(variation);
      }
    };
    await Promise.all(Array.from({ length: Math.min(count, concurrency) }, lane));
    return seen;
  }

  close(): void {
    this.agent.destroy();
  }

  private async probe(variation: Variation): Promise<Observation> {
    let attempt = await this.attempt(variation);
    if (attempt.dropped !== undefined && attempt.reused) attempt = await this.attempt(variation);
    const { sentMs, receivedMs, bytes, answer, dropped } = attempt;
    if (answer === undefined) {
      if (this.firstAnswer === undefined) throw this.unreachable(dropped ?? 'no answer');
      return { sentMs, receivedMs, bytes, accepted: false, refusal: 'connection dropped' };
    }
    const usual = this.firstAnswer?.status;
    const refusal = refusalOf(answer, this.options.refusedWhen, usual);
    if (refusal === undefined) this.checkService(answer);
    this.firstAnswer ??= answer;
    if (refusal !== undefined) this.lastRefusal = answer;
    const { retryAfterMs } = refusal === undefined ? {} : readDeclared(answer.headers, answer.answeredAt);
    return {
      sentMs,
      receivedMs,
      bytes,
      status: answer.status,
      accepted: refusal === undefined,
      ...(refusal === undefined ? {} : { refusal }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  }

  /** Neither service nor refusal: `limit.test_failed`. */
  private checkService({ status, headers }: Answer): void {
    const usual = this.firstAnswer?.status;
    if (FAILURES.has(status) || status === 503) {
      throw limitErrors.error('limit.test_failed', `${this.url.href} answers ${status}: it fails, and is left alone`, {
        hint: `if that is how it refuses: --refused-when status=${status}`,
        details: { url: this.url.href, status },
      });
    }
    if (usual === undefined && status >= 300 && status < 400) this.redirectsTo = [headers['location'] ?? ''].flat()[0];
  }

  private unreachable(why: string): DsError {
    return limitErrors.error('limit.test_unreachable', `${this.url.href} cannot be tested: ${why}`, {
      hint: `curl -v ${this.url.href}`,
      details: { url: this.url.href },
    });
  }

  private attempt(variation: Variation): Promise<Attempt> {
    const { url, clock } = this;
    const { headers, body, timeoutMs, signal, version, method } = this.options;
    const options: RequestOptions = {
      method: variation.method ?? method,
      agent: variation.freshConnection === true ? false : this.agent,
      maxHeaderSize: MOST_HEADER,
      headers: {
        'user-agent': `ds/${version} (rate-limit tester)`,
        accept: '*/*',
        ...headers,
        ...variation.headers,
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      },
      ...(signal === undefined ? {} : { signal }),
    };
    const target = variation.path === undefined ? url : new URL(variation.path, url);
    return new Promise((resolve, reject) => {
      let sentMs = clock.monotonic();
      let answered = false;
      const request = (target.protocol === 'https:' ? httpsRequest : httpRequest)(target, options);
      const timer = setTimeout(() => request.destroy(new SlowAnswer()), timeoutMs);
      // The clock runs from when the request leaves: a new connection is made before.
      request.on('socket', (socket) => {
        if (!socket.connecting) sentMs = clock.monotonic();
        else
          socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
            sentMs = clock.monotonic();
          });
      });
      request.on('response', (response) => {
        answered = true;
        const receivedMs = clock.monotonic();
        readBody(response).then(({ text, bytes }) => {
          clearTimeout(timer);
          const answer = {
            status: response.statusCode ?? 0,
            headers: response.headers,
            answeredAt: clock.now(),
            body: text,
          };
          resolve({ sentMs, receivedMs, bytes: bytes + headerBytes(response), answer, reused: request.reusedSocket });
        });
      });
      request.on('error', (error) => {
        clearTimeout(timer);
        const receivedMs = clock.monotonic();
        if (signal?.aborted) reject(signal.reason);
        else if (error instanceof SlowAnswer) reject(this.unreachable(`no answer within ${timeoutMs / 1000} s`));
        else if (isDrop(error))
          resolve({ sentMs, receivedMs, bytes: 0, dropped: messageOf(error), reused: request.reusedSocket });
        else reject(this.unreachable(whyBroken(error)));
      });
      // After 101 Switching Protocols, which nobody asked for, Node closes the connection without another word.
      request.on('close', () => {
        if (answered) return;
        clearTimeout(timer);
        reject(this.unreachable('it ended the exchange without an answer'));
      });
      request.end(body);
    });
  }
}

class SlowAnswer extends Error {}

const isDrop = (error: unknown) => ['ECONNRESET', 'EPIPE', 'ECONNABORTED'].includes(codeOf(error) ?? '');

function whyBroken(error: unknown): string {
  const code = codeOf(error) ?? '';
  if (code === 'HPE_HEADER_OVERFLOW') return `its header is longer than ${MOST_HEADER / 1024} KiB`;
  if (code.startsWith('HPE_')) return `what it answers is not HTTP: ${messageOf(error)}`;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  return messageOf(error);
}

/** As much of the body as is wanted. A stream that does not end is cut off; one that breaks off has been an answer. */
function readBody(response: IncomingMessage): Promise<{ readonly text: string; readonly bytes: number }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const done = () => resolve({ text: Buffer.concat(chunks).toString('latin1'), bytes });
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MOST_BODY) chunks.push(chunk);
      else {
        done();
        response.destroy();
      }
    });
    response.on('end', done);
    response.on('error', done);
    response.on('close', done);
  });
}

function headerBytes({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((sum, text) => sum + text.length + 2, 20);
}
