/**
 * Bodies on their way in, as the thread that receives them sees them: pieces are copied into slabs, full slabs go to the ingest.
 *
 *     piece, piece … ──copy──▶ slab ──full──▶ ingest ──looked at──▶ free, or held for the chunk that grows
 *
 * Memory is bounded, and nobody waits for ever: where no slab is free and none is about to be, all bodies hand over what they have, and the chunks
 * that grow are ended where they are. So a body that comes slowly, or never goes on, keeps no memory that others need.
 */
import { createHash } from 'node:crypto';
import type { Random } from '../../../../platform/clock.js';
import { closedError } from '../../../../platform/store/errors.js';
import type { Body } from '../../object-types.js';
import type { StageOptions } from '../contents.js';
import type { Reserve } from '../reserve.js';
import { BodyBounds } from './body-bounds.js';
import type { IngestPort, PortEvents } from './port.js';
import { Shortage } from './shortage.js';
import { MOST_SLABS, SlabPool } from './slab-pool.js';
import { StagedBody } from './staged-body.js';

/**
 * Largest body that becomes a row of the database file, bytes. A row is written twice, to the log and to the file, but flushed together with
 * its object, where a pack has a flush of its own. Durable puts a second of 16 connections, as rows and in packs, on a machine with other work:
 * 16 KB 2,430 and 500, 32 KB 750 and 540, 64 KB 620 and 460, 96 KB 390 and 430, 128 KB 300 and 440.
 */
export const INLINE_LIMIT = 64 * 1024;
/** Slabs of one body that may wait to be looked at; more only leave the cache. */
const MOST_UNPROCESSED = 6;

/** One body. */
interface Incoming {
  readonly name: string;
  /** The ingest knows of it. */
  begun: boolean;
  slab: ArrayBuffer | undefined;
  filled: number;
  /** Slabs that the ingest has not looked at. */
  unprocessed: number;
  onProcessed: (() => void) | undefined;
  failure: { readonly error: unknown } | undefined;
}

export interface StagerOptions {
  readonly path: string;
  readonly random: Random;
  readonly reserve: Reserve;
  readonly openPort: (events: PortEvents) => Promise<IngestPort>;
  /** Default {@link MOST_SLABS}. */
  readonly mostSlabs?: number;
}

export class Stager {
  readonly #options: StagerOptions;
  readonly #pool: SlabPool;
  readonly #incoming = new Map<string, Incoming>();
  #port: Promise<IngestPort> | undefined;
  /** Of all bodies. */
  #unprocessed = 0;
  #staging = 0;
  readonly #shortage: Shortage;
  #closed = false;

  constructor(options: StagerOptions) {
    this.#options = options;
    this.#pool = new SlabPool(options.mostSlabs ?? MOST_SLABS);
    this.#shortage = new Shortage(this.#pool, () => this.#unprocessed > 0);
  }

  get staging(): number {
    return this.#staging;
  }

