/** Requests to a server that speaks Loki's API; what they answer is bounded, and what goes wrong is told in words. */
import type { Dispatcher } from 'undici';
import { codeOf, type DsError } from '../../../platform/errors.js';
import { logErrors } from '../errors.js';
import { parseJson } from '../wire/json.js';
import type { Endpoint } from './endpoint.js';
import { whyUnreachable } from './http-answer.js';

/** For headers, and between two pieces of a body: a query over days may take that long. Milliseconds. */
const TIMEOUT_MS = 120_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Bytes of an answer. A page of 5,000 entries of 10 KB each has 50 MB. */
const MOST_ANSWER_BYTES = 128 * 1024 * 1024;
/** Of one answer: each point of a series is a list. 128 MB of empty objects would take 2.5 GB. */
const MOST_OBJECTS = 8_000_000;
/** Characters of a refusal that are repeated. */
const MOST_REASON = 500;
/** Of a refusal that is read as JSON. */
const LONGEST_REFUSAL = 65_536;

export interface LokiRequest {
  readonly method?: 'GET' | 'POST';
  /** Behind the prefix: `/loki/api/v1/labels`. */
  readonly path: string;
  readonly params?: URLSearchParams;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

export interface LokiAnswer {
  readonly status: number;
  readonly text: string;
  /** The header. */
  readonly retryAfter: string | readonly string[] | undefined;
}

export class LokiClient {
  readonly #pool: Dispatcher;
  #closed = false;

  constructor(
    readonly endpoint: Endpoint,
    pool: Dispatcher,
  ) {
    this.#pool = pool;
  }

  /** The JSON of an answer with success. Errors: `log.unreachable`, `log.refused`, `log.bad_query`, `log.bad_answer`. */
  async json(request: LokiRequest): Promise<unknown> {
    const answer = await this.send(request);
    if (answer.status >= 300) throw this.refused(answer);
    try {
      return parseJson(Buffer.from(answer.text), undefined, undefined, MOST_OBJECTS);
    } catch (cause) {
      throw logErrors.error('log.bad_answer', `${this.endpoint.origin} did not answer with JSON`, {
        hint: `look at it: curl -i ${this.endpoint.origin}${this.endpoint.prefix}/loki/api/v1/status/buildinfo`,
        cause,
      });
    }
  }

  /** Whatever the status. Errors: `log.unreachable`, `log.bad_answer`. */
  async send({ method = 'GET', path, params, headers, body, signal }: LokiRequest): Promise<LokiAnswer> {
    const { prefix } = this.endpoint;
    const query = params === undefined ? '' : `?${params}`;
    try {
      const answer = await this.#pool.request({
        method,
        path: `${prefix}${path}${query}`,
        headers: { accept: 'application/json', ...this.endpoint.headers, ...headers },
        ...(body !== undefined && { body }),
        ...(signal !== undefined && { signal }),
      });
      return {
        status: answer.statusCode,
        text: await answer.body.text(),
        retryAfter: answer.headers['retry-after'],
      };
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#failed(error);
    }
  }

  /** What the server said, as an error. */
  refused({ status, text }: LokiAnswer): DsError {
    const reason = reasonOf(text);
    if (status === 400 && /parse error|syntax error|bad_query/i.test(reason)) {
      return logErrors.error('log.bad_query', reason, { details: { status } });
    }
    const hint =
      status === 401 || status === 403
        ? 'the token goes into DS_LOG_TOKEN or a file (--token-file FILE), the tenant into --tenant'
        : status === 404
          ? 'the URL is that of the server, without a path of its API: http://127.0.0.1:3100'
          : undefined;
    return logErrors.error('log.refused', `${this.endpoint.origin} refused (${status}): ${reason}`, {
      ...(hint !== undefined && { hint }),
      details: { status },
    });
  }

  /** Breaks off what is under way. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pool.destroy();
  }

  #failed(error: unknown): DsError {
    const { origin } = this.endpoint;
    if (codeOf(error) === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
      return logErrors.error('log.bad_answer', `${origin} answered with more than ${MOST_ANSWER_BYTES} bytes`, {
        hint: 'ask for less: a shorter time, --limit, a longer --step',
        cause: error,
      });
    }
    return logErrors.error('log.unreachable', `${origin} cannot be asked: ${whyUnreachable(error)}`, {
      hint: 'start one: ds log serve; or name another: --url URL',
      cause: error,
    });
  }
}

/** Error: none; what is not there is told by the first request. */
export async function openLokiClient(endpoint: Endpoint): Promise<LokiClient> {
  const { Pool } = await import('../../../platform/http-client.js');
  const pool = new Pool(endpoint.origin, {
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    maxResponseSize: MOST_ANSWER_BYTES,
    connections: 4,
  });
  return new LokiClient(endpoint, pool);
}

/** Loki refuses in plain text; ds and proxies also with `{"error": {"message": …}}` or `{"message": …}`. */
function reasonOf(text: string): string {
  const plain = messageIn(text) ?? text.slice(0, LONGEST_REFUSAL).trim();
  const line = plain.replace(/\s+/g, ' ');
  return line === '' ? 'no reason was given' : line.slice(0, MOST_REASON);
}

function messageIn(text: string): string | undefined {
  if (!text.startsWith('{') || text.length > LONGEST_REFUSAL) return undefined;
  try {
    const { error, message } = JSON.parse(text) as { readonly error?: unknown; readonly message?: unknown };
    if (typeof error === 'string') return error;
    if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
