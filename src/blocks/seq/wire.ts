/**
 * The wire form of the sequencer's own commands, one definition for both ends: the server decodes requests and encodes
 * results, the client does the opposite.
 *
 *     SEQ.LEASE space workers holder ttl_ms skew_ms reserve_ms [WORKER n]   lease
 *     SEQ.RENEW space worker token ttl_ms reserve_until                     lease
 *     SEQ.RELEASE space worker token [USED until]                           OK
 *     SEQ.WORKERS [space]                                                   worker …
 *     SEQ.RESERVE name holder ttl_ms                                        ticket
 *     SEQ.COMMIT name number token                                          OK
 *     SEQ.ABORT name number token                                           OK
 *     SEQ.HOLES name                                                        hole …
 *     SEQ.TICKETS                                                           sequence …
 *     SEQ.HLC [MERGE wall logical max_drift_ms]                             [wall, logical]
 *     SEQ.NEXT layout [count] [FORMAT format]                               an ID, or with a count an array of IDs
 *
 * Tickets of the block kind are Redis's own INCR, INCRBY and GET. Errors are `-SEQ.<CODE> message (hint: …) {details}`,
 * see platform/protocol/resp/errors.ts.
 */
import { Arguments, record } from '../../platform/protocol/resp/arguments.js';
import { OK, type Reply } from '../../platform/protocol/resp/reply.js';
import {
  Fields,
  readList,
  readNumber,
  readText,
  unexpected,
  type WireReply,
} from '../../platform/protocol/resp-client/values.js';
import { seqErrors } from './errors.js';
import type {
  GaplessRequest,
  GaplessTicket,
  Hole,
  HybridTimestamp,
  LeaseKey,
  LeaseRequest,
  RenewRequest,
  TicketKey,
  TicketSummary,
  WorkerLease,
  WorkerRecord,
} from './sequencer.js';

export interface WireCommand<Request, Result> {
  readonly name: string;
  readonly arity: number;
  readonly flags: readonly string[];
  readonly firstKey?: number;
  readonly summary: string;
  /** Arguments without the name. */
  encodeRequest(request: Request): string[];
  /** Error: `seq.bad_argument`. */
  decodeRequest(args: readonly Buffer[]): Request;
  encodeResult(result: Result): Reply;
  /** Error: `peer.protocol`. */
  decodeResult(reply: WireReply): Result;
}

interface RenewCall extends LeaseKey, RenewRequest {}

interface ReleaseCall extends LeaseKey {
  readonly usedUntil?: number;
}

interface ReserveCall extends GaplessRequest {
  readonly name: string;
}

interface HlcCall {
  /** Without it, the clock ticks. */
  readonly merge?: { readonly remote: HybridTimestamp; readonly maxDriftMs: number };
}

interface NextCall {
  readonly layout: string;
  /** Absent: one ID, and the reply is no array. */
  readonly count?: number;
  /** Absent: the layout's usual format. */
  readonly format?: string;
}

const readArguments = (raw: readonly Buffer[]) =>
  new Arguments(raw, (message) => seqErrors.error('seq.bad_argument', message));

const leaseKey = (args: Arguments): LeaseKey => ({
  space: args.text('space'),
  worker: args.number('worker'),
  token: args.bigint('token'),
});

const encodeLeaseKey = ({ space, worker, token }: LeaseKey): string[] => [space, String(worker), String(token)];

const encodeLease = (lease: WorkerLease): Reply =>
  record({
    space: lease.space,
    worker: lease.worker,
    token: lease.token,
    holder: lease.holder,
    expires_at: lease.expiresAt,
    floor: lease.floor,
    reserved_until: lease.reservedUntil,
  });

function decodeLease(reply: WireReply): WorkerLease {
  const fields = new Fields(reply, 'lease');
  return {
    space: fields.text('space'),
    worker: fields.number('worker'),
    token: fields.bigint('token'),
    holder: fields.text('holder'),
    expiresAt: fields.number('expires_at'),
    floor: fields.number('floor'),
    reservedUntil: fields.number('reserved_until'),
  };
}

function decodeOk(reply: WireReply): void {
  if (reply !== 'OK') throw unexpected('OK', reply);
}

const lease: WireCommand<LeaseRequest, WorkerLease> = {
  name: 'SEQ.LEASE',
  arity: -7,
  flags: ['write'],
  summary: 'Leases a worker number and reserves instants for its IDs.',
  encodeRequest: ({ space, workers, worker, holder, ttlMs, skewMs, reserveMs }) => [
    space,
    String(workers),
    holder,
    String(ttlMs),
    String(skewMs),
    String(reserveMs),
    ...(worker === undefined ? [] : ['WORKER', String(worker)]),
  ],
  decodeRequest(raw) {
    const args = readArguments(raw);
    const request = {
      space: args.text('space'),
      workers: args.number('workers'),
      holder: args.text('holder'),
      ttlMs: args.number('ttl_ms'),
      skewMs: args.number('skew_ms'),
      reserveMs: args.number('reserve_ms'),
    };
    const worker = args.keyword('WORKER') ? { worker: args.number('worker') } : {};
    args.end();
    return { ...request, ...worker };
  },
  encodeResult: encodeLease,
  decodeResult: decodeLease,
};

