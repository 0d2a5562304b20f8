/**
 * One request from its head to its answer, in this order:
 *
 *     bounds ─▶ identifier ─▶ target (bucket, key, query) ─▶ preflight? ─▶ who asks ─▶ operation ─▶ handler ─▶ answer
 *                                                                            │                       │
 *                                        nothing of the body is asked for ───┘     the body, decoded ┘ and checked
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Clock } from '../../../platform/clock.js';
import { messageOf } from '../../../platform/errors.js';
import { blobErrors } from '../errors.js';
import { evidenceOf, type SignatureEvidence } from '../sigv4/evidence.js';
import { type RequestHead, requestHead } from '../sigv4/head.js';
import { type OperationName, type OperationRequest, operationOf } from '../wire/operations.js';
import { originForm, parseRequestTarget, type RequestTarget } from '../wire/request-target.js';
import { errorDocument, s3Error, type WireError, wireErrorOf } from '../wire/s3-errors.js';
import type { Authenticator, Caller } from './authenticator.js';
import { BodySource } from './body-source.js';
import type { Answer, Call, HandlerContext, HeaderField } from './call.js';
import { Cors } from './cors.js';
import { errorFields } from './error-fields.js';
import { handlers } from './handlers/index.js';
import type { BlobMetrics } from './metrics.js';
import { PieceMemory } from './piece-memory.js';
import { presignedHeaders } from './presigned-headers.js';
import { receive, receiveDocument } from './receive.js';
import type { Refusals } from './refusals.js';
import { Rights } from './rights.js';
import { send } from './send.js';
import type { SlowPeers } from './slow-peers.js';

export interface ServiceOptions {
  readonly context: HandlerContext;
  readonly authenticator: Authenticator;
  readonly domains: readonly string[];
  readonly strict: boolean;
  readonly scheme: 'http' | 'https';
  readonly nextId: () => string;
  readonly refusals: Refusals;
  readonly metrics: BlobMetrics;
  readonly slowPeers: SlowPeers;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Header fields of a request. */
const MOST_HEADERS = 200;
/** Before an operation is known. */
const UNKNOWN = 'unknown';

/** A request on its way through. */
interface Exchange {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly source: BodySource;
  readonly startedAt: number;
  operation: string;
  target: RequestTarget | undefined;
  head: RequestHead;
}

