/** Demands as arguments. The limit comes with each of them, so that a server needs to know no policy. */
import type { Arguments } from '../../../platform/protocol/resp/arguments.js';
import { defineLimit, readAlgorithm } from '../limit.js';
import type { Demand } from '../limiter.js';
import { decodeKey, encodeKey } from './keys.js';

/** `scope key algorithm count period_us burst cost shadow` */
export const DEMAND_ARGUMENTS = 8;

export function encodeDemand({ scope, key, limit, cost, shadow }: Demand): (string | Buffer)[] {
  return [
    encodeKey(scope),
    encodeKey(key),
    limit.algorithm,
    String(limit.count),
    String(limit.periodUs),
    String(limit.burst),
    String(cost),
    shadow === true ? '1' : '0',
  ];
}

export function readDemand(args: Arguments): Demand {
  const scope = decodeKey(args.bytes('scope'));
  const key = decodeKey(args.bytes('key'));
  const algorithm = readAlgorithm(args.text('algorithm'));
  const count = args.number('count');
  const periodUs = args.number('period_us');
  const burst = args.number('burst');
  const limit = defineLimit({ algorithm, count, periodUs, burst });
  const cost = args.number('cost');
  return args.number('shadow') === 0 ? { scope, key, limit, cost } : { scope, key, limit, cost, shadow: true };
}
