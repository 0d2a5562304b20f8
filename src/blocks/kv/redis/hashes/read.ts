/** Fields that are read: HGET HMGET HGETALL HKEYS HVALS HLEN HEXISTS HSTRLEN HSCAN. */
import { bytes, map, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { allFields, fieldValue, hasMember } from '../../collections/members.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { scanElements } from '../element-scan.js';
import { hashAt, ONE_KEY } from './hash-at.js';

const READ = ['readonly'];
const FAST = ['readonly', 'fast'];

function valueAt(call: Call, key: ByteString, field: ByteString): ByteString | undefined {
  const hash = hashAt(call, key);
  return hash && fieldValue(call.keyspace.store, hash.owner, field);
}

const orNull = (value: ByteString | undefined): Reply => (value === undefined ? null : bytes(value));

function many(call: Call, args: readonly ByteString[]): Reply {
  const hash = hashAt(call, arg(args, 0));
  const { store } = call.keyspace;
  return args.slice(1).map((field) => (hash === undefined ? null : orNull(fieldValue(store, hash.owner, field))));
}

function all(call: Call, key: ByteString): [Reply, Reply][] {
  const hash = hashAt(call, key);
  const pairs: [Reply, Reply][] = [];
  if (hash === undefined) return pairs;
  for (const { member, value } of allFields(call.keyspace.store, hash.owner)) pairs.push([bytes(member), bytes(value)]);
  return pairs;
}

export const readCommands: readonly KvCommand[] = [
  {
    name: 'hget',
    arity: 3,
    flags: FAST,
    ...ONE_KEY,
    summary: 'Answers the value of a field.',
    run: (call, args) => orNull(valueAt(call, arg(args, 0), arg(args, 1))),
  },
  {
    name: 'hmget',
    arity: -3,
    flags: FAST,
    ...ONE_KEY,
    summary: 'Answers the values of fields.',
    run: many,
  },
  {
    name: 'hgetall',
    arity: 2,
    flags: READ,
    ...ONE_KEY,
    summary: 'Answers all fields and values of a hash.',
    run: (call, args) => map(all(call, arg(args, 0))),
  },
  {
    name: 'hkeys',
    arity: 2,
    flags: READ,
    ...ONE_KEY,
    summary: 'Answers all fields of a hash.',
    run: (call, args) => all(call, arg(args, 0)).map(([field]) => field),
  },
  {
    name: 'hvals',
    arity: 2,
    flags: READ,
    ...ONE_KEY,
    summary: 'Answers all values of a hash.',
    run: (call, args) => all(call, arg(args, 0)).map(([, value]) => value),
  },
  {
    name: 'hlen',
    arity: 2,
    flags: FAST,
    ...ONE_KEY,
    summary: 'Answers how many fields a hash has.',
    run: (call, args) => hashAt(call, arg(args, 0))?.count ?? 0,
  },
  {
    name: 'hexists',
    arity: 3,
    flags: FAST,
    ...ONE_KEY,
    summary: 'Answers whether a field is there.',
    run(call, args) {
      const hash = hashAt(call, arg(args, 0));
      return hash !== undefined && hasMember(call.keyspace.store, hash.owner, arg(args, 1)) ? 1 : 0;
    },
  },
  {
    name: 'hstrlen',
    arity: 3,
    flags: FAST,
    ...ONE_KEY,
    summary: 'Answers how long the value of a field is.',
    run: (call, args) => valueAt(call, arg(args, 0), arg(args, 1))?.length ?? 0,
  },
  {
    name: 'hscan',
    arity: -3,
    flags: READ,
    ...ONE_KEY,
    summary: 'Answers some fields and values, and a cursor with which the next call goes on.',
    run: (call, args) =>
      scanElements(call, args.slice(1), () => hashAt(call, arg(args, 0)), {
        value: ({ value }) => value,
        namesOnly: 'novalues',
      }),
  },
];
