/** SEQ.LEASE, RENEW, RELEASE and WORKERS: worker numbers and who holds them. */
import { type Arguments, record } from '../../../platform/protocol/resp/arguments.js';
import { OK, type Reply } from '../../../platform/protocol/resp/reply.js';
import type { WireCommand } from '../../../platform/protocol/resp/wire-command.js';
import { Fields, readList, readOk, type WireReply } from '../../../platform/protocol/resp-client/values.js';
import type { LeaseKey, LeaseRequest, RenewRequest, WorkerLease, WorkerRecord } from '../sequencer.js';
import { readArguments } from './arguments.js';

interface RenewCall extends LeaseKey, RenewRequest {}

interface ReleaseCall extends LeaseKey {
  readonly usedUntil?: number;
}

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

export const lease: WireCommand<LeaseRequest, WorkerLease> = {
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

export const renew: WireCommand<RenewCall, WorkerLease> = {
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

export const release: WireCommand<ReleaseCall, void> = {
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
  decodeResult: readOk,
};

const WORKER_STATES = ['leased', 'expired', 'released'] as const;

export const workers: WireCommand<{ readonly space?: string }, WorkerRecord[]> = {
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
