/** The sequencer of a `ds seq serve`: every call is one command, in the form that wire.ts defines. */

import { peerErrors } from '../../../platform/protocol/errors.js';
import { ErrorReply, type RemoteConnection } from '../../../platform/protocol/resp-client/connection.js';
import { readBigint } from '../../../platform/protocol/resp-client/values.js';
import { checkCount, checkName } from '../rules/tickets.js';
import {
  type HybridClock,
  type LeaseKey,
  MACHINES_CLOCK_SKEW_MS,
  type Sequencer,
  type TicketKey,
  type Tickets,
  type WorkerRegistry,
} from '../sequencer.js';
import { seqWire, type WireCommand } from '../wire.js';

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

  async #call<Request, Result>(command: WireCommand<Request, Result>, request: Request): Promise<Result> {
    return command.decodeResult(await this.#send([command.name, ...command.encodeRequest(request)]));
  }

  #send(args: readonly string[]) {
    return this.#connection.send(args).catch((failure: unknown) => {
      if (!(failure instanceof ErrorReply)) throw failure;
      throw peerErrors.error('peer.refused', `${this.#connection.address} refused ${args[0]}: ${failure.message}`);
    });
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
    const call = <Result>(command: WireCommand<TicketKey, Result>, ticket: TicketKey) => this.#call(command, ticket);
    return {
      take: async (name, count) => {
        checkName(name);
        checkCount(count);
        const last = readBigint(await this.#send(['INCRBY', name, count.toString()]), 'INCRBY');
        return { first: last - count + 1n, last };
      },
      current: async (name) => {
        checkName(name);
        const reply = await this.#send(['GET', name]);
        return reply === null ? undefined : readBigint(reply, 'GET');
      },
      reserve: async (name, request) => this.#call(seqWire.reserve, { name, ...request }),
      commit: (ticket) => call(seqWire.commit, ticket),
      abort: (ticket) => call(seqWire.abort, ticket),
      holes: (name) => this.#call(seqWire.holes, { name }),
      list: () => this.#call(seqWire.tickets, {}),
    };
  }
}
