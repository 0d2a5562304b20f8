/** OBJECT: how Redis would hold a value. What nobody counts here, such as a key's idle time, is refused. */
import type { Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import type { Entry } from '../../entry.js';
import { refusal } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { type EncodingLimits, encodingOf } from '../encodings.js';
import { help, runSubcommand, type Subcommand } from '../subcommands.js';

const HELP = [
  'ENCODING <key>',
  '    Return the kind of internal representation used in order to store the value',
  '    associated with a <key>.',
  'REFCOUNT <key>',
  '    Return the number of references of the value associated with the specified',
  '    <key>.',
];

const NO_FREQUENCY =
  'An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between ' +
  'policies at runtime LRU and LFU data will take some time to adjust.';
const NO_IDLE_TIME = 'idle time not tracked';

/** Of a key; absent ones are answered with null. */
function ofKey(tell: (call: Call, entry: Entry) => Reply): Subcommand {
  return {
    least: 1,
    most: 1,
    run: (call: Call, args: readonly ByteString[]) => {
      const entry = call.database.find(arg(args, 0));
      return entry === undefined ? null : tell(call, entry);
    },
  };
}

function refusing(message: string): Subcommand {
  return ofKey(() => {
    throw refusal('ERR', message);
  });
}

export function objectCommand(limits: EncodingLimits): KvCommand {
  const subcommands: Readonly<Record<string, Subcommand>> = {
    encoding: ofKey(({ keyspace }, entry) => encodingOf(keyspace.store, limits, entry)),
    refcount: ofKey(() => 1),
    freq: refusing(NO_FREQUENCY),
    idletime: refusing(NO_IDLE_TIME),
    help: help('object', HELP),
  };
  return {
    name: 'object',
    arity: -2,
    firstKey: 2,
    lastKey: 2,
    step: 1,
    flags: ['readonly'],
    summary: 'Tells how a value is held.',
    run: (call, args) => runSubcommand('object', subcommands, call, args),
  };
}
