/** What a limiter refuses to look at. */
import { limitErrors } from '../errors.js';
import { checkKey, isCanonical, storedKey } from '../key.js';
import { LONGEST_PERIOD_US, MOST_COST } from '../limit.js';
import { type Demand, MOST_DEMANDS } from '../limiter.js';

/** Characters. Scopes are names of policies and their limits. */
const LONGEST_SCOPE = 1024;

type Asked = Pick<Demand, 'scope' | 'key' | 'cost'>;

/** Errors: `limit.bad_key`, `limit.bad_cost`, `limit.bad_demand`. */
export function checkDemands(demands: readonly Asked[]): void {
  if (demands.length > MOST_DEMANDS) {
    throw badDemand(`${demands.length} limits in one check are more than ${MOST_DEMANDS}`, 'ask in two checks');
  }
  // Plain loops: this is a tenth of what a decision in memory takes.
  for (let index = 0; index < demands.length; index++) {
    const demand = demands[index];
    if (demand === undefined) continue;
    checkDemand(demand);
    for (let other = 0; other < index; other++) {
      const before = demands[other] as Asked;
      if (before.scope === demand.scope && isSameKey(before.key, demand.key)) throw twice(demand.scope);
    }
  }
}

export function checkDemand({ scope, key, cost }: Asked): void {
  checkKey(key);
  if (scope !== '') checkScope(scope);
  if (Number.isInteger(cost) && cost >= 0 && cost <= MOST_COST) return;
  throw limitErrors.error('limit.bad_cost', `a cost of ${cost} is not a whole number from 0 to ${MOST_COST}`, {
    hint: '--cost 1',
  });
}

function checkScope(scope: string): void {
  if (scope.length <= LONGEST_SCOPE) {
    if (isCanonical(scope)) return;
    throw badDemand('a scope has characters that no encoding has', 'use whole characters, as in api/burst');
  }
  throw badDemand(`a scope of ${scope.length} characters is longer than ${LONGEST_SCOPE}`, 'name it policy/limit');
}

/** Two texts can stand for one key: a long one and its digest form. Counted beside each other, one count would be lost. */
const isSameKey = (one: string, other: string) => one === other || storedKey(one) === storedKey(other);

/** Error: `limit.bad_block`. */
export function checkBlockTime(forUs: number): void {
  if (Number.isInteger(forUs) && forUs >= 0 && forUs <= LONGEST_PERIOD_US) return;
  throw limitErrors.error('limit.bad_block', `a key cannot be blocked for ${forUs / 1e6} s`, {
    hint: 'from 1ms to a hundred years, or 0 to lift the block: --for 1h',
  });
}

const twice = (scope: string) =>
  badDemand(
    `the same key is named twice${scope === '' ? '' : ` in ${JSON.stringify(scope)}`}`,
    'add the costs, or name two scopes',
  );

const badDemand = (message: string, hint: string) => limitErrors.error('limit.bad_demand', message, { hint });
