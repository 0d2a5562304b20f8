/**
 * The commands of the RESP port. Tickets are Redis's own INCR, INCRBY and GET, so that every Redis client can take them;
 * the rest has the wire form of wire.ts.
 */
import { isUtf8 } from 'node:buffer';
import { timedCommand } from '../../../platform/daemon/timing.js';
import { error, notAnInteger, type Reply, type RespCommand, raw } from '../../../platform/protocol/resp/index.js';
import { served } from '../../../platform/protocol/resp/wire-command.js';
import { renderBulkStrings } from '../batch.js';
import { seqErrors } from '../errors.js';
import { MAX_COUNT } from '../rules/tickets.js';
import type { TicketRange } from '../sequencer.js';
import { seqWire } from '../wire.js';
import { checkCount, MOST_IDS, makeIds, readFormat, type SeqEngine } from './engine.js';
import { IdRequests } from './id-requests.js';

export function respCommands(engine: SeqEngine): RespCommand[] {
  const { clock, metrics } = engine;
  return [...ticketCommands(engine), nextCommand(engine), ...storeCommands(engine)].map((command) =>
    timedCommand(command, clock, metrics.latency(command.name.toLowerCase())),
  );
}

function ticketCommands(engine: SeqEngine): RespCommand[] {
  return [
    {
      name: 'INCR',
      arity: 2,
      flags: ['write', 'denyoom', 'fast'],
      firstKey: 1,
      summary: 'Takes the next number of a sequence.',
      handle: (_connection, [name]) => take(engine, readName(name), 1n),
    },
    {
      name: 'INCRBY',
      arity: 3,
      flags: ['write', 'denyoom', 'fast'],
      firstKey: 1,
      summary: 'Takes so many consecutive numbers of a sequence; answers the highest.',
      handle(_connection, [name, increment]) {
        const text = increment?.toString('latin1') ?? '';
        const count = /^-?(?:0|[1-9]\d{0,18})$/.test(text) ? BigInt(text) : undefined;
        if (count === undefined) return notAnInteger;
        if (count < 1n || count > MAX_COUNT) {
          return error('ERR', `increment ${text} is not within 1 and 2^53: a sequence only rises`);
        }
        return take(engine, readName(name), count);
      },
    },
    {
      name: 'GET',
      arity: 2,
      flags: ['readonly', 'fast'],
      firstKey: 1,
      summary: 'The highest number of a sequence that was given out.',
      async handle(_connection, [name]) {
        const current = await engine.tickets.current(readName(name));
        return current === undefined ? null : String(current);
      },
    },
  ];
}

/** Mostly from memory, without a promise; every so often a block of numbers is made durable first. */
function take(engine: SeqEngine, name: string, count: bigint): Reply | Promise<Reply> {
  const { tickets, metrics } = engine;
  const given = ({ last }: TicketRange): bigint => {
    metrics.tickets += Number(count);
    return last;
  };
  const now = tickets.takeNow(name, count);
  return now !== undefined ? given(now) : tickets.take(name, count).then(given);
}

/** Two names that differ in broken bytes only would become one sequence. */
function readName(bytes: Buffer | undefined): string {
  const name = bytes?.toString() ?? '';
  if (name.includes('\ufffd') && !isUtf8(bytes ?? Buffer.alloc(0))) {
    throw seqErrors.error('seq.bad_ticket_name', 'the name of the sequence is not valid UTF-8');
  }
  return name;
}

function nextCommand(engine: SeqEngine): RespCommand {
  const { name, arity, flags, summary, decodeRequest } = seqWire.next;
  const requests = new IdRequests();
  return {
    name,
    arity,
    flags,
    summary,
    async handle(connection, args) {
      const { layout, count, format } = decodeRequest(args);
      const idFormat = readFormat(format);
      checkCount(count ?? 1, MOST_IDS);
      const replies = await requests.run(connection, count ?? 1, async (share) =>
        renderBulkStrings(await makeIds(engine, layout, share), idFormat),
      );
      // Nobody is left to read a reply that may be megabytes.
      if (connection.closed) return null;
      return raw(Buffer.concat(count === undefined ? replies : [Buffer.from(`*${count}\r\n`, 'latin1'), ...replies]));
    },
  };
}

function storeCommands({ store, tickets }: SeqEngine): RespCommand[] {
  const { workers, hlc } = store;
  return [
    served(seqWire.lease, (request) => workers.lease(request)),
    served(seqWire.renew, (call) => workers.renew(call, call)),
    served(seqWire.release, (call) => workers.release(call, call.usedUntil)),
    served(seqWire.workers, ({ space }) => workers.list(space)),
    served(seqWire.reserve, ({ name, ...request }) => tickets.reserve(name, request)),
    served(seqWire.commit, (ticket) => tickets.commit(ticket)),
    served(seqWire.abort, (ticket) => tickets.abort(ticket)),
    served(seqWire.holes, ({ name }) => tickets.holes(name)),
    served(seqWire.tickets, () => tickets.list()),
    served(seqWire.hlc, ({ merge }) => (merge === undefined ? hlc.tick() : hlc.merge(merge.remote, merge.maxDriftMs))),
  ];
}
