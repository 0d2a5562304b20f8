/** Records of a Redis as reports: the rules on this side say what their states come to. */
import {
  readList,
  readNumber,
  readText,
  unexpected,
  type WireReply,
} from '../../../platform/protocol/resp-client/values.js';
import { defineLimit, readAlgorithm } from '../limit.js';
import type { KeyReport, Micros, RecordedDecision } from '../limiter.js';
import { rulesOf } from '../rules/index.js';
import { decodeKey } from '../wire/keys.js';
import type { Inspection } from '../wire/reports.js';

/** `now`, end of the block or 0, then `[scope, head, recent, state]` of each scope. */
export function readInspection(key: string, reply: WireReply): Inspection {
  const [time = null, blockEnds = null, ...records] = readList(reply, 'inspection');
  const now = readNumber(time, 'now');
  const until = readNumber(blockEnds, 'blocked');
  return {
    reports: records.map((record) => readRecord(key, record, now)),
    blockedUntilUs: until > now ? until : undefined,
  };
}

function readRecord(key: string, record: WireReply, now: Micros): KeyReport {
  const [scope = null, head = null, recent = null, state = null] = readList(record, 'record');
  const [algorithm = null, ...numbers] = readList(head, 'record');
  const [count, periodUs, burst, , allowedTotal, limitedTotal, lastAt] = readNumbers(numbers);
  if (
    count === undefined ||
    periodUs === undefined ||
    burst === undefined ||
    allowedTotal === undefined ||
    limitedTotal === undefined ||
    lastAt === undefined
  ) {
    throw unexpected('record', head);
  }
  const limit = defineLimit({ algorithm: readAlgorithm(readText(algorithm, 'record')), count, periodUs, burst });
  const rules = rulesOf(limit.algorithm);
  const present = readNumbers(readList(state, 'record'));
  rules.settle(present, limit, limit, now);
  return {
    scope: decodeKey(Buffer.from(readText(scope, 'scope'), 'latin1')),
    key,
    limit,
    decision: rules.judge(present, limit, now, 0),
    allowedTotal,
    limitedTotal,
    lastAt,
    recent: readRecent(readNumbers(readList(recent, 'record'))),
  };
}

const readNumbers = (list: readonly WireReply[]): number[] => list.map((item) => readNumber(item, 'record'));

/** Newest first. */
function readRecent(flat: readonly number[]): RecordedDecision[] {
  const decisions: RecordedDecision[] = [];
  for (let index = flat.length - 4; index >= 0; index -= 4) {
    const [at = 0, allowed = 0, cost = 0, remaining = 0] = flat.slice(index, index + 4);
    decisions.push({ at, allowed: allowed === 1, cost, remaining });
  }
  return decisions;
}