const renew: WireCommand<RenewCall, WorkerLease> = {
  name: 'SEQ.RENEW',
  arity: 6,
  flags: ['write', 'fast'],
  summary: 'Extends a lease and its reservation.',
  encodeRequest: (call) => [...encodeLeaseKey(call), String(call.ttlMs), String(call.reserveUntil)],
  decodeRequest(raw) {
    const args = readArguments(raw);
    return { ...leaseKey(args), ttlMs: args.number('ttl_ms'), reserveUntil: args.number('reserve_until') };
  },
  encodeResult: encodeLease,
  decodeResult: decodeLease,
};

const release: WireCommand<ReleaseCall, void> = {
  name: 'SEQ.RELEASE',
  arity: -4,
  flags: ['write', 'fast'],
  summary: 'Ends a lease; USED says up to which instant IDs were really made.',
  encodeRequest: (call) => [
    ...encodeLeaseKey(call),
    ...(call.usedUntil === undefined ? [] : ['USED', String(call.usedUntil)]),
  ],
  decodeRequest(raw) {
    const args = readArguments(raw);
    const key = leaseKey(args);
    const used = args.keyword('USED') ? { usedUntil: args.number('used_until') } : {};
    args.end();
    return { ...key, ...used };
  },
  encodeResult: () => OK,
  decodeResult: decodeOk,
};

const WORKER_STATES = ['leased', 'expired', 'released'] as const;

const workers: WireCommand<{ readonly space?: string }, WorkerRecord[]> = {
  name: 'SEQ.WORKERS',
  arity: -1,
  flags: ['readonly'],
  summary: 'Lists worker numbers and who holds them.',
  encodeRequest: ({ space }) => (space === undefined ? [] : [space]),
  decodeRequest(raw) {
    const args = readArguments(raw);
    const request = args.left > 0 ? { space: args.text('space') } : {};
    args.end();
    return request;
  },
  encodeResult: (records) =>
    records.map((worker) =>
      record({
        space: worker.space,
        worker: worker.worker,
        state: worker.state,
        token: worker.token,
        holder: worker.holder,
        leased_at: worker.leasedAt,
        expires_at: worker.expiresAt,
        high_water: worker.highWater,
        free_at: worker.freeAt,
      }),
    ),
  decodeResult: (reply) =>
    readList(reply, 'workers').map((item) => {
      const fields = new Fields(item, 'worker');
      return {
        space: fields.text('space'),
        worker: fields.number('worker'),
        state: fields.choice('state', WORKER_STATES),
        token: fields.bigint('token'),
        holder: fields.text('holder'),
        leasedAt: fields.number('leased_at'),
        expiresAt: fields.number('expires_at'),
        highWater: fields.number('high_water'),
        freeAt: fields.number('free_at'),
      };
    }),
};

const reserve: WireCommand<ReserveCall, GaplessTicket> = {
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
  decodeResult: decodeOk,
});

const HOLE_STATES = ['reserved', 'abandoned'] as const;

const holes: WireCommand<{ readonly name: string }, Hole[]> = {
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

const tickets: WireCommand<Record<never, never>, TicketSummary[]> = {
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

const hlc: WireCommand<HlcCall, HybridTimestamp> = {
  name: 'SEQ.HLC',
  arity: -1,
  flags: ['write', 'fast'],
  summary: 'Answers a hybrid logical clock stamp, above a remote one with MERGE.',
  encodeRequest: ({ merge }) =>
    merge === undefined
      ? []
      : ['MERGE', String(merge.remote.wall), String(merge.remote.logical), String(merge.maxDriftMs)],
  decodeRequest(raw) {
    const args = readArguments(raw);
    if (!args.keyword('MERGE')) {
      args.end();
      return {};
    }
    const remote = { wall: args.decimal('wall'), logical: args.decimal('logical') };
    const maxDriftMs = args.number('max_drift_ms');
    args.end();
    return { merge: { remote, maxDriftMs } };
  },
  encodeResult: ({ wall, logical }) => [wall, logical],
  decodeResult(reply) {
    const [wall = null, logical = null] = readList(reply, 'stamp');
    return { wall: readNumber(wall, 'stamp.wall'), logical: readNumber(logical, 'stamp.logical') };
  },
};

const next: WireCommand<NextCall, string[]> = {
  name: 'SEQ.NEXT',
  arity: -2,
  flags: ['write', 'fast'],
  summary: 'Makes IDs of a layout.',
  encodeRequest: ({ layout, count, format }) => [
    layout,
    ...(count === undefined ? [] : [String(count)]),
    ...(format === undefined ? [] : ['FORMAT', format]),
  ],
  decodeRequest(raw) {
    const args = readArguments(raw);
    const layout = args.text('layout');
    let format = args.keyword('FORMAT') ? args.text('format') : undefined;
    const count = format === undefined && args.left > 0 ? args.number('count') : undefined;
    if (format === undefined && args.keyword('FORMAT')) format = args.text('format');
    args.end();
    return { layout, ...(count === undefined ? {} : { count }), ...(format === undefined ? {} : { format }) };
  },
  /** The array form. A server may encode by itself: IDs in bulk are its hot path. */
  encodeResult: (ids) => ids,
  decodeResult: (reply) =>
    typeof reply === 'string' ? [reply] : readList(reply, 'ids').map((id) => readText(id, 'id')),
};

export const seqWire = {
  lease,
  renew,
  release,
  workers,
  reserve,
  commit: endTicket('SEQ.COMMIT', 'Commits a reserved number for good.'),
  abort: endTicket('SEQ.ABORT', 'Gives a reserved number back.'),
  holes,
  tickets,
  hlc,
  next,
} as const;
