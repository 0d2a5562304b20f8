/** CLIENT KILL address, or CLIENT KILL [ID id] [ADDR address] [LADDR address] [TYPE type] [USER name] [SKIPME yes|no] [MAXAGE seconds] */
import type { ClientDirectory } from './client-directory.js';
import type { ClientState } from './client-state.js';
import { isClientType, isTypeHere, unknownClientType } from './client-type.js';
import { syntaxError } from './errors.js';
import { readInteger } from './integer.js';
import { error, OK, type Reply, type TaggedReply } from './reply.js';

/** Whom to leave out; a client is killed when no condition refuses it. */
interface Filter {
  readonly conditions: ((client: ClientState) => boolean)[];
  skipMe: boolean;
}

const NO_SUCH_CLIENT = error('ERR', 'No such client');
const NO_ID = error('ERR', 'client-id should be greater than 0');

export function killClients(directory: ClientDirectory, asker: ClientState, args: readonly Buffer[]): Reply {
  const texts = args.map((arg) => arg.toString('latin1'));
  const [address] = texts;
  if (texts.length === 1) {
    const conditions = [(client: ClientState) => client.address === address];
    return kill(directory, asker, { conditions, skipMe: false }) === 0 ? NO_SUCH_CLIENT : OK;
  }
  const filter: Filter = { conditions: [], skipMe: true };
  for (let at = 0; at < texts.length; at += 2) {
    const [option = '', value] = texts.slice(at, at + 2);
    const read = value === undefined ? undefined : OPTIONS.get(option.toLowerCase());
    if (read === undefined || value === undefined) return syntaxError;
    const refusal = read(filter, value, directory);
    if (refusal !== undefined) return refusal;
  }
  return kill(directory, asker, filter);
}

/** Others at once, with what they were not yet sent; the asker after its answer. */
function kill(directory: ClientDirectory, asker: ClientState, { conditions, skipMe }: Filter): number {
  const doomed = [...directory.clients()].filter((client) => conditions.every((condition) => condition(client)));
  let killed = 0;
  for (const client of doomed) {
    if (client === asker && skipMe) continue;
    killed++;
    if (client === asker) client.closeAfterReplies();
    else client.destroy();
  }
  return killed;
}

type Option = (filter: Filter, value: string, directory: ClientDirectory) => TaggedReply | undefined;

const OPTIONS: ReadonlyMap<string, Option> = new Map<string, Option>([
  ['id', id],
  ['addr', ({ conditions }, value) => void conditions.push(({ address }) => address === value)],
  ['laddr', ({ conditions }, value) => void conditions.push(({ localAddress }) => localAddress === value)],
  ['type', type],
  ['user', (_filter, value) => (value === 'default' ? undefined : error('ERR', `No such user '${value}'`))],
  ['skipme', skipMe],
  ['maxage', leastAge],
]);

function id({ conditions }: Filter, value: string): TaggedReply | undefined {
  const number = readInteger(value);
  if (number === undefined || number <= 0n) return NO_ID;
  conditions.push((client) => String(client.id) === value);
  return undefined;
}

function type({ conditions }: Filter, value: string): TaggedReply | undefined {
  if (!isClientType(value)) return unknownClientType(value);
  conditions.push(() => isTypeHere(value));
  return undefined;
}

function skipMe(filter: Filter, value: string): TaggedReply | undefined {
  if (!/^(yes|no)$/i.test(value)) return syntaxError;
  filter.skipMe = /^yes$/i.test(value);
  return undefined;
}

/** Newer than Redis 7.0. */
function leastAge({ conditions }: Filter, value: string, directory: ClientDirectory): TaggedReply | undefined {
  const seconds = readInteger(value);
  if (seconds === undefined) return error('ERR', 'maxage is not an integer or out of range');
  if (seconds <= 0n) return error('ERR', 'maxage should be greater than 0');
  const now = directory.monotonic();
  conditions.push(({ connectedAt }) => now - connectedAt >= Number(seconds) * 1000);
  return undefined;
}
