/**
 * Policies from YAML:
 *
 *     policies:
 *       - name: login
 *         match: {path: /login, method: POST}      # globs; without a part it does not matter
 *         key: [client]                            # client path method host header:NAME text:WORD; [] for one key for all
 *         ipv6_prefix: 64                          # clients of one network are one; ipv4_prefix is 32 unless told
 *         limits:
 *           - {name: burst, rate: 5/min}
 *           - {name: day, rate: 100/d, algorithm: fixed-window}
 *         shadow: true                             # judged and counted, never refusing
 *
 * Read strictly: a misspelt key that is silently ignored is a limit that does not hold.
 */
import { closest } from '../../../platform/closest.js';
import { defineLimit, MOST_COST, readAlgorithm, readRate } from '../limit.js';
import { matcherOf, readMatch } from './match.js';
import type { KeyPart, Policy, PolicyLimit, PolicySet } from './policy.js';
import { YamlReader } from './yaml.js';

const POLICY_KEYS = ['name', 'match', 'key', 'ipv4_prefix', 'ipv6_prefix', 'limits', 'shadow'];
const LIMIT_KEYS = ['name', 'rate', 'burst', 'algorithm', 'cost'];
const PLAIN_PARTS = ['client', 'path', 'method', 'host'] as const;
const PARTS = [...PLAIN_PARTS, 'header:NAME', 'text:WORD'];
const MOST_POLICIES = 1_000;
/** So that names stand in fields, labels and scopes as they are. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const DEFAULT_IPV4_PREFIX = 32;
/** What one customer is given at least (RFC 6177): within it anybody has addresses without end. */
const DEFAULT_IPV6_PREFIX = 64;

/** Error: `limit.bad_policy` (details: path, line), which names the line. */
export function parsePolicies(text: string, filename: string): PolicySet {
  const reader = new YamlReader(text, filename);
  const policies: Policy[] = [];
  for (const { value } of reader.entries(reader.root, 'the file', ['policies'])) {
    for (const item of reader.items(value)) {
      const policy = readPolicy(reader, item);
      if (policies.some(({ name }) => name === policy.name)) {
        throw reader.fail(item, `two policies are called ${policy.name}`);
      }
      policies.push(policy);
    }
  }
  if (policies.length === 0) {
    throw reader.fail(reader.root, 'there are no policies in it', 'policies: [{name: all, limits: [{rate: 100/s}]}]');
  }
  if (policies.length > MOST_POLICIES) throw reader.fail(reader.root, `there are more than ${MOST_POLICIES} policies`);
  const limits = policies.flatMap((policy) => policy.limits);
  return { policies, limits: new Map(limits.map((limit) => [limit.scope, limit])) };
}

function readPolicy(reader: YamlReader, node: unknown): Policy {
  const given = fieldsOf(reader, node, 'a policy', POLICY_KEYS);
  const name = readName(reader, given.get('name') ?? node, 'a policy', given.has('name'));
  const match = readMatch(reader, given.get('match'));
  const limits = readLimits(reader, given.get('limits'), name);
  if (limits.length === 0) throw reader.fail(node, `policy ${name} has no limits`, 'limits: [{rate: 5/min}]');
  const key = given.has('key') ? reader.items(given.get('key')) : undefined;
  return {
    name,
    match,
    key: key?.map((part) => readKeyPart(reader, part)) ?? [{ kind: 'client' }],
    ipv4Prefix: readPrefix(reader, given.get('ipv4_prefix'), 'ipv4_prefix', 32) ?? DEFAULT_IPV4_PREFIX,
    ipv6Prefix: readPrefix(reader, given.get('ipv6_prefix'), 'ipv6_prefix', 128) ?? DEFAULT_IPV6_PREFIX,
    limits,
    shadow: given.has('shadow') && reader.flag(given.get('shadow'), 'shadow'),
    applies: matcherOf(match),
  };
}

/** The values by key. YAML itself refuses a key that is there twice. */
function fieldsOf(reader: YamlReader, node: unknown, what: string, known: readonly string[]): Map<string, unknown> {
  return new Map(reader.entries(node, what, known).map(({ key, value }) => [key, value]));
}

function readName(reader: YamlReader, node: unknown, what: string, given: boolean): string {
  if (!given) throw reader.fail(node, `${what} needs a name`, 'name: login');
  const name = reader.text(node, 'name');
  if (NAME.test(name)) return name;
  const shown = JSON.stringify(name.slice(0, 80));
  throw reader.fail(node, `${what} cannot be called ${shown}`, 'up to 64 letters, digits, dots, dashes, underscores');
}

function readPrefix(reader: YamlReader, node: unknown, what: string, most: number): number | undefined {
  return node === undefined ? undefined : reader.number(node, what, 0, most);
}

function readKeyPart(reader: YamlReader, node: unknown): KeyPart {
  const text = reader.text(node, 'key');
  const plain = PLAIN_PARTS.find((kind) => kind === text);
  if (plain !== undefined) return { kind: plain };
  const [, kind, value = ''] = /^(header|text):\s*(.+)$/s.exec(text) ?? [];
  if (kind === 'header' && /^[!#$%&'*+.^_`|~\w-]+$/.test(value)) return { kind: 'header', name: value.toLowerCase() };
  if (kind === 'text') return { kind: 'text', text: value };
  const nearest = closest(text, [...PARTS, 'header:', 'text:']);
  const hint = nearest === undefined ? `known are: ${PARTS.join(', ')}` : `did you mean ${nearest}?`;
  throw reader.fail(node, `a key cannot be made of ${JSON.stringify(text.slice(0, 64))}`, hint);
}

function readLimits(reader: YamlReader, node: unknown, policy: string): PolicyLimit[] {
  const limits: PolicyLimit[] = [];
  for (const item of reader.items(node)) {
    const limit = readLimit(reader, item, policy, String(limits.length + 1));
    if (limits.some(({ name }) => name === limit.name)) throw reader.fail(item, `two limits are called ${limit.scope}`);
    limits.push(limit);
  }
  return limits;
}

function readLimit(reader: YamlReader, node: unknown, policy: string, defaultName: string): PolicyLimit {
  const given = fieldsOf(reader, node, 'a limit', LIMIT_KEYS);
  const name = given.has('name') ? readName(reader, given.get('name'), 'a limit', true) : defaultName;
  const rateNode = given.get('rate');
  if (rateNode === undefined) throw reader.fail(node, `limit ${policy}/${name} needs a rate`, 'rate: 5/min');
  const rate = reader.within(rateNode, () => readRate(reader.text(rateNode, 'rate')));
  const algorithmNode = given.get('algorithm');
  const algorithm = reader.within(algorithmNode, () =>
    readAlgorithm(algorithmNode === undefined ? 'gcra' : reader.text(algorithmNode, 'algorithm')),
  );
  const burstNode = given.get('burst');
  const burst = burstNode === undefined ? undefined : reader.number(burstNode, 'burst', 1, MOST_COST);
  const limit = reader.within(burstNode ?? rateNode, () =>
    defineLimit({ ...rate, algorithm, ...(burst !== undefined && { burst }) }),
  );
  const costNode = given.get('cost');
  const cost = costNode === undefined ? 1 : reader.number(costNode, 'cost', 0, MOST_COST);
  if (cost > limit.burst) {
    throw reader.fail(costNode, `a cost of ${cost} is more than ${policy}/${name} ever lets through: ${limit.burst}`);
  }
  return { name, scope: `${policy}/${name}`, limit, cost };
}
