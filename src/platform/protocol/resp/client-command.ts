/** CLIENT: what connections say and ask about themselves, and do to each other. */
import type { ClientDirectory } from './client-directory.js';
import { killClients } from './client-kill.js';
import { describeClient, listClients } from './client-list.js';
import { type Pausing, pauseClients } from './client-pause.js';
import type { ClientState } from './client-state.js';
import type { RespCommand } from './command.js';
import { notAnInteger, syntaxError, unknownSubcommand, wrongArity, wrongSubcommandArity } from './errors.js';
import { readInteger } from './integer.js';
import { error, map, OK, type Reply, set, simple, verbatim } from './reply.js';

export interface ClientCommandOptions extends ClientDirectory {
  pausing(): Pausing;
}

interface Subcommand {
  /** Number of arguments behind the subcommand's name. */
  readonly least: number;
  readonly most: number;
  /** Where Redis has no upper bound and tells by another text that there are too many. */
  readonly tooMany?: 'subcommand';
  handle(client: ClientState, args: readonly Buffer[]): Reply;
}

const EMPTY = Buffer.alloc(0);
const ANY_NUMBER = Number.POSITIVE_INFINITY;
/** Redis allows the printable ASCII characters but the space. */
const NAME = /^[!-~]*$/;
/** Of a name; Redis knows no such bound. */
const MOST_NAME_BYTES = 4_096;

const tooLongName = (what: string) => error('ERR', `${what} cannot be longer than ${MOST_NAME_BYTES} bytes.`);

/** Sets the name, or says why not. */
export function setClientName(client: ClientState, name: Buffer): Reply {
  const text = name.toString('latin1');
  if (!NAME.test(text)) {
    return error('ERR', 'Client names cannot contain spaces, newlines or special characters.');
  }
  if (text.length > MOST_NAME_BYTES) return tooLongName('Client names');
  client.name = text;
  return OK;
}

export function clientCommand(options: ClientCommandOptions): RespCommand<ClientState> {
  const subcommands = clientSubcommands(options);
  return {
    name: 'client',
    arity: -2,
    flags: ['noscript', 'loading', 'stale'],
    summary: 'Names, describes, lists, pauses and ends connections.',
    handle(client, args) {
      const [name = EMPTY, ...rest] = args;
      const key = name.toString('latin1').toLowerCase();
      const subcommand = subcommands.get(key);
      if (subcommand === undefined) return unknownSubcommand('client', name);
      client.lastCommand = `client|${key}`;
      const { least, most, tooMany } = subcommand;
      if (rest.length > most && tooMany !== undefined) return wrongSubcommandArity('client', name);
      if (rest.length < least || rest.length > most) return wrongArity(`client|${key}`);
      return subcommand.handle(client, rest);
    },
  };
}

function clientSubcommands(options: ClientCommandOptions): ReadonlyMap<string, Subcommand> {
  return new Map<string, Subcommand>([
    ['id', { least: 0, most: 0, handle: (client) => client.id }],
    ['getname', { least: 0, most: 0, handle: (client) => (client.name === '' ? null : client.name) }],
    ['setname', { least: 1, most: 1, handle: (client, [name = EMPTY]) => setClientName(client, name) }],
    ['setinfo', { least: 2, most: 2, handle: setInfo }],
    ['info', { least: 0, most: 0, handle: (client) => info(client, options.monotonic()) }],
    ['list', { least: 0, most: ANY_NUMBER, handle: (_client, args) => listClients(options, args) }],
    ['kill', { least: 1, most: ANY_NUMBER, handle: (client, args) => killClients(options, client, args) }],
    [
      'pause',
      { least: 1, most: 2, tooMany: 'subcommand', handle: (_client, args) => pauseClients(options.pausing(), args) },
    ],
    ['unpause', { least: 0, most: 0, handle: () => unpause(options) }],
    ['reply', { least: 1, most: 1, handle: setReplies }],
    ['unblock', { least: 1, most: 2, handle: (_client, args) => unblock(options, args) }],
    // Nobody tracks keys, nothing is ever evicted and no key has an idle time: the state asked for is the one there is.
    ['getredir', { least: 0, most: 0, handle: () => -1 }],
    ['trackinginfo', { least: 0, most: 0, handle: () => NOT_TRACKING }],
    ['no-evict', { least: 1, most: 1, handle: onOff }],
    ['no-touch', { least: 1, most: 1, handle: onOff }],
    ['help', { least: 0, most: 0, handle: () => HELP.map(simple) }],
  ]);
}

