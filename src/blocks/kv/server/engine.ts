/**
 * Runs commands in turns, and tells how each turn ended.
 *
 *     command ──run──▶ the turn goes on ──finishTurn──▶ nothing │ wrote │ failed
 *
 * When the file cannot be written the whole turn is undone and all of its answers are errors, those of reads too, since they may have seen
 * what is no more. Writes are then refused for a moment without a try, so that reads go on.
 */
import type { Clock } from '../../../platform/clock.js';
import type { TaggedReply } from '../../../platform/protocol/resp/reply.js';
import type { Keyspace } from '../store/keyspace.js';
import { isLocked, isRefusal, isStorageFailure, isTooLarge, storageRefusal } from './refusals.js';

/** Milliseconds for which writes are refused after one has failed. */
const REFUSING_MS = 1_000;
/** The same where another process had the file to itself: as long as that was waited for, so that half of the time is left for reads. */
const LOCKED_MS = 250;

export type TurnEnd = 'nothing' | 'wrote' | TaggedReply;

export class Engine {
  /** Called when a turn has been committed. */
  onTurn: (() => void) | undefined;
  /** Called when a turn that had grown large was committed before its end: memory may be short. */
  onLargeTurn: (() => void) | undefined;
  /** Called once a command is over, within its turn: for those who wait for what it made. */
  onCommand: (() => void) | undefined;
  readonly keyspace: Keyspace;
  readonly #clock: Clock;
  #failure: TaggedReply | undefined;
  #refusal: TaggedReply | undefined;
  #refusingUntil = 0;
  /** What runs now is all that the open part of the turn has. */
  #apart = false;
  /** Something of this turn is committed already. */
  #wrote = false;
  /** Commands that run within another: EXEC's. */
  #depth = 0;

  constructor(keyspace: Keyspace, clock: Clock) {
    this.keyspace = keyspace;
    this.#clock = clock;
  }

  /**
   * Runs `work` in the present turn, and returns its answer, or the reply that tells why there is none. What `work` throws as a refusal
   * (`refusal` of errors.ts) is thrown on: nothing was changed then.
   */
  run<T>(mode: 'read' | 'write', work: () => T): T | TaggedReply {
    if (this.#failure !== undefined) return this.#failure;
    if (this.#depth > 0) return this.#nested(mode, work);
    if (mode === 'write' && this.#refusal !== undefined && this.#refusing) return this.#refusal;
    try {
      this.keyspace.enter(mode);
    } catch (error) {
      // A turn that was written in is past this point; nothing is lost.
      return this.#refuseWrites(error);
    }
    this.#depth++;
    try {
      const result = work();
      this.#depth--;
      this.#commandIsOver();
      return this.#failure ?? result;
    } catch (error) {
      this.#depth = 0;
      if (isRefusal(error)) throw error;
      if (mode === 'read' && this.keyspace.store.inTransaction) return storageRefusal(this.keyspace.explained(error));
      if (this.#apart && isTooLarge(error)) {
        this.keyspace.abandonTurn();
        return storageRefusal(error);
      }
      return this.abandon(this.keyspace.explained(error));
    }
  }

  /**
   * As {@link run}, apart from what the turn has done so far, which is committed first: that stays when this cannot, because it writes more
   * than a turn may, and what this sees is there for good.
   */
  runApart<T>(mode: 'read' | 'write', work: () => T): T | TaggedReply {
    if (this.#failure !== undefined) return this.#failure;
    try {
      this.#wrote = this.keyspace.endTurn() || this.#wrote;
    } catch (error) {
      return this.abandon(error);
    }
    this.#apart = true;
    try {
      return this.run(mode, work);
    } finally {
      this.#apart = false;
    }
  }

  /** Undoes the turn; all of its answers become this error. */
  abandon(error: unknown): TaggedReply {
    this.keyspace.abandonTurn();
    const reply = this.#refuseWrites(error);
    this.#failure = reply;
    return reply;
  }

  /** To be called once all commands of a turn were run. */
  finishTurn(): TurnEnd {
    const failure = this.#failure;
    const wroteBefore = this.#wrote;
    this.#wrote = false;
    this.#failure = undefined;
    if (failure !== undefined) return failure;
    try {
      const wrote = this.keyspace.endTurn() || wroteBefore;
      if (wrote) this.#refusal = undefined;
      this.onTurn?.();
      return wrote ? 'wrote' : 'nothing';
    } catch (error) {
      return this.#refuseWrites(error);
    }
  }

  #nested<T>(mode: 'read' | 'write', work: () => T): T {
    // All of a transaction has one time: what lives at its beginning lives to its end.
    if (mode === 'write' && !this.keyspace.writing) this.keyspace.enter(mode);
    return work();
  }

  #commandIsOver(): void {
    this.#serveWaiting();
    if (!this.keyspace.turnIsLarge) return;
    this.#wrote = this.keyspace.endTurn() || this.#wrote;
    this.onLargeTurn?.();
  }

  /** While the file cannot be written a read does not fail for those who wait: a later command serves them. */
  #serveWaiting(): void {
    if (!this.keyspace.writing && this.#refusing) return;
    try {
      this.onCommand?.();
    } catch (error) {
      const failure = this.keyspace.explained(error);
      if (this.keyspace.writing || !isStorageFailure(failure)) throw error;
      this.#refuseWrites(failure);
    }
  }

  get #refusing(): boolean {
    return this.#refusal !== undefined && this.#clock.monotonic() < this.#refusingUntil;
  }

  #refuseWrites(error: unknown): TaggedReply {
    const reply = storageRefusal(error);
    // What is wrong with one command is no reason to refuse others.
    if (!isStorageFailure(error)) return reply;
    this.#refusal = reply;
    this.#refusingUntil = this.#clock.monotonic() + (isLocked(error) ? LOCKED_MS : REFUSING_MS);
    return reply;
  }
}
