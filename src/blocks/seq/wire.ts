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
import type { WireCommand } from '../../platform/protocol/resp/wire-command.js';
import { readList, readNumber, readText } from '../../platform/protocol/resp-client/values.js';
import type { HybridTimestamp } from './sequencer.js';
import { readArguments } from './wire/arguments.js';
import { lease, release, renew, workers } from './wire/leases.js';
import { abort, commit, holes, reserve, tickets } from './wire/tickets.js';

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
  commit,
  abort,
  holes,
  tickets,
  hlc,
  next,
} as const;
