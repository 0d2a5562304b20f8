/** Members: SADD SREM SMEMBERS SISMEMBER SMISMEMBER SCARD SMOVE SSCAN. */
import { bytes, type Reply, set as setReply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { addMember, allFields, hasMember, removeMember } from '../../collections/members.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { scanElements } from '../element-scan.js';
import { ONE_KEY, putSet, setAt } from './set-at.js';

function add(call: Call, args: readonly ByteString[]): Reply {
  const key = arg(args, 0);
  const set = setAt(call, key) ?? call.keyspace.newCollection('set');
  let added = 0;
  for (let i = 1; i < args.length; i++) if (addMember(call.keyspace.store, set.owner, arg(args, i))) added++;
  if (added > 0) putSet(call, key, set, set.count + added);
  return added;
}

function remove(call: Call, args: readonly ByteString[]): Reply {
  const key = arg(args, 0);
  const set = setAt(call, key);
  if (set === undefined) return 0;
  let removed = 0;
  for (const member of args.slice(1)) if (removeMember(call.keyspace.store, set.owner, member)) removed++;
  if (removed > 0) putSet(call, key, set, set.count - removed);
  return removed;
}

function isMember(call: Call, args: readonly ByteString[]): number[] {
  const set = setAt(call, arg(args, 0));
  const { store } = call.keyspace;
  return args.slice(1).map((member) => Number(set !== undefined && hasMember(store, set.owner, member)));
}

function all(call: Call, key: ByteString): Reply {
  const set = setAt(call, key);
  const members: Reply[] = [];
  if (set !== undefined) {
    for (const { member } of allFields(call.keyspace.store, set.owner)) members.push(bytes(member));
  }
  return setReply(members);
}

function move(call: Call, args: readonly ByteString[]): Reply {
  const [source = '', target = '', member = ''] = args;
  const { store } = call.keyspace;
  const from = setAt(call, source);
  if (from === undefined) return 0;
  const to = setAt(call, target);
  if (source === target) return Number(hasMember(store, from.owner, member));
  if (!removeMember(store, from.owner, member)) return 0;
  putSet(call, source, from, from.count - 1);
  const set = to ?? call.keyspace.newCollection('set');
  if (addMember(store, set.owner, member)) putSet(call, target, set, set.count + 1);
  return 1;
}

export const memberCommands: readonly KvCommand[] = [
  {
    name: 'sadd',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    ...ONE_KEY,
    summary: 'Adds members to a set.',
    run: add,
  },
  {
    name: 'srem',
    arity: -3,
    flags: ['write', 'fast'],
    ...ONE_KEY,
    summary: 'Removes members of a set.',
    run: remove,
  },
  {
    name: 'smembers',
    arity: 2,
    flags: ['readonly', 'sort_for_script'],
    ...ONE_KEY,
    summary: 'Answers all members of a set.',
    run: (call, args) => all(call, arg(args, 0)),
  },
  {
    name: 'sismember',
    arity: 3,
    flags: ['readonly', 'fast'],
    ...ONE_KEY,
    summary: 'Answers whether a member is in a set.',
    run: (call, args) => isMember(call, args)[0] ?? 0,
  },
  {
    name: 'smismember',
    arity: -3,
    flags: ['readonly', 'fast'],
    ...ONE_KEY,
    summary: 'Answers of each member whether it is in a set.',
    run: isMember,
  },
  {
    name: 'scard',
    arity: 2,
    flags: ['readonly', 'fast'],
    ...ONE_KEY,
    summary: 'Answers how many members a set has.',
    run: (call, args) => setAt(call, arg(args, 0))?.count ?? 0,
  },
  {
    name: 'smove',
    arity: 4,
    flags: ['write', 'fast'],
    firstKey: 1,
    lastKey: 2,
    step: 1,
    summary: 'Moves a member from one set to another.',
    run: move,
  },
  {
    name: 'sscan',
    arity: -3,
    flags: ['readonly'],
    ...ONE_KEY,
    summary: 'Answers some members, and a cursor with which the next call goes on.',
    run: (call, args) => scanElements(call, args.slice(1), () => setAt(call, arg(args, 0)), {}),
  },
];
