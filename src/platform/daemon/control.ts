/**
 * The unix socket by which `ds down BLOCK` reaches a running `ds up`. One JSON line each way:
 *
 *     ▶ {"stop":"seq"}
 *     ◀ {"stopped":"seq"}   or   {"error":{"code":"daemon.not_running", …}}
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runFolder } from '../paths.js';
import { fromPlainError, type PlainError, toPlainError } from './error-transfer.js';

/** sockaddr_un has 108 bytes on Linux and 104 on macOS, with the closing zero. */
const LONGEST_SOCKET_PATH = 103;
const LONGEST_LINE = 4_096;
/** A client that says nothing for this long is cut off, milliseconds. */
const IDLE_MS = 5_000;

export interface ControlServer {
  readonly path: string;
  close(): Promise<void>;
}

/** `stop` resolves once the block has stopped. The run folder must exist, closed to other users. */
export async function startControl(
  home: string,
  pid: number,
  stop: (block: string) => Promise<void>,
): Promise<ControlServer> {
  const wanted = join(runFolder(home), `up.${pid}.sock`);
  const short = wanted.length <= LONGEST_SOCKET_PATH;
  const path = short ? wanted : join(await mkdtemp(join(tmpdir(), 'ds-')), 'up.sock');
  await rm(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    void answer(socket, stop);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return {
    path,
    async close() {
      for (const socket of sockets) socket.destroySoon();
      await new Promise((resolve) => server.close(resolve));
      await rm(short ? path : dirname(path), { recursive: true, force: true });
    },
  };
}

/** Asks the `ds up` behind the socket to stop one block; resolves once it has. */
export async function askToStop(path: string, block: string): Promise<void> {
  const socket = connect(path);
  try {
    socket.write(`${JSON.stringify({ stop: block })}\n`);
    const reply: { error?: PlainError } = JSON.parse(await readLine(socket));
    if (reply.error !== undefined) throw fromPlainError(reply.error);
  } finally {
    socket.destroy();
  }
}

async function answer(socket: Socket, stop: (block: string) => Promise<void>): Promise<void> {
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  try {
    const request: { stop?: unknown } = JSON.parse(await readLine(socket));
    socket.setTimeout(0);
    await stop(String(request.stop));
    socket.end(`${JSON.stringify({ stopped: request.stop })}\n`);
  } catch (error) {
    if (!socket.destroyed) socket.end(`${JSON.stringify({ error: toPlainError(error) })}\n`);
  }
}

function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
      else if (text.length > LONGEST_LINE) socket.destroy(new Error('the line is too long'));
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection was closed before the answer')));
  });
}
