/** Random members: SPOP SRANDMEMBER. */
import { bytes, type Reply, set as setReply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { removeMember } from '../../collections/members.js';
import { syntaxError } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { readCountOr } from '../numbers.js';
import { readRandomCount } from '../random-count.js';
import { randomField, randomFields } from '../random-elements.js';
import { ONE_KEY, putSet, setAt } from './set-at.js';

function pop(call: Call, args: readonly ByteString[]): Reply {
  const [key = '', countText] = args;
  if (args.length > 2) throw syntaxError();
  const count =
    countText === undefined ? undefined : readCountOr(countText, 0, 'value is out of range, must be positive');
  const set = setAt(call, key);
  if (set === undefined) return count === undefined ? null : setReply([]);
  if (count === 0) return setReply([]);
  const taken = count === undefined ? [randomField(call, set)] : randomFields(call, set, { count, repeated: false });
  // A set that is taken whole is removed with its key, its rows are swept later.
  if (taken.length < set.count) for (const { member } of taken) removeMember(call.keyspace.store, set.owner, member);
  putSet(call, key, set, set.count - taken.length);
  const members = taken.map(({ member }) => bytes(member));
  return count === undefined ? (members[0] ?? null) : setReply(members);
}

function random(call: Call, args: readonly ByteString[]): Reply {
  const [key = '', countText] = args;
  if (args.length > 2) throw syntaxError();
  const count = countText === undefined ? undefined : readRandomCount(countText);
  const set = setAt(call, key);
  if (count === undefined) return set === undefined ? null : bytes(randomField(call, set).member);
  return set === undefined ? [] : randomFields(call, set, count).map(({ member }) => bytes(member));
}

export const randomCommands: readonly KvCommand[] = [
  {
    name: 'spop',
    arity: -2,
    flags: ['write', 'fast'],
    ...ONE_KEY,
    summary: 'Takes random members out of a set.',
    run: (call, args) => pop(call, [arg(args, 0), ...args.slice(1)]),
  },
  {
    name: 'srandmember',
    arity: -2,
    flags: ['readonly'],
    ...ONE_KEY,
    summary: 'Answers random members of a set.',
    run: (call, args) => random(call, [arg(args, 0), ...args.slice(1)]),
  },
];
