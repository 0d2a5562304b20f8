/** Policies as plain data. */
import { formatRate } from '../limit.js';
import type { KeyPart, PolicyDescription, PolicySet } from './policy.js';

export function describePolicies({ policies }: PolicySet): PolicyDescription[] {
  return policies.map(({ name, match, key, ipv4Prefix, ipv6Prefix, shadow, limits }) => ({
    name,
    match,
    key: key.map(describePart),
    ipv4_prefix: ipv4Prefix,
    ipv6_prefix: ipv6Prefix,
    shadow,
    limits: limits.map((limit) => ({
      name: limit.name,
      scope: limit.scope,
      rate: formatRate(limit.limit),
      burst: limit.limit.burst,
      algorithm: limit.limit.algorithm,
      cost: limit.cost,
    })),
  }));
}

function describePart(part: KeyPart): string {
  if (part.kind === 'header') return `header:${part.name}`;
  return part.kind === 'text' ? `text:${part.text}` : part.kind;
}
