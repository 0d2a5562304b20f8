/** Sends bodies to an HTTP server, and says what its answers mean for a batch. */
import { STATUS_CODES } from 'node:http';
import type { Pool } from 'undici';
import type { Clock } from '../../../../platform/clock.js';
import { readSecretFile } from '../../../../platform/daemon/secret.js';
import type { Environment } from '../../../../platform/paths.js';
import { readRetryAfter, whyUnreachable } from '../../remote/http-answer.js';
import type { Delivery } from '../sink.js';
import { badSink, type SinkText } from './sink-text.js';

export interface SinkContext {
  readonly clock: Clock;
  /** Of it secrets are read, by the names that a sink's settings give. */
  readonly env: Environment;
  /** Where stdout goes to; resolves when it has taken the bytes. Absent where nobody reads it. */
  readonly writeOut?: (bytes: Uint8Array) => Promise<void>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly text: string;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** Of an answer: _bulk tells of each entry. More is not read, and the connection is closed. */
const LONGEST_ANSWER = 16 * 1024 * 1024;
/** What begins so is a web page, which no receiver of logs answers with. */
const PAGE = /^\s*<(?:!doctype|html)\b/i;
/** Of a server's words that are repeated. */
const LONGEST_REASON = 300;

export class HttpSender {
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #clock: Clock;
  #pool: Promise<Pool> | undefined;

  /** `headers`: who sends. */
  constructor(url: URL, headers: Readonly<Record<string, string>>, clock: Clock) {
    this.#url = url;
    this.#headers = headers;
    this.#clock = clock;
  }

  /** To the URL, or to another path of its server. Rejects where there was no answer. */
  async post(
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    path = this.#url.pathname + this.#url.search,
  ): Promise<HttpAnswer> {
    this.#pool ??= this.#open();
    const pool = await this.#pool;
    try {
      const answer = await pool.request({
        method: 'POST',
        path,
        headers: { ...this.#headers, ...headers },
        body,
        signal,
      });
      const text = await answer.body.text();
      const retryAfterMs = readRetryAfter(answer.headers['retry-after'], this.#clock.now());
      return { status: answer.statusCode, retryAfterMs, text };
    } catch (error) {
      throw new Error(`${this.#url.host} cannot be reached: ${whyUnreachable(error)}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    // What was broken off must not hold up the end.
    await (await this.#pool)?.destroy();
  }

  async #open(): Promise<Pool> {
    const { Pool } = await import('../../../../platform/http-client.js');
    return new Pool(this.#url.origin, {
      connections: 1,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      // The pipeline has a time limit of its own, and breaks off by the signal.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: LONGEST_ANSWER,
    });
  }
}

/**
 * Refused for good is only what says something about the entries: 400, 413, 422. A wrong token or path (401, 404) is the operator's to mend,
 * and until then the batch waits.
 */
export function deliveryOf({ status, retryAfterMs, text }: HttpAnswer): Delivery {
  const reason = reasonOf(status, text);
  // A proxy or a login page that answers everything has taken nothing.
  if (status >= 200 && status < 300) return PAGE.test(text) ? { outcome: 'retry', reason } : { outcome: 'delivered' };
  if (status === 400 || status === 413 || status === 422) return { outcome: 'rejected', reason };
  return { outcome: 'retry', reason, ...(retryAfterMs !== undefined && { afterMs: retryAfterMs }) };
}

/** `503 Service Unavailable: ingester is starting`. */
export function reasonOf(status: number, text: string): string {
  const name = STATUS_CODES[status];
  const words = text.trim().replace(/\s+/g, ' ').slice(0, LONGEST_REASON);
  return `${status}${name === undefined ? '' : ` ${name}`}${words === '' ? '' : `: ${words}`}`;
}

/**
 * The Authorization header by token-file, token-env, or user with password-file or password-env; none where there are none.
 * Errors: `log.bad_sink`, `secret.unreadable`.
 */
export async function authorizationOf({ settings, name }: SinkText, env: Environment): Promise<Record<string, string>> {
  const user = settings.text('user');
  const token = await readSecret(settings.text('token-file'), settings.text('token-env'), env, name);
  const password = await readSecret(settings.text('password-file'), settings.text('password-env'), env, name);
  if (token !== undefined && (user !== undefined || password !== undefined)) {
    throw badSink(`${name} has a token and a user or password: one of them is sent`);
  }
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (user === undefined && password === undefined) return {};
  if (user === undefined) throw badSink(`${name} has a password and no user`, `${name}#user=NAME&password-file=FILE`);
  return { authorization: `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}` };
}

/** The server has made it. */
const SECRET_HINT =
  'the file has the secret that the server knows in its first line: token-file=FILE, password-file=FILE';

async function readSecret(
  file: string | undefined,
  variable: string | undefined,
  env: Environment,
  sink: string,
): Promise<string | undefined> {
  if (file !== undefined && variable !== undefined)
    throw badSink(`a secret of ${sink} is in a file or in a variable, not in both`);
  if (file !== undefined) return (await readSecretFile(file, SECRET_HINT)).secret;
  if (variable === undefined) return undefined;
  const value = env[variable];
  if (!value) throw badSink(`the variable ${variable}, which ${sink} names, is not set`);
  return value;
}
