/**
 * From a query's octets to the response's:
 *
 *     octets ─ no header, or a response ─────────────────────────▶ nothing
 *            ─ broken ───────────────────────────────────────────▶ FORMERR
 *            ─ NOTIFY ──────────────▶ secondaries
 *            ─ QUERY ─ in a zone here ─ lookup() ────────────────▶ authoritative answer
 *                    │                   └ CNAME leads away ─┐
 *                    └ elsewhere, RD, may be forwarded ──────┴───▶ forwarder ──▶ answer with RA
 *                    └ else ─────────────────────────────────────▶ REFUSED
 *            ─ any other opcode ─────────────────────────────────▶ NOTIMP
 */

import type { Logger } from 'pino';
import type { Clock } from '../../../platform/clock.js';
import { DsError, messageOf } from '../../../platform/errors.js';
import { ExtendedErrorCode } from '../edns-options.js';
import type { Question, RRset } from '../record.js';
import { readUint16 } from '../wire/octets.js';
import {
  HEADER_OCTETS,
  isMetaType,
  type Message,
  makeMessage,
  Opcode,
  Rcode,
  RRClass,
  RRType,
  readMessage,
  writeMessage,
} from '../wire.js';
import { type LookupResult, lookup } from '../zone/lookup.js';
import type { ZoneSet } from '../zone/zone-data.js';
import type { AccessList } from './access.js';
import type { Client } from './client.js';
import {
  authoritative,
  type Content,
  continued,
  plain,
  refused,
  resolved,
  type TransferAnswer,
  unavailable,
  whole,
} from './content.js';
import type { AnswerCount, DnsCounts } from './counts.js';
import type { Forwarder, Resolution } from './forward/forwarder.js';
import { ZoneUnavailable } from './unavailable.js';
import { writeReply } from './write-reply.js';

/** A response, and for how long the same query may be answered with it. */
export interface Reply {
  readonly wire: Uint8Array;
  readonly counter: AnswerCount;
  /**
   * Milliseconds from now; Infinity: as long as the zones stay as they are; 0: never again. TTLs count down when it is
   * finite.
   */
  readonly holdsMs: number;
}

/** Zone transfers and their notifications, where there are any to give or to take. */
export interface Transfers {
  /** Answers a NOTIFY (RFC 1996). */
  notified(query: Message, client: Client): TransferAnswer;
  /** The answer to AXFR or IXFR that is one message: a refusal, or SOA alone. Undefined: transfer() has to be used. */
  single(query: Message, client: Client): TransferAnswer | undefined;
  /** Messages of a transfer, in order; only over streams. */
  transfer(query: Message, client: Client): AsyncIterable<Uint8Array>;
}

/** All zones that are served, whatever keeps them. */
export interface ZoneSource {
  /** Runs look-ups that all see one state. Error, of find(): {@link ZoneUnavailable}. */
  reading<T>(work: (zones: ZoneSet) => T): T;
}

export interface EngineParts {
  readonly zones: ZoneSource;
  /** Chooses among targets by their health (service discovery). */
  readonly select?: (set: RRset) => { readonly set: RRset; readonly why: string } | undefined;
  readonly forwarder?: Pick<Forwarder, 'cached' | 'resolve'>;
  readonly transfers?: Transfers;
  readonly mayForward: AccessList;
  readonly nsid: Buffer | undefined;
  readonly counts: DnsCounts;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Milliseconds between two lines of the log about queries that failed. */
const TELL_EVERY_MS = 10_000;

export class Engine {
  readonly #parts: EngineParts;
  #toldAt = Number.NEGATIVE_INFINITY;
  #untold = 0;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  /** Undefined: no response at all. Never rejects and never throws. */
  answer(bytes: Uint8Array, client: Client): Reply | undefined | Promise<Reply | undefined> {
    const { counts } = this.#parts;
    if (bytes.length < HEADER_OCTETS || (bytes[2] ?? 0) >= 0x80) {
      counts.dropped++;
      return undefined;
    }
    let query: Message;
    try {
      query = readMessage(bytes);
    } catch {
      counts.malformed++;
      return this.#formatError(bytes);
    }
    try {
      const content = this.#content(query, client);
      if (!(content instanceof Promise)) return this.#reply(query, client, content);
      return content
        .then((settled) => this.#reply(query, client, settled))
        .catch((error: unknown) => this.#failed(query, client, error));
    } catch (error) {
      return this.#failed(query, client, error);
    }
  }

  /** The messages of a zone transfer, when the query asks for one that takes a stream. Never throws: answer() says what failed. */
  transfer(bytes: Uint8Array, client: Client): AsyncIterable<Uint8Array> | undefined {
    const { transfers } = this.#parts;
    if (transfers === undefined || !asksForTransfer(bytes)) return undefined;
    try {
      const query = readMessage(bytes);
      const [question] = query.questions;
      if (query.opcode !== Opcode.QUERY || query.questions.length !== 1) return undefined;
      if (transfers.single(query, client) !== undefined) return undefined;
      this.#parts.counts.answer(question?.type, Rcode.NOERROR, 'zone').count++;
      return transfers.transfer(query, client);
    } catch {
      return undefined;
    }
  }

  #content(query: Message, client: Client): Content | Promise<Content> {
    if ((query.edns?.version ?? 0) > 0) return plain({ rcode: Rcode.BADVERS });
    const { transfers } = this.#parts;
    if (query.opcode === Opcode.NOTIFY && transfers !== undefined) return whole(transfers.notified(query, client));
    if (query.opcode !== Opcode.QUERY) return plain({ rcode: Rcode.NOTIMP });
    const [question] = query.questions;
    if (question === undefined || query.questions.length > 1) return plain({ rcode: Rcode.FORMERR });
    if (question.type === RRType.AXFR || question.type === RRType.IXFR) {
      return whole(transfers?.single(query, client) ?? { parts: { rcode: Rcode.REFUSED } });
    }
    if (isMetaType(question.type) && question.type !== RRType.ANY) return plain({ rcode: Rcode.NOTIMP });
    if (question.class !== RRClass.IN) {
      return refused(ExtendedErrorCode.NOT_SUPPORTED, 'only class IN is served');
    }
    return this.#lookUp(query, question, client);
  }

  #lookUp(query: Message, question: Question, client: Client): Content | Promise<Content> {
    const found = this.#find(question);
    if (found instanceof ZoneUnavailable) return unavailable(found);
    if (found === undefined) return this.#elsewhere(query, question, client);
    const own = authoritative(found);
    if (found.continuesAt === undefined || !this.#forwards(query, client)) return own;
    return this.#forwarded(query, { ...question, name: found.continuesAt }, (resolution) =>
      continued(own, found, resolution, this.#parts.clock.now()),
    );
  }

  #find(question: Question): LookupResult | ZoneUnavailable | undefined {
    const { zones, select } = this.#parts;
    const options = select === undefined ? {} : { select };
    try {
      return zones.reading((all) => lookup(all, question, options));
    } catch (error) {
      if (error instanceof ZoneUnavailable) return error;
      throw error;
    }
  }

