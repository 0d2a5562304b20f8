/** CLIENT LIST and CLIENT INFO. */
import type { ClientDirectory } from './client-directory.js';
import type { ClientState } from './client-state.js';
import { isClientType, isTypeHere, unknownClientType } from './client-type.js';
import { syntaxError } from './errors.js';
import { error, type Reply, verbatim } from './reply.js';

/** CLIENT LIST [TYPE normal|…] [ID id …] */
export function listClients(directory: ClientDirectory, args: readonly Buffer[]): Reply {
  const [option, ...values] = args.map((arg) => arg.toString('latin1'));
  let keep: (client: ClientState) => boolean = () => true;
  if (option?.toLowerCase() === 'type' && values.length === 1) {
    const [type = ''] = values;
    if (!isClientType(type)) return unknownClientType(type);
    keep = () => isTypeHere(type);
  } else if (option?.toLowerCase() === 'id' && values.length > 0) {
    if (values.some((id) => !/^(0|[1-9]\d{0,15})$/.test(id))) return error('ERR', 'Invalid client ID');
    const ids = new Set(values.map(Number));
    keep = (client) => ids.has(client.id);
  } else if (option !== undefined) {
    return syntaxError;
  }
  const now = directory.monotonic();
  let text = '';
  for (const client of directory.clients()) if (keep(client)) text += describeClient(client, now);
  return verbatim('txt', text);
}

/** One line: the fields of Redis's CLIENT LIST that mean something here, in its order. */
export function describeClient(client: ClientState, now: number): string {
  const seconds = (since: number) => Math.max(0, Math.floor((now - since) / 1000));
  const fields = [
    `id=${client.id} addr=${client.address} laddr=${client.localAddress} name=${client.name}`,
    `age=${seconds(client.connectedAt)} idle=${seconds(client.lastActiveAt)} flags=${client.flags} db=${client.database}`,
    `qbuf=${client.inputBytes} obl=${client.pendingReplies} omem=${client.outputBytes}`,
    `cmd=${client.lastCommand} user=default resp=${client.protocol}`,
    `lib-name=${client.libraryName} lib-ver=${client.libraryVersion}`,
  ];
  return `${fields.join(' ')}\n`;
}
