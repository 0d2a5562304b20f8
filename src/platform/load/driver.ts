/**
 * What a load is made of, whatever the protocol: a Driver opens links to one target, a Link sends requests and tells what
 * became of each. run.ts decides when.
 *
 *     run ── send() … send(), flush() ──▶ Link ── bytes ──▶ target
 *     run ◀── answered(code) … answered(code), ready() ── Link ◀── bytes ── target
 *                                        (one of them for each chunk that came, so that requests leave together, too)
 *
 * Answers come in the order of the requests, or in any order: then each request has a place, a small number that is its own
 * while it is under way, and its answer names it. Whatever is under way on a link that fails, fails with it.
 */

/** Why a request has no answer. */
export type FailureKind = (typeof failureKinds)[number];
export const failureKinds = [
  /** Nobody listens there. */
  'refused',
  /** The connection ended before the answer did. */
  'reset',
  /** No whole answer in time. */
  'timeout',
  /** What came is no answer of the protocol. */
  'malformed',
  /** No connection for another reason: no route, no name, no port left, no TLS. */
  'unreachable',
] as const;

/** What a link tells. Instants are those of the run's monotonic clock, ms: one reading for all that came together. */
export interface LinkEvents {
  answered(code: number, at: number): void;
  /** Everything under way on the link is lost. It can be used again at once: it reconnects. */
  failed(kind: FailureKind, message: string, at: number): void;
  /** After one or more of the above: the link can take more. */
  ready(at: number): void;
}

export interface Link {
  /** Resolves when there is a connection, or when it turned out that there will be none; that is not told as a failure. */
  open(): Promise<void>;
  /** Adds a request, to leave with the next flush(). Connects where there is no connection. */
  send(): void;
  flush(): void;
  /** Gives up on what is under way, as a failure of this kind. */
  abort(kind: FailureKind, message: string): void;
  /** Without telling anything more. */
  close(): void;
}

/** What a link tells whose answers come in any order. */
export interface PlacedLinkEvents extends Pick<LinkEvents, 'failed' | 'ready'> {
  answered(place: number, code: number, at: number): void;
}

export interface PlacedLink extends Omit<Link, 'send'> {
  /** `place` is from 0 to pipeline - 1. */
  send(place: number): void;
  /** Its answer, should it still come, is nobody's; the place is free for another request. */
  giveUp(place: number): void;
}

/** Answers in the order of the requests. */
export interface OrderedDriver extends CommonDriver {
  readonly anyOrder?: false;
  link(events: LinkEvents): Link;
}

/** Answers in any order; one that is late is lost by itself. */
export interface PlacedDriver extends CommonDriver {
  readonly anyOrder: true;
  link(events: PlacedLinkEvents): PlacedLink;
}

export type Driver = OrderedDriver | PlacedDriver;

interface CommonDriver {
  /** For people, without credentials. */
  readonly target: string;
  /** Requests that may be under way on one link. */
  readonly pipeline: number;
  /** Counted by the links as they go; the first request's connection included. */
  readonly bytes: { sent: number; received: number };
  /** Kinds of answers, for plots over time: `2xx`, `limited`. */
  readonly classes: readonly AnswerClass[];
  /** Codes are whole numbers below MOST_CODES; `404`, `limited`. */
  label(code: number): string;
  /** Index into `classes`. */
  classOf(code: number): number;
  /** What the first answer that is an error said; the protocol's own text. */
  readonly firstError?: string | undefined;
  /** Finds the target and connects once, or asks it once. Errors: of kind `peer`. */
  prepare(signal: AbortSignal): Promise<void>;
}

export interface AnswerClass {
  readonly name: string;
  /** Whether an answer of this class is what one hopes for. */
  readonly tone: 'good' | 'attention' | 'wrong';
}

/** Codes that drivers may give to answers: HTTP has up to 999. */
export const MOST_CODES = 1000;
