/**
 * The engine behind its finished answers. Once in a turn of the event loop, before the first answer of it, the file is asked
 * whether another process has written: then all that was finished is forgotten. (A look takes 2 µs; a turn reads up to 32
 * packets.)
 */
import type { Clock } from '../../../platform/clock.js';
import type { Client } from './client.js';
import type { DnsCounts } from './counts.js';
import type { Engine, Reply } from './engine.js';
import type { Handler } from './handler.js';
import { HotAnswers } from './hot-answers.js';

export interface ResponderParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly counts: DnsCounts;
  /** A number that changes when zones may have: by this process or another one. */
  readonly version: () => number;
}

export class Responder implements Handler {
  readonly #parts: ResponderParts;
  /** UDP and streams have different limits of size. */
  readonly #hotUdp = new HotAnswers();
  readonly #hotStream = new HotAnswers();
  #now = 0;
  #inTurn = false;
  #version = Number.NaN;

  constructor(parts: ResponderParts) {
    this.#parts = parts;
  }

  get hotAnswers(): number {
    return this.#hotUdp.size + this.#hotStream.size;
  }

  /** Forgets all finished answers. */
  clear(): void {
    this.#hotUdp.clear();
    this.#hotStream.clear();
  }

  answer(query: Buffer, client: Client): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const { counts, engine } = this.#parts;
    if (!this.#inTurn) this.#beginTurn();
    counts.queries[client.transport]++;
    const hot = client.transport === 'udp' ? this.#hotUdp : this.#hotStream;
    const finished = hot.find(query, this.#now);
    if (finished !== undefined) {
      counts.hot++;
      return finished;
    }
    const version = this.#version;
    const reply = engine.answer(query, client);
    if (!(reply instanceof Promise)) return this.#keep(hot, query, reply, version);
    return reply.then((settled) => this.#keep(hot, query, settled, version));
  }

  transfer(query: Buffer, client: Client): AsyncIterable<Uint8Array> | undefined {
    return this.#parts.engine.transfer(query, client);
  }

  #keep(hot: HotAnswers, query: Buffer, reply: Reply | undefined, version: number): Uint8Array | undefined {
    if (reply === undefined) return undefined;
    const { wire, counter, holdsMs } = reply;
    // What was found out before the zones changed is not kept after it.
    if (holdsMs > 0 && version === this.#version) {
      const now = this.#parts.clock.monotonic();
      hot.keep(query, wire, now, { until: now + holdsMs, ages: Number.isFinite(holdsMs), counter });
    }
    return wire;
  }

  #beginTurn(): void {
    this.#inTurn = true;
    setImmediate(() => {
      this.#inTurn = false;
    });
    this.#now = this.#parts.clock.monotonic();
    const version = this.#parts.version();
    if (version === this.#version) return;
    this.#version = version;
    this.clear();
  }
}
