/** Several sets: SINTER SINTERCARD SUNION SDIFF and those that store what they find. */
import { bytes, type Reply, set as setReply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { allFields, hasMember } from '../../collections/members.js';
import type { CollectionEntry } from '../../entry.js';
import { refusal, syntaxError } from '../../errors.js';
import { arg, type Call, type KvCommand, keysByNumber } from '../command.js';
import { readCountOr } from '../numbers.js';
import { replaceSet, setAt } from './set-at.js';

type Operation = (call: Call, keys: readonly ByteString[]) => ReadonlySet<ByteString>;

/** Goes through the smallest set; the others are asked for each of its members, the smaller ones first. */
function intersection(call: Call, keys: readonly ByteString[], limit = Number.POSITIVE_INFINITY): Set<ByteString> {
  const sets = keys.map((key) => setAt(call, key));
  const found = new Set<ByteString>();
  if (sets.includes(undefined)) return found;
  const [smallest, ...others] = (sets as CollectionEntry[]).sort((a, b) => a.count - b.count);
  if (smallest === undefined) return found;
  const { store } = call.keyspace;
  for (const { member } of allFields(store, smallest.owner)) {
    if (found.size >= limit) break;
    if (others.every(({ owner }) => hasMember(store, owner, member))) found.add(member);
  }
  return found;
}

const union: Operation = (call, keys) => {
  const found = new Set<ByteString>();
  for (const set of keys.map((key) => setAt(call, key))) {
    if (set === undefined) continue;
    for (const { member } of allFields(call.keyspace.store, set.owner)) found.add(member);
  }
  return found;
};

const difference: Operation = (call, keys) => {
  const [first, ...others] = keys.map((key) => setAt(call, key));
  const found = new Set<ByteString>();
  if (first === undefined) return found;
  const { store } = call.keyspace;
  for (const { member } of allFields(store, first.owner)) {
    if (!others.some((set) => set !== undefined && hasMember(store, set.owner, member))) found.add(member);
  }
  return found;
};

/** SINTERCARD numkeys key … [LIMIT limit] */
function intersectionCount(call: Call, args: readonly ByteString[]): Reply {
  const count = readCountOr(arg(args, 0), 1, 'numkeys should be greater than 0');
  if (count > args.length - 1) throw refusal('ERR', "Number of keys can't be greater than number of args");
  const keys = args.slice(1, 1 + count);
  let limit = 0;
  for (let i = 1 + count; i < args.length; i += 2) {
    const value = args[i + 1];
    if (args[i]?.toLowerCase() !== 'limit' || value === undefined) throw syntaxError();
    limit = readCountOr(value, 0, "LIMIT can't be negative");
  }
  return intersection(call, keys, limit === 0 ? Number.POSITIVE_INFINITY : limit).size;
}

const answering = (name: string, operation: Operation, summary: string): KvCommand => ({
  name,
  arity: -2,
  flags: ['readonly', 'sort_for_script'],
  firstKey: 1,
  lastKey: -1,
  step: 1,
  summary,
  run: (call, args) => setReply([...operation(call, args)].map(bytes)),
});

const storing = (name: string, operation: Operation, summary: string): KvCommand => ({
  name,
  arity: -3,
  flags: ['write', 'denyoom'],
  firstKey: 1,
  lastKey: -1,
  step: 1,
  summary,
  run(call, args) {
    const members = operation(call, args.slice(1));
    replaceSet(call, arg(args, 0), members);
    return members.size;
  },
});

export const operationCommands: readonly KvCommand[] = [
  answering('sinter', intersection, 'Answers the members that all sets have.'),
  answering('sunion', union, 'Answers the members that any set has.'),
  answering('sdiff', difference, 'Answers the members of the first set that no other has.'),
  storing('sinterstore', intersection, 'Stores the members that all sets have.'),
  storing('sunionstore', union, 'Stores the members that any set has.'),
  storing('sdiffstore', difference, 'Stores the members of the first set that no other has.'),
  {
    name: 'sintercard',
    arity: -3,
    flags: ['readonly', 'movablekeys'],
    moreKeys: keysByNumber(0),
    summary: 'Answers how many members all sets have.',
    run: intersectionCount,
  },
];
