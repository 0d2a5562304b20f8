/** A RESP server with a few commands, and a raw client, for the tests here. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../../src/platform/clock.js';
import {
  createRespServer,
  type RespCommand,
  type RespServer,
  type RespServerOptions,
} from '../../../../src/platform/protocol/resp/index.js';
import { waitFor } from '../../../helpers/wait-for.js';

export interface Served {
  readonly server: RespServer;
  readonly port: number;
}

export async function serve(
  commands: RespServerOptions['commands'] = [],
  options: Partial<RespServerOptions> = {},
): Promise<Served> {
  const server = createRespServer({
    commands,
    serverName: 'ds-test',
    version: '1.2.3',
    clock: systemClock,
    info: () => ({}),
    ...options,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.stop(1000));
  return { server, port };
}

/** A command with any arguments. */
export function command(name: string, handle: RespCommand['handle'], more: Partial<RespCommand> = {}): RespCommand {
  return { name, arity: -1, flags: ['fast'], summary: 'For tests.', handle, ...more };
}

/** What comes back is collected, one character per byte. */
export class RawClient {
  received = '';
  /** The server has closed its side, or reset the connection. */
  ended = false;
  readonly socket: Socket;

  /** With `ca` it speaks TLS, and trusts that certificate alone. */
  constructor(port: number, options: { readonly allowHalfOpen?: boolean; readonly ca?: Buffer } = {}) {
    const address = { host: '127.0.0.1', port, ...options };
    this.socket = options.ca === undefined ? connect(address) : connectTls({ ...address, servername: 'localhost' });
    this.socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
    });
    this.socket.on('end', () => {
      this.ended = true;
    });
    this.socket.on('close', () => {
      this.ended = true;
    });
    this.socket.on('error', () => {});
    onTestFinished(() => {
      this.socket.destroy();
    });
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Waits until exactly this has come back since the last time. */
  async expect(text: string): Promise<void> {
    await waitFor(() => this.received.length >= text.length || this.ended, { what: JSON.stringify(text) });
    const received = this.received;
    this.received = '';
    if (received !== text) throw new Error(`received ${JSON.stringify(received)}, not ${JSON.stringify(text)}`);
  }

  async untilEnded(): Promise<string> {
    await waitFor(() => this.ended, { what: 'the server to close' });
    return this.received;
  }
}
