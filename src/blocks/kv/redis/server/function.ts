/** FUNCTION, as far as a server without functions can answer: there is nothing to be listed, and nothing is left after a FLUSH. */
import { OK, type Reply } from '../../../../platform/protocol/resp/reply.js';
import { type ByteString, textOf } from '../../bytes.js';
import { refusal } from '../../errors.js';
import type { Call, KvCommand } from '../command.js';
import { help, runSubcommand, type Subcommand } from '../subcommands.js';

function flush(_call: Call, args: readonly ByteString[]): Reply {
  const mode = args[0]?.toLowerCase();
  if (mode === undefined || mode === 'sync' || mode === 'async') return OK;
  throw refusal('ERR', 'FUNCTION FLUSH only supports SYNC|ASYNC option');
}

function list(_call: Call, args: readonly ByteString[]): Reply {
  for (let i = 0; i < args.length; i++) {
    const name = args[i]?.toLowerCase();
    if (name === 'withcode') continue;
    if (name !== 'libraryname') throw refusal('ERR', `Unknown argument ${textOf(args[i] ?? '')}`);
    if (args[++i] === undefined) throw refusal('ERR', 'library name argument was not given');
  }
  return [];
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  flush: { least: 0, most: 1, run: flush },
  list: { least: 0, most: 3, run: list },
  help: help('function', [
    'LIST [LIBRARYNAME PATTERN] [WITHCODE]',
    '    Return general information on all the libraries.',
    'FLUSH [ASYNC|SYNC]',
    '    Delete all the libraries.',
  ]),
};

export const functionCommands: readonly KvCommand[] = [
  {
    name: 'function',
    arity: -2,
    flags: ['noscript'],
    summary: 'Lists functions, of which there are none.',
    run: (call, args) => runSubcommand('function', subcommands, call, args),
  },
];
