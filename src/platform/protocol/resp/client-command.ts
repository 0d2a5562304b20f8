/** CLIENT: what connections say and ask about themselves. */
import type { ClientState } from './client-state.js';
import type { RespCommand } from './command.js';
import { notAnInteger, syntaxError, unknownSubcommand, wrongArity } from './errors.js';
import { error, OK, type Reply } from './reply.js';

export interface ClientDirectory {
  clients(): Iterable<ClientState>;
  /** Milliseconds on the monotonic clock. */
  monotonic(): number;
}

interface Subcommand {
  /** Number of arguments behind the subcommand's name. */
  readonly least: number;
  readonly most: number;
  handle(client: ClientState, args: readonly Buffer[]): Reply;
}

/** Redis allows the printable ASCII characters but the space. */
const NAME = /^[!-~]*$/;

/** Sets the name, or says why not. */
export function setClientName(client: ClientState, name: Buffer): Reply {
  const text = name.toString('latin1');
  if (!NAME.test(text)) {
    return error('ERR', 'Client names cannot contain spaces, newlines or special characters.');
  }
  client.name = text;
  return OK;
}

export function clientCommand(directory: ClientDirectory): RespCommand<ClientState> {
  const subcommands = clientSubcommands(directory);
  return {
    name: 'client',
    arity: -2,
    flags: ['noscript', 'loading', 'stale'],
    summary: 'Names, describes and lists connections.',
    handle(client, args) {
      const [name = Buffer.alloc(0), ...rest] = args;
      const key = name.toString('latin1').toLowerCase();
      const subcommand = subcommands.get(key);
      if (subcommand === undefined) return unknownSubcommand('client', name);
      if (rest.length < subcommand.least || rest.length > subcommand.most) return wrongArity(`client|${key}`);
      return subcommand.handle(client, rest);
    },
  };
}

function clientSubcommands(directory: ClientDirectory): ReadonlyMap<string, Subcommand> {
  const describe = (client: ClientState) => describeClient(client, directory.monotonic());
  return new Map<string, Subcommand>([
    ['id', { least: 0, most: 0, handle: (client) => client.id }],
    ['getname', { least: 0, most: 0, handle: (client) => (client.name === '' ? null : client.name) }],
    ['setname', { least: 1, most: 1, handle: (client, [name = Buffer.alloc(0)]) => setClientName(client, name) }],
    ['setinfo', { least: 2, most: 2, handle: setInfo }],
    ['info', { least: 0, most: 0, handle: (client) => `${describe(client)}\n` }],
    [
      'list',
      {
        least: 0,
        most: Number.POSITIVE_INFINITY,
        handle: (_client, args) => listClients(directory, args, describe),
      },
    ],
    ['unblock', { least: 1, most: 2, handle: (_client, args) => unblock(directory, args) }],
    // Nothing is ever evicted and no key has an idle time: the state asked for is the one there is.
    ['no-evict', { least: 1, most: 1, handle: onOff }],
    ['no-touch', { least: 1, most: 1, handle: onOff }],
    ['help', { least: 0, most: 0, handle: () => HELP }],
  ]);
}

/** CLIENT UNBLOCK id [TIMEOUT|ERROR] */
function unblock(directory: ClientDirectory, [id, reason]: readonly Buffer[]): Reply {
  const how = reason?.toString('latin1').toLowerCase() ?? 'timeout';
  if (how !== 'timeout' && how !== 'error') return error('ERR', 'CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
  const text = id?.toString('latin1') ?? '';
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return notAnInteger;
  for (const client of directory.clients()) if (String(client.id) === text) return client.unblock(how) ? 1 : 0;
  return 0;
}

function setInfo(client: ClientState, [attribute, value]: readonly Buffer[]): Reply {
  const text = value?.toString('latin1') ?? '';
  const key = attribute?.toString('latin1').toLowerCase();
  if (key !== 'lib-name' && key !== 'lib-ver')
    return error('ERR', `Unrecognized option '${attribute?.toString('latin1')}'`);
  if (!NAME.test(text)) return error('ERR', `${key} cannot contain spaces, newlines or special characters.`);
  if (key === 'lib-name') client.libraryName = text;
  else client.libraryVersion = text;
  return OK;
}

const onOff = (_client: ClientState, [state]: readonly Buffer[]): Reply =>
  /^(on|off)$/i.test(state?.toString('latin1') ?? '') ? OK : syntaxError;

/** CLIENT LIST [TYPE normal|…] [ID id …] */
function listClients(
  directory: ClientDirectory,
  args: readonly Buffer[],
  describe: (client: ClientState) => string,
): Reply {
  const [option, ...values] = args.map((arg) => arg.toString('latin1').toLowerCase());
  let keep: (client: ClientState) => boolean = () => true;
  if (option === 'type' && values.length === 1) {
    if (!/^(normal|master|replica|slave|pubsub)$/.test(values[0] ?? '')) {
      return error('ERR', `Unknown client type '${values[0]}'`);
    }
    keep = () => values[0] === 'normal';
  } else if (option === 'id' && values.length > 0) {
    if (values.some((id) => !/^(0|[1-9]\d{0,15})$/.test(id))) return error('ERR', 'Invalid client ID');
    const ids = new Set(values.map(Number));
    keep = (client) => ids.has(client.id);
  } else if (option !== undefined) {
    return syntaxError;
  }
  let text = '';
  for (const client of directory.clients()) if (keep(client)) text += `${describe(client)}\n`;
  return text;
}

/** The fields of Redis's CLIENT LIST that mean something here, in its order. */
function describeClient(client: ClientState, now: number): string {
  const seconds = (since: number) => Math.max(0, Math.floor((now - since) / 1000));
  return [
    `id=${client.id} addr=${client.address} laddr=${client.localAddress} name=${client.name}`,
    `age=${seconds(client.connectedAt)} idle=${seconds(client.lastActiveAt)} flags=${client.flags} db=${client.database}`,
    `qbuf=${client.inputBytes} obl=${client.pendingReplies} omem=${client.outputBytes}`,
    `cmd=${client.lastCommand} user=default resp=${client.protocol}`,
    `lib-name=${client.libraryName} lib-ver=${client.libraryVersion}`,
  ].join(' ');
}

const HELP: readonly string[] = [
  'CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'GETNAME',
  '    Return the name of the current connection.',
  'ID',
  '    Return the ID of the current connection.',
  'INFO',
  '    Return information about the current client connection.',
  'LIST [TYPE <type> | ID <id> [<id> ...]]',
  '    Return information about client connections.',
  'NO-EVICT (ON|OFF)',
  '    Accepted; no connection is ever evicted.',
  'NO-TOUCH (ON|OFF)',
  '    Accepted; no key has an idle time.',
  'SETINFO <lib-name|lib-ver> <value>',
  "    Say which client library this is, and the library's version.",
  'SETNAME <name>',
  '    Assign the name <name> to the current connection.',
  'HELP',
  '    Print this help.',
];