export class S3Service {
  readonly #options: ServiceOptions;
  /** One for all bodies. */
  readonly #memory = new PieceMemory();
  readonly #cors: Cors;
  #active = 0;
  readonly #whenIdle: (() => void)[] = [];

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#cors = new Cors(options.context.store);
  }

  /** Requests that are not answered yet. */
  get active(): number {
    return this.#active;
  }

  /** Resolves when there are none. */
  idle(): Promise<void> {
    return this.#active === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Never throws. `expects`: the client waits for 100 Continue before it sends the body. */
  async serve(request: IncomingMessage, response: ServerResponse, expects: boolean): Promise<void> {
    const { clock, nextId, slowPeers, metrics } = this.#options;
    const exchange: Exchange = {
      id: nextId(),
      request,
      response,
      source: new BodySource(request, {
        slowPeers,
        memory: this.#memory,
        onFirstPull: () => void (expects && response.writeContinue()),
      }),
      startedAt: clock.monotonic(),
      operation: UNKNOWN,
      target: undefined,
      head: requestHead(request.method ?? '', originForm(request.url ?? ''), request.rawHeaders),
    };
    this.#active++;
    try {
      await this.#exchange(exchange);
    } catch (err) {
      this.#options.logger.error({ err, request_id: exchange.id }, 'an answer was broken off');
      response.destroy();
    } finally {
      this.#active--;
      if (this.#active === 0) for (const tell of this.#whenIdle.splice(0)) tell();
      exchange.source.drain();
      metrics.received(exchange.source.received);
      metrics.answered(exchange.operation, response.statusCode, clock.monotonic() - exchange.startedAt);
    }
  }

  async #exchange(exchange: Exchange): Promise<void> {
    const answer = await this.#answer(exchange).catch((error: unknown) => this.#failure(exchange, error));
    try {
      await this.#send(exchange, answer);
    } catch (error) {
      // A client must not take half an object for the whole: where the head is out, the connection breaks.
      if (exchange.response.headersSent) throw error;
      await this.#send(exchange, this.#failure(exchange, error));
    }
  }

  async #answer(exchange: Exchange): Promise<Answer> {
    const { head, request } = exchange;
    const { authenticator, domains, context } = this.#options;
    if (request.rawHeaders.length > 2 * MOST_HEADERS) {
      throw s3Error(
        'blob.invalid_request',
        'RequestHeaderSectionTooLarge',
        `the request has more than ${MOST_HEADERS} headers`,
      );
    }
    const target = parseRequestTarget(
      { path: head.path, rawQuery: head.query, host: head.headers.get('host') },
      domains,
    );
    exchange.target = target;
    if (head.method === 'OPTIONS') {
      exchange.operation = 'OPTIONS';
      return this.#cors.preflight(target.bucket, head.headers);
    }
    const call = this.#call(exchange, target, authenticator.identify(head));
    exchange.operation = call.operation;
    call.rights.check(call.operation);
    if (authenticator.anonymous) await this.#refuseForeignPages(call);
    return handlers[call.operation](call, context);
  }

  #call(exchange: Exchange, target: RequestTarget, caller: Caller): Call {
    const { head, source, id } = exchange;
    const { strict, scheme, authenticator, context } = this.#options;
    const { payload, presigned, signed, requester } = caller;
    const headers = presigned ? presignedHeaders(head.headers, target.query, strict) : head.headers;
    const asked = { ...target, method: head.method, hasCopySource: headers.has('x-amz-copy-source') };
    const operation = requester.account === undefined ? operationOfNobody(asked) : operationOf(asked);
    const bucket = target.bucket ?? '';
    const grantsOf = (name: string) => context.store.bucketGrants(name);
    return {
      ...{ id, operation, query: target.query, headers, signed },
      rights: new Rights({ accounts: authenticator.accounts, requester, bucket, headers, grantsOf }),
      bucket,
      key: target.key ?? '',
      method: head.method,
      base: `${scheme}://${head.headers.get('host') ?? ''}`,
      receive: () => receive(source, { headers, payload }),
      document: (largest) =>
        receiveDocument(source, { headers, payload, largest, othersChecksum: operation === 'CompleteMultipartUpload' }),
    };
  }

  /** Where nobody signs, any web page could have a browser on this machine write here: one needs the leave of a CORS rule. */
  async #refuseForeignPages(call: Call): Promise<void> {
    if (call.method === 'GET' || call.method === 'HEAD' || !call.headers.has('origin')) return;
    const allowed = await this.#cors.headersFor(call.bucket, call.headers, call.method);
    if (allowed === undefined) {
      throw blobErrors.error('blob.access_denied', 'no CORS rule of the bucket lets a page of this origin write');
    }
  }

  async #send(exchange: Exchange, answer: Answer): Promise<void> {
    const { id, response, source, target, head } = exchange;
    const { slowPeers, metrics } = this.#options;
    const cors = head.headers.has('origin') && head.method !== 'OPTIONS';
    // No page can send that header; S3 answers other clients by it.
    const asked = head.headers.get('access-control-request-method') ?? head.method;
    const common: readonly HeaderField[] = [
      ['x-amz-request-id', id],
      ['x-amz-id-2', id],
      ...(source.mustClose() ? [['connection', 'close'] as const] : []),
      ...((cors && (await this.#cors.headersFor(target?.bucket, head.headers, asked))) || []),
    ];
    await send(response, { answer, common, slowPeers, onBytes: (count) => metrics.sent(count) });
  }

  #failure(exchange: Exchange, error: unknown): Answer {
    const { id, head, operation } = exchange;
    const wire = wireErrorOf(error);
    const { logger } = this.#options;
    // Without where it comes from: there may be many, and the log be on the same disk.
    if (wire.code === 'XMinioStorageFull')
      logger.warn({ why: messageOf(error), request_id: id, operation }, 'the disk is full');
    else if (wire.status >= 500 && wire.status !== 501)
      logger.error({ err: error, request_id: id, operation }, 'a request failed');
    else logger.debug({ request_id: id, operation, code: wire.code }, 'a request was refused');
    const evidence = evidenceOf(error);
    if (wire.status === 403 || evidence !== undefined) this.#keepRefusal(exchange, wire, evidence);
    const headers = errorFields(error);
    const hasNoBody = head.method === 'HEAD' || wire.status === 304;
    return { status: wire.status, headers, ...(!hasNoBody && { xml: errorDocument(wire, head.path, id) }) };
  }

  #keepRefusal({ id, head }: Exchange, { code, message }: WireError, evidence: SignatureEvidence | undefined): void {
    const { refusals, clock } = this.#options;
    refusals.keep({
      requestId: id,
      at: clock.now(),
      ...{ code, message, method: head.method, path: head.path },
      ...(evidence !== undefined && { evidence }),
    });
  }
}

/** What there is not is refused to nobody as all is that nothing grants. Error: `blob.access_denied`. */
function operationOfNobody(asked: OperationRequest): OperationName {
  try {
    return operationOf(asked);
  } catch (cause) {
    throw blobErrors.error('blob.access_denied', 'the request is not signed', { cause });
  }
}
