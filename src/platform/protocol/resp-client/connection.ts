/**
 * A connection to a RESP server for one command of `ds`: it connects once, never reconnects, and every wait has an end.
 *
 *     connecting ──▶ open ──lost, or a command took too long──▶ dead (every further command fails at once)
 *         └─refused, silent, wrong password─▶ dead
 *
 * A command whose connection is lost may have been carried out. What that costs is the block's to say: of a sequencer
 * numbers (a hole), of a rate limiter a request that was counted and never made.
 */
import type { Clock } from '../../clock.js';
import { codeOf, DsError, messageOf } from '../../errors.js';
import { peerErrors } from '../errors.js';
import { errorFromReply } from '../resp/errors.js';
import { serverName } from '../server-name.js';
import type { Peer } from './peer.js';
import type { RemoteAddress } from './url.js';
import type { WireReply } from './values.js';

export interface ConnectionOptions {
  readonly clock: Clock;
  /** Whose server it is to be: for hints, and to know its errors again. */
  readonly peer: Peer;
  /** Bulk strings arrive as UTF-8, the default, or as one character a byte, where they may be anything. */
  readonly bulkStrings?: 'utf8' | 'latin1';
  readonly signal?: AbortSignal;
  /** For connecting and authenticating together, milliseconds. */
  readonly connectTimeoutMs: number;
  /** For one command, milliseconds. */
  readonly commandTimeoutMs: number;
}

/** An error reply that is no DsError of ours. */
export class ErrorReply extends Error {
  override readonly name = 'ErrorReply';

  /** The first word: ERR, NOSCRIPT, READONLY … */
  get code(): string {
    return this.message.split(' ', 1)[0] ?? '';
  }
}

/** Text is sent as UTF-8. */
export type Argument = string | Buffer;

export interface RemoteConnection {
  /** Where it goes, without credentials. */
  readonly address: string;
  /** Sends a command. Errors: what the server sent as a DsError, ErrorReply, `peer.unreachable`, `peer.auth_required`. */
  send(args: readonly Argument[]): Promise<WireReply>;
  close(): Promise<void>;
}

/** The part of @redis/client that is used. */
interface Client {
  connect(): Promise<unknown>;
  sendCommand(args: Argument[]): Promise<unknown>;
  close(): Promise<unknown>;
  destroy(): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  readonly isOpen: boolean;
}

export async function connect(address: RemoteAddress, options: ConnectionOptions): Promise<RemoteConnection> {
  options.signal?.throwIfAborted();
  const client = await createClient(address, options);
  // What failed is told to whoever waits; the event alone would end the process.
  client.on('error', () => {});
  const connection = new Connection(client, address, options);
  await connection.open();
  return connection;
}

async function createClient(address: RemoteAddress, options: ConnectionOptions): Promise<Client> {
  const redis = await import('./client-library.js');
  const base = { host: address.host, port: address.port, connectTimeout: options.connectTimeoutMs };
  // Integers as strings: 64-bit numbers arrive whole.
  const numbers = { [redis.RESP_TYPES.NUMBER]: String };
  const typeMapping =
    options.bulkStrings === 'latin1' ? { ...numbers, [redis.RESP_TYPES.BLOB_STRING]: Buffer } : numbers;
  return redis.createClient({
    RESP: 2,
    commandOptions: { typeMapping },
    socket: address.tls
      ? { ...base, tls: true, ...serverName(address.host), reconnectStrategy: false }
      : { ...base, reconnectStrategy: false },
    disableOfflineQueue: true,
    database: address.database,
    ...(address.username === undefined ? {} : { username: address.username }),
    ...(address.password === undefined ? {} : { password: address.password }),
  });
}

