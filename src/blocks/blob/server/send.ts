/**
 * Writes answers. An object's bytes come in pieces that are valid only until the next one is asked for: each is with the kernel before
 * that. An object that cannot be read to its end breaks the connection: a client must never take half of it for the whole.
 */

import type { ServerResponse } from 'node:http';
import { onePiece } from '../../../platform/one-piece.js';
import type { Body } from '../object-types.js';
import type { Answer, HeaderField } from './call.js';
import { type PeerProgress, SENDING, type SlowPeers } from './slow-peers.js';

/**
 * Bytes that one write has. TLS holds them a second time, encrypted, until the client takes them, and what does not move them in the time that
 * slow-peers.ts gives stands still. 64 MB to one client, milliseconds: in writes of 128 KiB 77, 256 KiB 67, 512 KiB 58, 1 MiB 55.
 */
const WRITE_BYTES = 512 * 1024;

export interface Sending {
  readonly answer: Answer;
  /** Headers that every answer has. */
  readonly common: readonly HeaderField[];
  readonly slowPeers: SlowPeers;
  /** Told of every piece that has gone out. */
  readonly onBytes: (count: number) => void;
}

/** Resolves when all is with the kernel, or the client has gone. Throws what reading the object throws: before the head as after it. */
export async function send(response: ServerResponse, sending: Sending): Promise<void> {
  const { answer, common, slowPeers } = sending;
  const { object, xml } = answer;
  if (object?.content !== undefined) return sendContent(response, sending, object.content, object.length);
  if (isGone(response)) return;
  if (xml !== undefined) {
    const bytes = Buffer.from(xml);
    const headers: readonly HeaderField[] = [...(answer.headers ?? []), ['content-type', 'application/xml']];
    return sendContent(response, { ...sending, answer: { ...answer, headers } }, onePiece(bytes), bytes.length);
  }
  const fields = [...common, ...(answer.headers ?? [])];
  if (answer.status !== 204 && answer.status !== 304) fields.push(['content-length', String(object?.length ?? 0)]);
  const writer = new PieceWriter(response);
  const forget = slowPeers.watch(writer, SENDING);
  response.writeHead(answer.status, fields.flat());
  await writer.end();
  forget();
}

async function sendContent(response: ServerResponse, sending: Sending, content: Body, length: number): Promise<void> {
  const { answer, common, slowPeers, onBytes } = sending;
  const pieces = content[Symbol.asyncIterator]();
  const writer = new PieceWriter(response);
  const forget = slowPeers.watch(writer, SENDING);
  try {
    // Before the head: what fails at once is still told as an error.
    let next = await pieces.next();
    response.writeHead(
      answer.status,
      [...common, ...(answer.headers ?? []), ['content-length', String(length)]].flat(),
    );
    let sent = 0;
    while (next.done !== true && !writer.gone) {
      sent += next.value.length;
      onBytes(next.value.length);
      await writer.write(next.value);
      next = await pieces.next();
    }
    if (writer.gone) return;
    if (sent !== length) throw new Error(`an object of ${length} bytes has only ${sent}`);
    await writer.end();
  } finally {
    forget();
    await pieces.return?.();
  }
}

function isGone({ destroyed, req }: ServerResponse): boolean {
  return destroyed || req.socket.destroyed;
}

class PieceWriter implements PeerProgress {
  waiting = false;
  moved = 0;
  gone = false;
  readonly #response: ServerResponse;
  #settle: () => void = () => {};

  constructor(response: ServerResponse) {
    this.#response = response;
    this.gone = isGone(response);
    response.once('close', () => {
      this.gone = true;
      this.#settle();
    });
  }

  async write(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length && !this.gone; at += WRITE_BYTES) {
      await this.#writeOnce(piece.subarray(at, at + WRITE_BYTES));
    }
  }

  async #writeOnce(piece: Uint8Array): Promise<void> {
    this.waiting = true;
    await new Promise<void>((resolve) => {
      this.#settle = resolve;
      this.#response.write(piece, () => resolve());
    });
    this.waiting = false;
    this.moved += piece.length;
  }

  async end(): Promise<void> {
    if (this.gone) return;
    this.waiting = true;
    await new Promise<void>((resolve) => {
      this.#settle = resolve;
      this.#response.end(() => resolve());
    });
    this.waiting = false;
  }

  fail(): void {
    this.#response.destroy();
  }
}
