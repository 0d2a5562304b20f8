/** Real servers on loopback for load to be put on. Closed when the running test finishes. */
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface TestServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

async function listening(server: Server | HttpServer): Promise<TestServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  onTestFinished(close);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/`, port, close };
}

/** Node's own HTTP server. */
export function httpServer(listener: RequestListener): Promise<TestServer> {
  return listening(createHttpServer(listener));
}

/** One that says whatever it likes: `onData` for each chunk that comes. */
export function tcpServer(onData: (socket: Socket, data: Buffer, count: number) => void): Promise<TestServer> {
  return listening(
    createServer((socket) => {
      let count = 0;
      socket.on('data', (data) => onData(socket, data, ++count));
    }),
  );
}
