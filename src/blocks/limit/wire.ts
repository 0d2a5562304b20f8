/**
 * The wire form of the rate limiter's own commands, one definition for both ends: the server decodes requests and
 * encodes results, the client does the opposite.
 *
 *     LIMIT.CHECK demand …                          outcome
 *     LIMIT.PEEK demand …                           outcome
 *     LIMIT.REFUND demand [LEASE n]                 decision
 *     LIMIT.RESET key [SCOPE scope]                 1, or 0 when there was nothing
 *     LIMIT.BLOCK key for_us                        OK
 *     LIMIT.INSPECT key                             JSON: what is known of the key
 *     LIMIT.TOP count                               JSON: the busiest keys
 *     LIMIT.BLOCKED                                 JSON: the blocked keys
 *     LIMIT.COUNTS                                  keys, blocked
 *
 *     demand    scope key algorithm count period_us burst cost shadow (0 or 1)
 *     outcome   [allowed, blocked_for_us, decision, …]
 *     decision  [allowed, limit, remaining, retry_after_us or -1 for never, reset_after_us, delay_us, lease or -1]
 *
 * Keys and scopes are bytes, any of them; in JSON broken ones are the lone surrogates of key.ts, escaped. Who only wants
 * GCRA takes redis-cell's CL.THROTTLE. Errors are `-LIMIT.<CODE> message (hint: …) {details}`, see
 * platform/protocol/resp/errors.ts.
 */
import { Arguments, record } from '../../platform/protocol/resp/arguments.js';
import { OK } from '../../platform/protocol/resp/reply.js';
import type { WireCommand } from '../../platform/protocol/resp/wire-command.js';
import { Fields, readNumber, readOk } from '../../platform/protocol/resp-client/values.js';
import { limitErrors } from './errors.js';
import {
  type BlockedKey,
  type Decision,
  type Demand,
  type KeyReport,
  type LimiterCounts,
  MOST_DEMANDS,
  type Outcome,
  type RefundDemand,
} from './limiter.js';
import { decodeDecision, decodeOutcome, encodeDecision, encodeOutcome } from './wire/decisions.js';
import { DEMAND_ARGUMENTS, encodeDemand, readDemand } from './wire/demands.js';
import { decodeKey, encodeKey } from './wire/keys.js';
import {
  decodeBlocked,
  decodeInspection,
  decodeReports,
  encodeBlocked,
  encodeInspection,
  encodeReports,
  type Inspection,
} from './wire/reports.js';

const refuse = (message: string) => limitErrors.error('limit.bad_argument', message);
const readArguments = (raw: readonly Buffer[]) => new Arguments(raw, refuse);

/** CHECK and PEEK differ in what the server does with them only. */
const decide = (
  name: string,
  flags: readonly string[],
  summary: string,
): WireCommand<{ readonly demands: readonly Demand[] }, Outcome> => ({
  name,
  arity: -(DEMAND_ARGUMENTS + 1),
  flags,
  firstKey: 2,
  summary,
  encodeRequest: ({ demands }) => demands.flatMap(encodeDemand),
  decodeRequest(raw) {
    const count = raw.length / DEMAND_ARGUMENTS;
    if (!Number.isInteger(count)) {
      throw refuse(`${raw.length} arguments are not ${DEMAND_ARGUMENTS} for each demand`);
    }
    if (count > MOST_DEMANDS) {
      throw limitErrors.error('limit.bad_demand', `${count} demands are more than ${MOST_DEMANDS} in one check`);
    }
    const args = readArguments(raw);
    const demands: Demand[] = [];
    while (args.left > 0) demands.push(readDemand(args));
    return { demands };
  },
  encodeResult: encodeOutcome,
  decodeResult: decodeOutcome,
});

const refund: WireCommand<RefundDemand, Decision> = {
  name: 'LIMIT.REFUND',
  arity: -(DEMAND_ARGUMENTS + 1),
  flags: ['write', 'fast'],
  firstKey: 2,
  summary: 'Gives back a cost, or the place of a lease.',
  encodeRequest: (demand) => [
    ...encodeDemand(demand),
    ...(demand.lease === undefined ? [] : ['LEASE', String(demand.lease)]),
  ],
  decodeRequest(raw) {
    const args = readArguments(raw);
    const { scope, key, limit, cost } = readDemand(args);
    const lease = args.keyword('LEASE') ? { lease: args.number('lease') } : {};
    args.end();
    return { scope, key, limit, cost, ...lease };
  },
  encodeResult: encodeDecision,
  decodeResult: decodeDecision,
};

