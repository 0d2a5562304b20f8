/** PING, ECHO, SELECT, HELLO, AUTH, RESET, QUIT: the commands about the connection itself. */
import { setClientName } from './client-command.js';
import type { ClientState } from './client-state.js';
import type { RespCommand } from './command.js';
import { notAnInteger, syntaxError, wrongArity, wrongPassword } from './errors.js';
import { error, map, OK, type Reply, simple } from './reply.js';

export interface ConnectionCommandsOptions {
  readonly serverName: string;
  readonly version: string;
  /** Whether a password is set; without one everybody is authenticated. */
  readonly passwordRequired: boolean;
  /** Compares in constant time. */
  checkPassword(password: Buffer): boolean;
  /** How many SELECT knows. Default 1. */
  readonly databases?: number;
}

const EMPTY = Buffer.alloc(0);
/** Redis's name for the one user there is without ACLs. */
const DEFAULT_USER = 'default';

export function connectionCommands(options: ConnectionCommandsOptions): RespCommand<ClientState>[] {
  return [
    {
      name: 'ping',
      arity: -1,
      flags: ['fast'],
      summary: 'Answers PONG, or the argument: is the server there?',
      handle: (_client, args) => (args.length > 1 ? wrongArity('ping') : (args[0] ?? PONG)),
    },
    {
      name: 'echo',
      arity: 2,
      flags: ['loading', 'stale', 'fast'],
      summary: 'Answers its argument.',
      handle: (_client, args) => args[0] ?? EMPTY,
    },
    {
      name: 'select',
      arity: 2,
      flags: ['loading', 'stale', 'fast'],
      summary: 'Selects a database by its number.',
      handle: (client, args) => select(client, args[0] ?? EMPTY, options.databases ?? 1),
    },
    ...authenticationCommands(options),
    {
      name: 'reset',
      arity: 1,
      flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
      summary: 'Puts the connection into the state it began with.',
      barrier: true,
      handle: (client) => {
        client.protocol = 2;
        client.name = '';
        client.database = 0;
        client.reset();
        client.authenticated = !options.passwordRequired;
        return RESET;
      },
    },
    {
      name: 'quit',
      arity: -1,
      flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
      summary: 'Closes the connection once all replies have been sent.',
      barrier: true,
      handle: (client) => {
        client.closeAfterReplies();
        return OK;
      },
    },
  ];
}

const PONG = simple('PONG');
const RESET = simple('RESET');

function select(client: ClientState, index: Buffer, databases: number): Reply {
  const text = index.toString('latin1');
  if (!/^(0|-?[1-9]\d{0,9})$/.test(text)) return notAnInteger;
  const number = Number(text);
  if (number < 0 || number >= databases) return error('ERR', 'DB index is out of range');
  client.database = number;
  return OK;
}

function authenticationCommands(options: ConnectionCommandsOptions): RespCommand<ClientState>[] {
  return [
    {
      name: 'auth',
      arity: -2,
      flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
      summary: 'Authenticates the connection.',
      handle: (client, args) => auth(options, client, args),
    },
    {
      name: 'hello',
      arity: -1,
      flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
      summary: 'Selects the protocol version, authenticates, names the connection, and describes the server.',
      // Replies that are still outstanding belong to the old protocol version.
      barrier: true,
      handle: (client, args) => hello(options, client, args),
    },
  ];
}

function auth(options: ConnectionCommandsOptions, client: ClientState, args: readonly Buffer[]): Reply {
  const [first = EMPTY, second] = args;
  if (args.length > 2) return syntaxError;
  if (second === undefined && !options.passwordRequired) {
    return error(
      'ERR',
      'AUTH <password> called without any password configured for the default user. ' +
        'Are you sure your configuration is correct?',
    );
  }
  const [user, password] = second === undefined ? [DEFAULT_USER, first] : [first.toString('latin1'), second];
  return authenticate(options, client, user, password) ? OK : wrongPassword;
}

function authenticate(
  options: ConnectionCommandsOptions,
  client: ClientState,
  user: string,
  password: Buffer,
): boolean {
  const right = !options.passwordRequired || options.checkPassword(password);
  if (!right || user !== DEFAULT_USER) return false;
  client.authenticated = true;
  return true;
}

/** HELLO [protover [AUTH user password] [SETNAME name]] */
function hello(options: ConnectionCommandsOptions, client: ClientState, args: readonly Buffer[]): Reply {
  const version = args[0]?.toString('latin1') ?? String(client.protocol);
  if (!/^-?\d{1,18}$/.test(version)) return error('ERR', 'Protocol version is not an integer or out of range');
  if (version !== '2' && version !== '3') return error('NOPROTO', 'unsupported protocol version');
  let name: Buffer | undefined;
  let credentials: [user: string, password: Buffer] | undefined;
  for (let at = 1; at < args.length; ) {
    const option = args[at]?.toString('latin1') ?? '';
    const [first, second] = [args[at + 1], args[at + 2]];
    if (/^auth$/i.test(option) && first !== undefined && second !== undefined) {
      credentials = [first.toString('latin1'), second];
      at += 3;
    } else if (/^setname$/i.test(option) && first !== undefined) {
      name = first;
      at += 2;
    } else {
      return error('ERR', `Syntax error in HELLO option '${option}'`);
    }
  }
  if (credentials !== undefined && !authenticate(options, client, ...credentials)) return wrongPassword;
  if (!client.authenticated) return HELLO_NOAUTH;
  if (name !== undefined) {
    const named = setClientName(client, name);
    if (named !== OK) return named;
  }
  client.protocol = version === '3' ? 3 : 2;
  return map([
    ['server', options.serverName],
    ['version', options.version],
    ['proto', client.protocol],
    ['id', client.id],
    ['mode', 'standalone'],
    ['role', 'master'],
    ['modules', []],
  ]);
}

const HELLO_NOAUTH = error(
  'NOAUTH',
  'HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option ' +
    'can be used to authenticate the client and select the RESP protocol version at the same time',
);