const info = (client: ClientState, now: number): Reply => verbatim('txt', describeClient(client, now));

const NOT_TRACKING = map([
  ['flags', set(['off'])],
  ['redirect', -1],
  ['prefixes', []],
]);

function unpause({ pausing }: ClientCommandOptions): Reply {
  pausing().pause.end();
  return OK;
}

/** An array with an element left out could not be read: Redis sends one. */
const REPLY_IN_TRANSACTION = error('ERR', 'CLIENT REPLY is not allowed inside a transaction');

/** CLIENT REPLY ON|OFF|SKIP */
function setReplies(client: ClientState, [mode]: readonly Buffer[]): Reply {
  const key = mode?.toString('latin1').toLowerCase();
  if (key !== 'on' && key !== 'off' && key !== 'skip') return syntaxError;
  if (client.inTransaction) return REPLY_IN_TRANSACTION;
  client.setReplies(key);
  return OK;
}

/** CLIENT UNBLOCK id [TIMEOUT|ERROR] */
function unblock(directory: ClientDirectory, [id, reason]: readonly Buffer[]): Reply {
  const how = reason?.toString('latin1').toLowerCase() ?? 'timeout';
  if (how !== 'timeout' && how !== 'error') return error('ERR', 'CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
  const text = id?.toString('latin1') ?? '';
  if (readInteger(text) === undefined) return notAnInteger;
  for (const client of directory.clients()) if (String(client.id) === text) return client.unblock(how) ? 1 : 0;
  return 0;
}

function setInfo(client: ClientState, [attribute, value]: readonly Buffer[]): Reply {
  const text = value?.toString('latin1') ?? '';
  const key = attribute?.toString('latin1').toLowerCase();
  if (key !== 'lib-name' && key !== 'lib-ver')
    return error('ERR', `Unrecognized option '${attribute?.toString('latin1')}'`);
  if (!NAME.test(text)) return error('ERR', `${key} cannot contain spaces, newlines or special characters.`);
  if (text.length > MOST_NAME_BYTES) return tooLongName(key);
  if (key === 'lib-name') client.libraryName = text;
  else client.libraryVersion = text;
  return OK;
}

const onOff = (_client: ClientState, [state]: readonly Buffer[]): Reply =>
  /^(on|off)$/i.test(state?.toString('latin1') ?? '') ? OK : syntaxError;

const HELP: readonly string[] = [
  'CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'GETNAME',
  '    Return the name of the current connection.',
  'GETREDIR',
  '    Return -1: no connection tracks keys.',
  'ID',
  '    Return the ID of the current connection.',
  'INFO',
  '    Return information about the current client connection.',
  'KILL <ip:port>',
  '    Kill the connection made from <ip:port>.',
  'KILL <option> <value> [<option> <value> [...]]',
  '    Kill connections. Options are:',
  '    * ADDR <ip:port>, LADDR <ip:port>',
  '      Kill connections made from, or to, the specified address.',
  '    * ID <id>, TYPE <type>, USER <name>, MAXAGE <seconds>',
  '      Kill connections by ID, by type, by user, by least age.',
  '    * SKIPME (YES|NO)',
  '      Skip killing the current connection (default: yes).',
  'LIST [TYPE <type> | ID <id> [<id> ...]]',
  '    Return information about client connections.',
  'NO-EVICT (ON|OFF)',
  '    Accepted; no connection is ever evicted.',
  'NO-TOUCH (ON|OFF)',
  '    Accepted; no key has an idle time.',
  'PAUSE <timeout> [WRITE|ALL]',
  '    Suspend all, or just write, clients for <timeout> milliseconds.',
  'REPLY (ON|OFF|SKIP)',
  '    Control the replies sent to the current connection.',
  'SETINFO <lib-name|lib-ver> <value>',
  "    Say which client library this is, and the library's version.",
  'SETNAME <name>',
  '    Assign the name <name> to the current connection.',
  'TRACKINGINFO',
  '    Report that the current connection tracks no keys.',
  'UNBLOCK <clientid> [TIMEOUT|ERROR]',
  '    Unblock the specified blocked client.',
  'UNPAUSE',
  '    Stop the current client pause, resuming traffic.',
  'HELP',
  '    Print this help.',
];
