/** The sequencer of a `ds seq serve`: every call is one command, in the form that wire.ts defines. */
import type { WireCommand } from '../../../platform/protocol/resp/wire-command.js';
import { call, send } from '../../../platform/protocol/resp-client/call.js';
import type { RemoteConnection } from '../../../platform/protocol/resp-client/connection.js';
import { readBigint } from '../../../platform/protocol/resp-client/values.js';
import { checkCount, checkName } from '../rules/tickets.js';
import {
  type HybridClock,
  type LeaseKey,
  MACHINES_CLOCK_SKEW_MS,
  type Sequencer,
  type Tickets,
  type WorkerRegistry,
} from '../sequencer.js';
import { seqWire } from '../wire.js';

export class DaemonSequencer implements Sequencer {
  readonly workers: WorkerRegistry;
  readonly tickets: Tickets;
  readonly hlc: HybridClock;
  readonly #connection: RemoteConnection;

  constructor(connection: RemoteConnection) {
    this.#connection = connection;
    this.workers = this.#makeWorkers();
    this.tickets = this.#makeTickets();
    this.hlc = {
      tick: () => this.#call(seqWire.hlc, {}),
      merge: (remote, maxDriftMs) => this.#call(seqWire.hlc, { merge: { remote, maxDriftMs } }),
    };
  }

  /** IDs that the daemon makes, with its own workers. Format: as `ds seq next --format`, default the layout's usual. */
  next(layout: string, count: number, format?: string): Promise<string[]> {
    return this.#call(seqWire.next, { layout, count, ...(format === undefined ? {} : { format }) });
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  #call<Request, Result>(command: WireCommand<Request, Result>, request: Request): Promise<Result> {
    return call(this.#connection, command, request);
  }

  #makeWorkers(): WorkerRegistry {
    return {
      clockSkewMs: MACHINES_CLOCK_SKEW_MS,
      lease: (request) => this.#call(seqWire.lease, request),
      renew: ({ space, worker, token }, request) => this.#call(seqWire.renew, { space, worker, token, ...request }),
      release: ({ space, worker, token }: LeaseKey, usedUntil) =>
        this.#call(seqWire.release, { space, worker, token, ...(usedUntil === undefined ? {} : { usedUntil }) }),
      list: (space) => this.#call(seqWire.workers, space === undefined ? {} : { space }),
    };
  }

  #makeTickets(): Tickets {
    return {
      take: async (name, count) => {
        checkName(name);
        checkCount(count);
        const last = readBigint(await send(this.#connection, ['INCRBY', name, count.toString()]), 'INCRBY');
        return { first: last - count + 1n, last };
      },
      current: async (name) => {
        checkName(name);
        const reply = await send(this.#connection, ['GET', name]);
        return reply === null ? undefined : readBigint(reply, 'GET');
      },
      reserve: async (name, request) => this.#call(seqWire.reserve, { name, ...request }),
      commit: (ticket) => this.#call(seqWire.commit, ticket),
      abort: (ticket) => this.#call(seqWire.abort, ticket),
      holes: (name) => this.#call(seqWire.holes, { name }),
      list: () => this.#call(seqWire.tickets, {}),
    };
  }
}
