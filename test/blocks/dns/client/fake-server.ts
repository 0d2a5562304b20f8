/** Name servers that answer what a test says, well or badly, over UDP and TCP on one loopback port. */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { Name } from '../../../../src/blocks/dns/name.js';
import { parseRdata } from '../../../../src/blocks/dns/rdata/index.js';
import type { ResourceRecord } from '../../../../src/blocks/dns/record.js';
import { type Message, makeMessage, parseType, readMessage, writeMessage } from '../../../../src/blocks/dns/wire.js';

/** Sends a datagram or a framed message to who asked; bytes go out as they are. */
type Send = (answer: Uint8Array | Message) => void;

export interface FakeServerOptions {
  readonly udp?: (query: Message, send: Send, from: { readonly socket: UdpSocket; readonly peer: RemoteInfo }) => void;
  /** Called for each query; the socket is for those who hang up or write frames of their own. */
  readonly tcp?: (query: Message, send: Send, socket: Socket) => void;
}

export interface FakeServer {
  readonly port: number;
  /** `127.0.0.1#port` */
  readonly place: string;
  /** Queries over UDP and TCP, as they came. */
  readonly queries: Message[];
  /** Connections over TCP so far. */
  connections(): number;
  /** Ends the connections that are open. */
  hangUp(): void;
}

export async function startFakeServer(options: FakeServerOptions): Promise<FakeServer> {
  for (;;) {
    const server = await tryStart(options);
    if (server !== undefined) return server;
  }
}

/** Undefined when the port that UDP was given is taken for TCP. */
async function tryStart({ udp, tcp }: FakeServerOptions): Promise<FakeServer | undefined> {
  const queries: Message[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const datagrams = createSocket('udp4');
  datagrams.bind(0, '127.0.0.1');
  await once(datagrams, 'listening');
  const { port } = datagrams.address();
  datagrams.on('message', (bytes, peer) => {
    const query = readMessage(new Uint8Array(bytes));
    queries.push(query);
    udp?.(query, (answer) => datagrams.send(bytesOf(answer), peer.port, peer.address), { socket: datagrams, peer });
  });
  const listener = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let held = new Uint8Array();
    socket.on('data', (bytes) => {
      held = new Uint8Array(Buffer.concat([held, bytes]));
      for (let length = frameLength(held); held.length >= length; length = frameLength(held)) {
        const query = readMessage(held.slice(2, length));
        held = held.slice(length);
        queries.push(query);
        tcp?.(query, (answer) => socket.write(framed(bytesOf(answer))), socket);
      }
    });
  });
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    datagrams.close();
    if (listener.listening) await new Promise((resolve) => listener.close(resolve));
  };
  if (tcp !== undefined) {
    listener.listen(port, '127.0.0.1');
    try {
      await once(listener, 'listening');
    } catch {
      await close();
      return undefined;
    }
  }
  onTestFinished(close);
  return {
    port,
    place: `127.0.0.1#${port}`,
    queries,
    connections: () => connections,
    hangUp() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

const frameLength = (held: Uint8Array) => 2 + (((held[0] ?? 0xff) << 8) | (held[1] ?? 0xff));

export function framed(message: Uint8Array): Uint8Array {
  return Uint8Array.from([message.length >>> 8, message.length & 0xff, ...message]);
}

export function bytesOf(answer: Uint8Array | Message): Uint8Array {
  return answer instanceof Uint8Array ? answer : writeMessage(answer);
}

/** A response to the query with these records as the answer, written as in a master file: `a.test. 60 A 192.0.2.1`. */
export function answerTo(query: Message, records: readonly string[] = [], parts: Partial<Message> = {}): Message {
  const { id, opcode, questions, recursionDesired } = query;
  return makeMessage({
    id,
    opcode,
    questions,
    recursionDesired,
    response: true,
    answers: records.map(record),
    ...parts,
  });
}

export function record(text: string): ResourceRecord {
  const [name = '', ttl, type = '', ...words] = text.split(' ');
  const number = parseType(type);
  const rdata = parseRdata(
    number,
    words.map((word) => ({ text: word.replace(/^"|"$/g, ''), quoted: word.startsWith('"') })),
    Name.root,
  );
  return { name: Name.parse(name), type: number, class: 1, ttl: Number(ttl), rdata };
}

export function question(name: string, type = 'A', parts: Partial<Message> = {}): Message {
  return makeMessage({
    recursionDesired: true,
    questions: [{ name: Name.parse(name), type: parseType(type), class: 1 }],
    edns: { udpSize: 1232, version: 0, dnssecOk: false, options: [] },
    ...parts,
  });
}
