/**
 * A syslog receiver: RFC 5424 over UDP (a datagram an entry), TCP and TLS (octet counting, RFC 6587). Syslog acknowledges nothing: delivered
 * is what the system took for sending, and what is in its buffer when a connection breaks is lost without a word. Where that matters use a
 * protocol that answers.
 */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { datagramType } from '../../../../platform/daemon/listen.js';
import { serverName } from '../../../../platform/protocol/server-name.js';
import { type EntryBatch, lineBytes, streamOf } from '../../entry-batch.js';
import { formatMessage, octetCounted } from '../../syslog/format.js';
import type { Delivery, Sink } from '../sink.js';
import { badSink, type SinkText } from './sink-text.js';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { udp: 514, tcp: 514, tls: 6514 };
/** The largest payload of UDP over IPv4; longer messages are cut, as RFC 5426 lets a sender do. */
const LARGEST_DATAGRAM = 65_507;

interface Place {
  readonly host: string;
  readonly port: number;
}

/** Error: `log.bad_sink`. */
export function syslogSink({ name, place, transport = 'udp' }: SinkText): Sink {
  const where = readPlace(name, place, transport);
  return transport === 'udp' ? datagramSink(name, where) : streamSink(name, where, transport === 'tls');
}

function readPlace(name: string, place: string, transport: string): Place {
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(place) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? (DEFAULT_PORTS[transport] ?? 514) : Number(port);
  if (host === '' || number === 0 || number > 65_535)
    throw badSink(`${name} is not HOST:PORT`, `syslog+${transport}://127.0.0.1:514`);
  return { host, port: number };
}

function messageAt(batch: EntryBatch, index: number): Buffer {
  return formatMessage({
    timestamp: batch.timestamps[index] ?? 0n,
    line: lineBytes(batch, index),
    stream: streamOf(batch, index),
    metadata: batch.metadata?.[index],
  });
}

function datagramSink(name: string, { host, port }: Place): Sink {
  let socket: DatagramSocket | undefined;
  const connected = async (): Promise<DatagramSocket> => {
    if (socket !== undefined) return socket;
    const fresh = createSocket(datagramType(host));
    // Connected, so that a receiver that is not there is told of (ICMP port unreachable).
    const ready = once(fresh, 'connect');
    fresh.connect(port, host);
    await ready;
    fresh.on('error', () => {
      socket = undefined;
      fresh.close();
    });
    socket = fresh;
    return fresh;
  };
  return {
    name,
    async deliver(batch: EntryBatch, _id: string, signal: AbortSignal): Promise<Delivery> {
      const to = await connected();
      for (let i = 0; i < batch.count && !signal.aborted; i++) {
        const message = messageAt(batch, i).subarray(0, LARGEST_DATAGRAM);
        await new Promise<void>((resolve, reject) =>
          to.send(message, (error) => (error === null ? resolve() : reject(error))),
        );
      }
      signal.throwIfAborted();
      return { outcome: 'delivered' };
    },
    async close() {
      socket?.close();
      socket = undefined;
    },
  };
}

function streamSink(name: string, { host, port }: Place, overTls: boolean): Sink {
  let socket: Socket | undefined;
  const connected = async (signal: AbortSignal): Promise<Socket> => {
    if (socket !== undefined && !socket.destroyed && socket.writable) return socket;
    const fresh = overTls ? connectTls({ host, port, ...serverName(host) }) : connectTcp({ host, port });
    socket = fresh;
    // A receiver says nothing; reading finds out that it has gone.
    fresh.resume();
    await once(fresh, overTls ? 'secureConnect' : 'connect', { signal }).catch((error: unknown) => {
      fresh.destroy();
      throw error;
    });
    fresh.on('error', () => fresh.destroy());
    fresh.on('end', () => fresh.destroy());
    return fresh;
  };
  return {
    name,
    async deliver(batch: EntryBatch, _id: string, signal: AbortSignal): Promise<Delivery> {
      const to = await connected(signal);
      const frames: Buffer[] = [];
      for (let i = 0; i < batch.count; i++) frames.push(octetCounted(messageAt(batch, i)));
      const breakOff = () => to.destroy();
      signal.addEventListener('abort', breakOff, { once: true });
      let onClose = () => {};
      try {
        await new Promise<void>((resolve, reject) => {
          onClose = () => reject(new Error(`${host}:${port} closed the connection`));
          to.once('close', onClose);
          to.write(Buffer.concat(frames), (error) => (error ? reject(error) : resolve()));
        });
      } finally {
        signal.removeEventListener('abort', breakOff);
        to.off('close', onClose);
      }
      return { outcome: 'delivered' };
    },
    async close() {
      if (socket === undefined || socket.destroyed) return;
      socket.end();
      await new Promise<void>((resolve) => socket?.once('close', () => resolve()));
    },
  };
}
