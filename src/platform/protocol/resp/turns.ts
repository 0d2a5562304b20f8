/**
 * Answers that leave when what they tell is durable: all that arrived in one turn of the event loop is worked off, the turn is ended once for
 * all connections, and what each of them was answered in it is sent when the end has settled.
 *
 *     connection   ──commands of turn 1──▶ writer ──sealed──▶ [batch 1: waits] ─▶ [batch 2: settled] ──in order──▶ socket
 */
import type { TaggedReply } from './reply.js';
import { type ByteSink, type Gathered, ReplyWriter, send } from './reply-writer.js';

export interface Turns {
  /**
   * All that arrived in one turn was worked off. False: its answers may leave now. True: `settled` is called later, with the reply that
   * takes the place of the turn's answers when it has failed.
   */
  end(settled: (failure?: TaggedReply) => void): boolean;
}

/** The end of a turn that answers of several connections wait for. */
export class TurnEnd {
  settled = false;
  failure: TaggedReply | undefined;
}

interface Batch {
  readonly gathered: Gathered;
  /** undefined: nothing to wait for. */
  readonly end: TurnEnd | undefined;
  readonly protocol: 2 | 3;
}

/** Batches of one connection, in order. */
export class SealedBatches {
  /** Bytes that wait. */
  bytes = 0;
  #batches: Batch[] = [];

  get empty(): boolean {
    return this.#batches.length === 0;
  }

  add(writer: ReplyWriter, end: TurnEnd | undefined): void {
    const gathered = writer.take();
    this.bytes += gathered.length;
    this.#batches.push({ gathered, end, protocol: writer.protocol });
  }

  /** Sends what may leave. */
  sendSettled(sink: ByteSink): void {
    let count = 0;
    for (const { gathered, end, protocol } of this.#batches) {
      if (end?.settled === false) break;
      this.bytes -= gathered.length;
      if (end?.failure === undefined) send(gathered, sink);
      else sendFailures(end.failure, gathered, protocol, sink);
      count++;
    }
    if (count > 0) this.#batches.splice(0, count);
  }
}

function sendFailures(failure: TaggedReply, { replies, standing }: Gathered, protocol: 2 | 3, sink: ByteSink): void {
  const writer = new ReplyWriter();
  writer.protocol = protocol;
  for (let i = 0; i < replies; i++) writer.write(standing?.get(i) ?? failure);
  writer.flush(sink);
}