  async stage(body: Body, options: StageOptions): Promise<StagedBody> {
    if (this.#closed) throw closedError(this.#options.path);
    this.#staging++;
    try {
      const bounds = new BodyBounds(options);
      const { size, mayBeInline = true } = options;
      if (mayBeInline && size !== undefined && size <= INLINE_LIMIT) return await stageSmall(body, size, bounds);
      return await this.#stageLarge(body, bounds, mayBeInline);
    } finally {
      this.#staging--;
    }
  }

  /** The ingest may forget about it, since it is in rows. */
  settle(staged: StagedBody): void {
    const { ingested } = staged;
    // A pack that could not be sealed now is sealed by gc, once this process has ended.
    if (ingested !== undefined) this.#port?.then((port) => port.settle(ingested.upload)).catch(() => {});
  }

  discard(staged: StagedBody): void {
    const { ingested } = staged;
    if (ingested === undefined) return;
    this.#port?.then((port) => discardQuietly(port, ingested.upload, ingested.writerId)).catch(() => {});
  }

  /** See {@link IngestPort.retireGarbage}. */
  async retireGarbage(): Promise<void> {
    const port = await this.#port?.catch(() => undefined);
    await port?.retireGarbage();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const closed = closedError(this.#options.path);
    for (const incoming of this.#incoming.values()) this.#fail(incoming, closed);
    const port = await this.#port?.catch(() => undefined);
    await port?.close();
    this.#pool.clear(closed);
  }

  async #stageLarge(body: Body, bounds: BodyBounds, mayBeInline: boolean): Promise<StagedBody> {
    // Before it is received in vain.
    this.#options.reserve.require();
    const port = await this.#openPort();
    const incoming = newIncoming(Buffer.from(this.#options.random.bytes(12)).toString('hex'));
    this.#incoming.set(incoming.name, incoming);
    try {
      // Here, and not in the ingest, which has the longer half of the work as it is.
      const md5 = createHash('md5');
      for await (const piece of body) {
        bounds.add(piece.length);
        md5.update(piece);
        await this.#take(port, incoming, piece);
      }
      bounds.end();
      if (mayBeInline && !incoming.begun && bounds.arrived <= INLINE_LIMIT) return inlineOf(incoming);
      this.#handOver(port, incoming);
      if (incoming.failure !== undefined) throw incoming.failure.error;
      const ingested = await port.end(incoming.name);
      return new StagedBody(ingested.size, md5.digest('hex'), ingested);
    } catch (error) {
      if (incoming.begun) discardQuietly(port, incoming.name, undefined);
      throw error;
    } finally {
      this.#incoming.delete(incoming.name);
      if (incoming.slab !== undefined) this.#pool.put(incoming.slab);
    }
  }

  /** The one that there is, or another one where its thread has died. */
  async #openPort(): Promise<IngestPort> {
    if (this.#closed) throw closedError(this.#options.path);
    this.#port ??= this.#options.openPort(this.#events());
    const opening = this.#port;
    try {
      const port = await opening;
      if (port.broken !== true) return port;
    } catch (error) {
      if (this.#port === opening) this.#port = undefined;
      throw error;
    }
    if (this.#port === opening) this.#port = undefined;
    return this.#openPort();
  }

  #events(): PortEvents {
    return {
      freed: (slab) => this.#pool.put(slab),
      processed: (name) => this.#processed(name),
      failed: (name, error) => {
        const incoming = this.#incoming.get(name);
        if (incoming !== undefined) this.#fail(incoming, error);
      },
    };
  }

  async #take(port: IngestPort, incoming: Incoming, piece: Uint8Array): Promise<void> {
    for (let from = 0; from < piece.length; ) {
      if (incoming.failure !== undefined) throw incoming.failure.error;
      if (incoming.slab === undefined) await this.#newSlab(port, incoming);
      const slab = incoming.slab;
      if (slab === undefined) continue;
      const count = Math.min(piece.length - from, slab.byteLength - incoming.filled);
      new Uint8Array(slab, incoming.filled, count).set(piece.subarray(from, from + count));
      incoming.filled += count;
      from += count;
      if (incoming.filled === slab.byteLength) this.#handOver(port, incoming);
    }
  }

  async #newSlab(port: IngestPort, incoming: Incoming): Promise<void> {
    if (incoming.unprocessed >= MOST_UNPROCESSED) {
      await new Promise<void>((resolve) => {
        incoming.onProcessed = resolve;
      });
    }
    let slab = this.#pool.take();
    if (slab === undefined) {
      const waiting = this.#pool.wait();
      this.#shortage.watch(() => this.#relieve(port));
      slab = await waiting;
    }
    incoming.slab = slab;
  }

  #handOver(port: IngestPort, incoming: Incoming): void {
    if (!incoming.begun) port.begin(incoming.name);
    incoming.begun = true;
    const { slab, filled } = incoming;
    if (slab === undefined) return;
    incoming.slab = undefined;
    incoming.filled = 0;
    incoming.unprocessed++;
    this.#unprocessed++;
    port.write(incoming.name, slab, filled);
  }

  #processed(name: string | undefined): void {
    this.#unprocessed--;
    const incoming = name === undefined ? undefined : this.#incoming.get(name);
    if (incoming !== undefined) {
      incoming.unprocessed--;
      incoming.onProcessed?.();
      incoming.onProcessed = undefined;
    }
    void this.#port?.then((port) => this.#shortage.watch(() => this.#relieve(port))).catch(() => {});
  }

  #relieve(port: IngestPort): void {
    for (const incoming of this.#incoming.values()) {
      try {
        if (incoming.filled > 0 && incoming.failure === undefined) this.#handOver(port, incoming);
      } catch (error) {
        this.#fail(incoming, error);
      }
    }
    this.#unprocessed++;
    port.cutAll();
  }

  #fail(incoming: Incoming, error: unknown): void {
    incoming.failure ??= { error };
    incoming.onProcessed?.();
    incoming.onProcessed = undefined;
  }
}

/** Holds that cannot be let go of now are the business of gc, once this process has ended. */
function discardQuietly(port: IngestPort, name: string, writerId: number | undefined): void {
  try {
    port.discard(name, writerId);
  } catch {
    // See above.
  }
}

function newIncoming(name: string): Incoming {
  return { name, begun: false, slab: undefined, filled: 0, unprocessed: 0, onProcessed: undefined, failure: undefined };
}

/** A copy: the slab goes to others. */
function inlineOf({ slab, filled }: Incoming): StagedBody {
  return inline(new Uint8Array(slab?.slice(0, filled) ?? new ArrayBuffer(0)));
}

async function stageSmall(body: Body, size: number, bounds: BodyBounds): Promise<StagedBody> {
  const bytes = Buffer.allocUnsafe(size);
  for await (const piece of body) {
    const at = bounds.arrived;
    bounds.add(piece.length);
    bytes.set(piece, at);
  }
  bounds.end();
  return inline(bytes);
}

function inline(bytes: Uint8Array): StagedBody {
  return new StagedBody(bytes.length, createHash('md5').update(bytes).digest('hex'), bytes);
}
