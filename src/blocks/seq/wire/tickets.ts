/** SEQ.RESERVE, COMMIT, ABORT, HOLES and TICKETS: gapless sequences, and the list of all. */
import { record } from '../../../platform/protocol/resp/arguments.js';
import { OK } from '../../../platform/protocol/resp/reply.js';
import type { WireCommand } from '../../../platform/protocol/resp/wire-command.js';
import { Fields, readList, readOk } from '../../../platform/protocol/resp-client/values.js';
import type { GaplessRequest, GaplessTicket, Hole, TicketKey, TicketSummary } from '../sequencer.js';
import { readArguments } from './arguments.js';

interface ReserveCall extends GaplessRequest {
  readonly name: string;
}

export const reserve: WireCommand<ReserveCall, GaplessTicket> = {
  name: 'SEQ.RESERVE',
  arity: 4,
  flags: ['write', 'fast'],
  firstKey: 1,
  summary: 'Reserves the next number, or an abandoned one, of a gapless sequence.',
  encodeRequest: ({ name, holder, ttlMs }) => [name, holder, String(ttlMs)],
  decodeRequest(raw) {
    const args = readArguments(raw);
    return { name: args.text('name'), holder: args.text('holder'), ttlMs: args.number('ttl_ms') };
  },
  encodeResult: (ticket) =>
    record({ name: ticket.name, number: ticket.number, token: ticket.token, expires_at: ticket.expiresAt }),
  decodeResult(reply) {
    const fields = new Fields(reply, 'ticket');
    return {
      name: fields.text('name'),
      number: fields.bigint('number'),
      token: fields.bigint('token'),
      expiresAt: fields.number('expires_at'),
    };
  },
};

/** COMMIT and ABORT differ in their names only. */
const endTicket = (name: string, summary: string): WireCommand<TicketKey, void> => ({
  name,
  arity: 4,
  flags: ['write', 'fast'],
  firstKey: 1,
  summary,
  encodeRequest: (ticket) => [ticket.name, String(ticket.number), String(ticket.token)],
  decodeRequest(raw) {
    const args = readArguments(raw);
    return { name: args.text('name'), number: args.bigint('number'), token: args.bigint('token') };
  },
  encodeResult: () => OK,
  decodeResult: readOk,
});

const HOLE_STATES = ['reserved', 'abandoned'] as const;

export const holes: WireCommand<{ readonly name: string }, Hole[]> = {
  name: 'SEQ.HOLES',
  arity: 2,
  flags: ['readonly'],
  firstKey: 1,
  summary: 'Lists the uncommitted numbers of a gapless sequence.',
  encodeRequest: ({ name }) => [name],
  decodeRequest: (raw) => ({ name: readArguments(raw).text('name') }),
  encodeResult: (list) =>
    list.map((hole) =>
      record({
        number: hole.number,
        state: hole.state,
        holder: hole.holder,
        token: hole.token,
        expires_at: hole.expiresAt,
      }),
    ),
  decodeResult: (reply) =>
    readList(reply, 'holes').map((item) => {
      const fields = new Fields(item, 'hole');
      return {
        number: fields.bigint('number'),
        state: fields.choice('state', HOLE_STATES),
        holder: fields.text('holder'),
        token: fields.bigint('token'),
        expiresAt: fields.number('expires_at'),
      };
    }),
};

const KINDS = ['block', 'gapless'] as const;

export const tickets: WireCommand<Record<never, never>, TicketSummary[]> = {
  name: 'SEQ.TICKETS',
  arity: 1,
  flags: ['readonly'],
  summary: 'Lists the sequences.',
  encodeRequest: () => [],
  decodeRequest: () => ({}),
  encodeResult: (list) => list.map(({ name, kind, last, holes: count }) => record({ name, kind, last, holes: count })),
  decodeResult: (reply) =>
    readList(reply, 'sequences').map((item) => {
      const fields = new Fields(item, 'sequence');
      return {
        name: fields.text('name'),
        kind: fields.choice('kind', KINDS),
        last: fields.bigint('last'),
        holes: fields.number('holes'),
      };
    }),
};

export const commit = endTicket('SEQ.COMMIT', 'Commits a reserved number for good.');
export const abort = endTicket('SEQ.ABORT', 'Gives a reserved number back.');
