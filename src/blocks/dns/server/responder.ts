/**
 * The engine behind its finished answers. Once in a turn of the event loop, before the first answer of it, the file is asked
 * whether another process has written: then all that was finished is forgotten. (A look takes 4 µs; a turn reads up to 32
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
  /** Whether the client is one of those for whom the engine forwards: others get other answers to the same octets. */
  readonly isServed: (client: Client) => boolean;
}

export class Responder implements Handler {
  readonly #parts: ResponderParts;
  /** UDP and streams have different limits of size; who is forwarded for and who is not get different answers. */
  readonly #hot = {
    udp: { served: new HotAnswers(), others: new HotAnswers() },
    stream: { served: new HotAnswers(), others: new HotAnswers() },
  } as const;
  #now = 0;
  #inTurn = false;
  #version = Number.NaN;

  constructor(parts: ResponderParts) {
    this.#parts = parts;
  }

  get hotAnswers(): number {
    return this.#all.reduce((sum, { size }) => sum + size, 0);
  }

  /** Forgets all finished answers. */
  clear(): void {
    for (const hot of this.#all) hot.clear();
  }

  answer(query: Buffer, client: Client): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const { counts, engine, isServed } = this.#parts;
    if (!this.#inTurn) this.#beginTurn();
    counts.queries[client.transport]++;
    const hot = this.#hot[client.transport === 'udp' ? 'udp' : 'stream'][isServed(client) ? 'served' : 'others'];
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

  get #all(): readonly HotAnswers[] {
    const { udp, stream } = this.#hot;
    return [udp.served, udp.others, stream.served, stream.others];
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
    const version = this.#readVersion();
    if (version === this.#version) return;
    this.#version = version;
    this.clear();
  }

  /**
   * NaN, which is no version, while the file cannot be read: then nothing is kept, and the engine, which meets the same error,
   * says SERVFAIL.
   */
  #readVersion(): number {
    try {
      return this.#parts.version();
    } catch {
      return Number.NaN;
    }
  }
}