class Connection implements RemoteConnection {
  readonly address: string;
  readonly #client: Client;
  readonly #options: ConnectionOptions;
  /** Fails each wait under way, when the caller's signal says so. */
  readonly #waiting = new Set<(reason: unknown) => void>();
  readonly #onAbort = () => {
    for (const fail of [...this.#waiting]) fail(this.#options.signal?.reason);
  };

  constructor(client: Client, address: RemoteAddress, options: ConnectionOptions) {
    this.#client = client;
    this.#options = options;
    this.address = address.shown;
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  async open(): Promise<void> {
    const { connectTimeoutMs } = this.#options;
    await this.#bounded(this.#client.connect(), connectTimeoutMs, 'did not answer');
  }

  async send(args: readonly Argument[]): Promise<WireReply> {
    const { commandTimeoutMs } = this.#options;
    const work = this.#client.sendCommand([...args]);
    return toWireReply(await this.#bounded(work, commandTimeoutMs, `did not answer ${args[0]}`));
  }

  /** Waits for `work`, for the time or for the signal; whatever comes first. */
  #bounded<T>(work: Promise<T>, ms: number, complaint: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = new AbortController();
      const settle = () => {
        timer.abort();
        this.#waiting.delete(fail);
      };
      const fail = (failure: unknown) => {
        settle();
        reject(this.#explain(failure));
      };
      this.#waiting.add(fail);
      const late = () => fail(this.#unreachable(`${complaint} within ${ms} ms`));
      this.#options.clock.sleep(ms, timer.signal).then(late, () => {});
      work.then((value) => {
        settle();
        resolve(value);
      }, fail);
    });
  }

  #explain(failure: unknown): unknown {
    const { signal } = this.#options;
    if (signal?.aborted) {
      this.#destroy();
      return signal.reason;
    }
    if (failure instanceof DsError) {
      this.#destroy();
      return failure;
    }
    if (isErrorReply(failure)) return this.#explainReply(failure.message);
    this.#destroy();
    const reason = messageOf(failure) || (codeOf(failure) ?? 'no reason was given');
    return this.#unreachable(reason, failure);
  }

  #explainReply(text: string): Error {
    const known = errorFromReply(text, this.#options.peer.kindOf);
    if (known !== undefined) return known;
    if (/^(NOAUTH|WRONGPASS|NOPERM|ERR invalid password)\b/.test(text) || /without any password/.test(text)) {
      const reason = text.startsWith('NOAUTH') ? 'wants a password' : `refused access: ${text.replace(/^[A-Z]+ /, '')}`;
      return peerErrors.error('peer.auth_required', `${this.address} ${reason}`, {
        hint: `${this.#options.peer.urlVariable}=redis://:PASSWORD@HOST:PORT keeps the password out of the process list`,
      });
    }
    return new ErrorReply(text);
  }

  #unreachable(reason: string, cause?: unknown): DsError {
    return peerErrors.error('peer.unreachable', `${this.address} cannot be reached: ${reason}`, {
      hint: `start one here: ${this.#options.peer.serveCommand}`,
      details: { address: this.address },
      ...(cause === undefined ? {} : { cause }),
    });
  }

  #destroy(): void {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    if (this.#client.isOpen) this.#client.destroy();
  }

  async close(): Promise<void> {
    // Waits for the replies under way; a server that is gone or silent must not hold up the command.
    if (this.#client.isOpen) {
      await this.#bounded(this.#client.close(), this.#options.commandTimeoutMs, 'did not finish').catch(() => {});
    }
    this.#destroy();
  }
}

/** The library's own classes; told by name, because the library is loaded lazily. */
function isErrorReply(failure: unknown): failure is Error {
  return failure instanceof Error && /^(ErrorReply|SimpleError|BlobError)$/.test(failure.constructor.name);
}

function toWireReply(reply: unknown): WireReply {
  if (typeof reply === 'string' || typeof reply === 'number' || reply === null) return reply;
  if (Array.isArray(reply)) return reply.map(toWireReply);
  if (Buffer.isBuffer(reply)) return reply.toString('latin1');
  // Of a transaction one command may have failed.
  if (isErrorReply(reply)) throw new ErrorReply(reply.message);
  throw peerErrors.error('peer.protocol', `unexpected ${typeof reply} in the server's answer`);
}