const reset: WireCommand<{ readonly key: string; readonly scope?: string }, boolean> = {
  name: 'LIMIT.RESET',
  arity: -2,
  flags: ['write', 'fast'],
  firstKey: 1,
  summary: 'Forgets a key in every scope, or in one, and lifts a block.',
  encodeRequest: ({ key, scope }) => [encodeKey(key), ...(scope === undefined ? [] : ['SCOPE', encodeKey(scope)])],
  decodeRequest(raw) {
    const args = readArguments(raw);
    const key = decodeKey(args.bytes('key'));
    const scope = args.keyword('SCOPE') ? { scope: decodeKey(args.bytes('scope')) } : {};
    args.end();
    return { key, ...scope };
  },
  encodeResult: (found) => (found ? 1 : 0),
  decodeResult: (reply) => readNumber(reply, 'reset') === 1,
};

const block: WireCommand<{ readonly key: string; readonly forUs: number }, void> = {
  name: 'LIMIT.BLOCK',
  arity: 3,
  flags: ['write', 'fast'],
  firstKey: 1,
  summary: 'Refuses every demand of a key for so many microseconds; 0 lifts the block.',
  encodeRequest: ({ key, forUs }) => [encodeKey(key), String(forUs)],
  decodeRequest(raw) {
    const args = readArguments(raw);
    return { key: decodeKey(args.bytes('key')), forUs: args.number('for_us') };
  },
  encodeResult: () => OK,
  decodeResult: readOk,
};

const inspect: WireCommand<{ readonly key: string }, Inspection> = {
  name: 'LIMIT.INSPECT',
  arity: 2,
  flags: ['readonly'],
  firstKey: 1,
  summary: 'Tells what is known of a key, with its last decisions, as JSON.',
  encodeRequest: ({ key }) => [encodeKey(key)],
  decodeRequest: (raw) => ({ key: decodeKey(readArguments(raw).bytes('key')) }),
  encodeResult: encodeInspection,
  decodeResult: decodeInspection,
};

/** Keys that one LIMIT.TOP tells at most: a megabyte of reply. */
export const MOST_TOP = 1_000;

const top: WireCommand<{ readonly count: number }, readonly KeyReport[]> = {
  name: 'LIMIT.TOP',
  arity: 2,
  flags: ['readonly'],
  summary: 'Tells the keys with the most demands, as JSON.',
  encodeRequest: ({ count }) => [String(count)],
  decodeRequest(raw) {
    const count = readArguments(raw).number('count');
    if (count < 0 || count > MOST_TOP) throw refuse(`count ${count} is not from 0 to ${MOST_TOP}`);
    return { count };
  },
  encodeResult: encodeReports,
  decodeResult: decodeReports,
};

type Nothing = Record<never, never>;

const blocked: WireCommand<Nothing, readonly BlockedKey[]> = {
  name: 'LIMIT.BLOCKED',
  arity: 1,
  flags: ['readonly'],
  summary: 'Lists the blocked keys, as JSON.',
  encodeRequest: () => [],
  decodeRequest: () => ({}),
  encodeResult: encodeBlocked,
  decodeResult: decodeBlocked,
};

const counts: WireCommand<Nothing, LimiterCounts> = {
  name: 'LIMIT.COUNTS',
  arity: 1,
  flags: ['readonly'],
  summary: 'Counts the keys that are not as new, and the blocked ones.',
  encodeRequest: () => [],
  decodeRequest: () => ({}),
  encodeResult: (counted) => record({ keys: counted.keys, blocked: counted.blocked }),
  decodeResult(reply) {
    const fields = new Fields(reply, 'counts');
    return { keys: fields.number('keys'), blocked: fields.number('blocked') };
  },
};

export const limitWire = {
  check: decide('LIMIT.CHECK', ['write', 'denyoom', 'fast'], 'Counts demands, all of them or none.'),
  peek: decide('LIMIT.PEEK', ['readonly', 'fast'], 'What a check would answer, without counting.'),
  refund,
  reset,
  block,
  inspect,
  top,
  blocked,
  counts,
} as const;
