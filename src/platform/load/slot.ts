/** A place for requests: one link, and when what is under way on it was to start and did. */
import type { FailureKind, Link, PlacedLink } from './driver.js';

export interface SlotOwner {
  answered(code: number, intendedAt: number, sentAt: number, at: number): void;
  failed(kind: FailureKind, message: string, intendedAt: number, at: number): void;
  ready(slot: Slot, failure: FailureKind | undefined, at: number): void;
}

export interface Slot {
  readonly link: Link | PlacedLink;
  readonly hasRoom: boolean;
  /** Kept by the owner: whether it is in the list of those that can take a request. */
  listed: boolean;
  /** Kept by the owner: whether it has requests that were not flushed. */
  touched: boolean;
  send(intendedAt: number, at: number): void;
  /** Gives up what was sent longer ago than that: as it has to be, all that is under way on the link. */
  expire(now: number, timeoutMs: number): void;
}

export function lateMessage(timeoutMs: number): string {
  return `no answer within ${timeoutMs} ms`;
}