  #forwards(query: Message, client: Client): boolean {
    const { forwarder, mayForward } = this.#parts;
    return forwarder !== undefined && query.recursionDesired && mayForward.allows(client.address);
  }

  #elsewhere(query: Message, question: Question, client: Client): Content | Promise<Content> {
    const { forwarder, mayForward, clock } = this.#parts;
    if (forwarder === undefined) return refused(ExtendedErrorCode.NOT_AUTHORITATIVE, 'no zone here has this name');
    if (!mayForward.allows(client.address)) {
      return refused(ExtendedErrorCode.PROHIBITED, 'this server does not forward for this address: --allow-forward');
    }
    if (!query.recursionDesired) {
      return refused(
        ExtendedErrorCode.NOT_AUTHORITATIVE,
        'no zone here has this name, and recursion was not asked for',
      );
    }
    return this.#forwarded(query, question, (resolution) => resolved(resolution, clock.now()));
  }

  #forwarded(query: Message, question: Question, use: (resolution: Resolution) => Content): Content | Promise<Content> {
    const { forwarder } = this.#parts;
    if (forwarder === undefined) throw new Error('nothing is forwarded without a forwarder');
    const options = { checkingDisabled: query.checkingDisabled, dnssecOk: query.edns?.dnssecOk ?? false };
    const cached = forwarder.cached(question, options);
    if (cached !== undefined) return use(cached);
    return forwarder.resolve(question, options).then(use);
  }

  #reply(query: Message, client: Client, { parts, source, holdsMs, errors }: Content): Reply {
    const { counts, nsid, forwarder } = this.#parts;
    const recursionAvailable = forwarder !== undefined && this.#parts.mayForward.allows(client.address);
    const wire = writeReply(query, client, { recursionAvailable, ...parts }, { nsid, errors });
    if (((wire[2] ?? 0) & 2) !== 0) counts.truncated++;
    const counter = counts.answer(query.questions[0]?.type, parts.rcode ?? Rcode.NOERROR, source);
    counter.count++;
    return { wire, counter, holdsMs };
  }

  #failed(query: Message, client: Client, error: unknown): Reply {
    this.#tell(error);
    const text = error instanceof DsError ? error.code : messageOf(error);
    const errors = [{ code: ExtendedErrorCode.OTHER, text }];
    return this.#reply(query, client, { parts: { rcode: Rcode.SERVFAIL }, source: 'refused', holdsMs: 0, errors });
  }

  /** A file that cannot be read fails every query: one line tells it for a while. */
  #tell(error: unknown): void {
    const now = this.#parts.clock.monotonic();
    this.#untold++;
    if (now - this.#toldAt < TELL_EVERY_MS) return;
    this.#parts.logger.error({ err: error, queries: this.#untold }, 'queries could not be answered');
    this.#toldAt = now;
    this.#untold = 0;
  }

  /** Of what cannot be read only id and opcode are taken over. */
  #formatError(bytes: Uint8Array): Reply {
    const id = readUint16(bytes, 0);
    const opcode = ((bytes[2] ?? 0) >>> 3) & 15;
    const wire = writeMessage(makeMessage({ id, opcode, response: true, rcode: Rcode.FORMERR }));
    const counter = this.#parts.counts.answer(undefined, Rcode.FORMERR, 'refused');
    counter.count++;
    return { wire, counter, holdsMs: 0 };
  }
}

/** By the type of the only question, without reading the message: each query of a stream is looked at. */
function asksForTransfer(bytes: Uint8Array): boolean {
  let at = HEADER_OCTETS;
  while ((bytes[at] ?? 0) > 0 && at < bytes.length) at += (bytes[at] ?? 0) + 1;
  const type = readUint16(bytes, at + 1);
  return type === RRType.AXFR || type === RRType.IXFR;
}
