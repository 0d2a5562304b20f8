/**
 * From a request to what is asked of the limiter.
 *
 * A key of several parts is joined by `|`, unambiguously: no two lists of values give one text, or a client could use up
 * another's quota, or hide in many of them.
 *
 *     client, path              203.0.113.7|/login
 *     a value with | or \       a\|b, a\\b
 *     a header that is empty    \e
 *     a header that is missing  \-       all requests without it share a key of their own
 */
import { networkText, parseIp } from '../../../platform/ip-address.js';
import type { Demand } from '../limiter.js';
import { normalizeRequest } from './normalize.js';
import type { KeyPart, NormalRequest, Policy, PolicyRequest, PolicySet } from './policy.js';

const MISSING = '\\-';
const EMPTY = '\\e';
/** Of a policy whose requests all share one key. */
const SHARED = '*';

/** What the request takes, of every policy that matches, in the order of the file; empty where none does. */
export function demandsOf(set: PolicySet, request: PolicyRequest): Demand[] {
  const normal = normalizeRequest(request);
  const demands: Demand[] = [];
  for (const policy of set.policies) {
    if (!policy.applies(normal)) continue;
    const key = keyOf(policy, normal);
    for (const { scope, limit, cost } of policy.limits) {
      demands.push(policy.shadow ? { scope, key, limit, cost, shadow: true } : { scope, key, limit, cost });
    }
  }
  return demands;
}

/** The key that a request has in a policy. */
function keyOf(policy: Policy, request: NormalRequest): string {
  if (policy.key.length === 0) return SHARED;
  return policy.key.map((part) => encode(partOf(policy, part, request))).join('|');
}

function partOf(policy: Policy, part: KeyPart, request: NormalRequest): string | undefined {
  switch (part.kind) {
    case 'client': {
      const address = parseIp(request.client);
      return address && networkText(address, address.family === 4 ? policy.ipv4Prefix : policy.ipv6Prefix);
    }
    case 'header':
      return request.header(part.name);
    case 'text':
      return part.text;
    default:
      return request[part.kind];
  }
}

function encode(value: string | undefined): string {
  if (value === undefined) return MISSING;
  if (value === '') return EMPTY;
  return /[\\|]/.test(value) ? value.replace(/[\\|]/g, '\\$&') : value;
}
