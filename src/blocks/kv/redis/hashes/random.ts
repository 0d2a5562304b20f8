/** HRANDFIELD. */
import { bytes, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { readRandomCountWith } from '../random-count.js';
import { randomField, randomFields } from '../random-elements.js';
import { hashAt, ONE_KEY } from './hash-at.js';

function randomFieldOf(call: Call, args: readonly ByteString[]): Reply {
  const [key = '', ...options] = args;
  if (options.length === 0) {
    const hash = hashAt(call, key);
    return hash === undefined ? null : bytes(randomField(call, hash).member);
  }
  const wanted = readRandomCountWith(options, 'withvalues');
  const hash = hashAt(call, key);
  if (hash === undefined) return [];
  const fields = randomFields(call, hash, wanted);
  if (!wanted.both) return fields.map(({ member }) => bytes(member));
  const pairs = fields.map(({ member, value }) => [bytes(member), bytes(value)]);
  return call.protocol === 3 ? pairs : pairs.flat();
}

export const randomCommands: readonly KvCommand[] = [
  {
    name: 'hrandfield',
    arity: -2,
    flags: ['readonly'],
    ...ONE_KEY,
    summary: 'Answers random fields of a hash.',
    run: (call, args) => randomFieldOf(call, [arg(args, 0), ...args.slice(1)]),
  },
];
