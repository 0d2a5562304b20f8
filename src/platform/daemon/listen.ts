/** Binds a server to an address and explains what stood in the way. */
import type { Server } from 'node:net';
import { codeOf, type ErrorContext } from '../errors.js';
import { formatAddress, type ListenAddress } from './address.js';
import { daemonErrors } from './errors.js';
import { findPortHolder } from './port-holder.js';

export interface ListenRequest {
  readonly address: ListenAddress;
  /** How the user says another address: `ds seq serve --listen`. */
  readonly flag: string;
}

/**
 * Resolves with the address really bound once connections are accepted.
 * Errors: `listen.address_in_use` (details: address, pid, process), `listen.failed`.
 */
export async function listen(server: Server, request: ListenRequest): Promise<ListenAddress> {
  const { host, port } = request.address;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, exclusive: true }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    throw await explainListenError(cause, request);
  }
  const bound = server.address();
  return { host, port: bound !== null && typeof bound === 'object' ? bound.port : port };
}

/** Turns what `listen` of the operating system said into an error for people. */
export async function explainListenError(cause: unknown, { address, flag }: ListenRequest): Promise<Error> {
  const code = codeOf(cause) ?? '';
  const text = formatAddress(address);
  if (code === 'EADDRINUSE') return addressInUse(address, flag, cause);
  const reasons: Record<string, string> = {
    EACCES: 'this user may not bind it (ports below 1024 need a privilege)',
    EADDRNOTAVAIL: 'it is not an address of this machine',
    ENOTFOUND: 'the name does not resolve',
    EAI_AGAIN: 'the name does not resolve',
  };
  const reason = reasons[code];
  if (reason === undefined) return cause instanceof Error ? cause : new Error(String(cause));
  const context: ErrorContext = { hint: `${flag} 127.0.0.1:0`, details: { address: text }, cause };
  return daemonErrors.error('listen.failed', `cannot listen on ${text}: ${reason}`, context);
}

async function addressInUse(address: ListenAddress, flag: string, cause: unknown): Promise<Error> {
  const text = formatAddress(address);
  const holder = await findPortHolder(address.port);
  const by = holder === undefined ? 'another process' : `${holder.name} (pid ${holder.pid})`;
  return daemonErrors.error('listen.address_in_use', `port ${address.port} is taken by ${by}`, {
    hint: `${flag} ${formatAddress({ host: address.host, port: address.port < 65_535 ? address.port + 1 : 0 })}`,
    details: { address: text, ...(holder && { pid: holder.pid, process: holder.name }) },
    cause,
  });
}
