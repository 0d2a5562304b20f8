/** Binds a server or a datagram socket to an address and explains what stood in the way. */
import type { Socket as DatagramSocket, SocketType } from 'node:dgram';
import { isIP, type Server } from 'node:net';
import { codeOf, type ErrorContext } from '../errors.js';
import { formatAddress, type ListenAddress } from './address.js';
import { daemonErrors } from './errors.js';
import { findPortHolder, type Transport } from './port-holder.js';

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
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  await explained(listening, request);
  const bound = server.address();
  return { host, port: bound !== null && typeof bound === 'object' ? bound.port : port };
}

/**
 * The same for a socket of type {@link datagramType}; resolves once datagrams are received. A socket that could not be
 * bound is left for the caller to close. Errors as of {@link listen}.
 */
export async function listenDatagram(socket: DatagramSocket, request: ListenRequest): Promise<ListenAddress> {
  const { host, port } = request.address;
  const listening = new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  await explained(listening, request, 'udp');
  return { host, port: socket.address().port };
}

/** A datagram socket has one family, and a name is looked up in that: IPv4, unless the host is an IPv6 address. */
export function datagramType(host: string): SocketType {
  return isIP(host) === 6 ? 'udp6' : 'udp4';
}

/** What another kind of server resolves to once it listens. Rejects as {@link listen} does, in place of the system's error. */
export async function explained<T>(
  listening: Promise<T>,
  request: ListenRequest,
  transport: Transport = 'tcp',
): Promise<T> {
  try {
    return await listening;
  } catch (cause) {
    throw await explain(cause, request, transport);
  }
}

async function explain(cause: unknown, request: ListenRequest, transport: Transport): Promise<Error> {
  const { address, flag } = request;
  const code = codeOf(cause) ?? '';
  const text = formatAddress(address);
  if (code === 'EADDRINUSE') return addressInUse(request, transport, cause);
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

async function addressInUse({ address, flag }: ListenRequest, transport: Transport, cause: unknown): Promise<Error> {
  const text = formatAddress(address);
  const holder = await findPortHolder(address, transport);
  const by = holder === undefined ? 'another process' : `${holder.name} (pid ${holder.pid})`;
  return daemonErrors.error(
    'listen.address_in_use',
    `${transport === 'udp' ? 'UDP ' : ''}port ${address.port} is taken by ${by}`,
    {
      hint: `${flag} ${formatAddress({ host: address.host, port: address.port < 65_535 ? address.port + 1 : 0 })}`,
      details: { address: text, ...(holder && { pid: holder.pid, process: holder.name }) },
      cause,
    },
  );
}
