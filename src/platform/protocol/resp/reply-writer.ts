/**
 * Encodes replies and gathers them until they are sent with one write.
 *
 * Small pieces are gathered in a string of one character per byte: V8 concatenates those in constant time, and Node
 * writes a latin1 string to a socket without allocating a Buffer. Pieces of {@link COPY_BELOW} bytes and more stay
 * Buffers, uncopied.
 */
import type { Reply, TaggedReply } from './reply.js';

/** Below this many bytes a copy into the string is cheaper than a write of its own. */
const COPY_BELOW = 2_048;

/** What an error begins with. */
const MINUS = 0x2d;

export type Protocol = 2 | 3;

/** Where gathered bytes go; a net.Socket is one. */
export interface ByteSink {
  cork(): void;
  uncork(): void;
  write(bytes: string, encoding: 'latin1'): boolean;
  write(bytes: Buffer): boolean;
}

/** What was gathered until some moment: the parts, then the text. */
export interface Gathered {
  readonly text: string;
  readonly parts: readonly (string | Buffer)[];
  readonly length: number;
  readonly replies: number;
  /** Those of them that stand whatever becomes of the turn, by their places. */
  readonly standing: ReadonlyMap<number, Reply> | undefined;
}

export function send({ text, parts }: Gathered, sink: ByteSink): void {
  if (parts.length === 0) {
    sink.write(text, 'latin1');
    return;
  }
  sink.cork();
  for (const part of parts) {
    if (typeof part === 'string') sink.write(part, 'latin1');
    else sink.write(part);
  }
  if (text !== '') sink.write(text, 'latin1');
  sink.uncork();
}

export class ReplyWriter {
  protocol: Protocol = 2;
  /** Bytes gathered and not yet sent. */
  length = 0;
  /** Whole replies among them. */
  replies = 0;
  /** Errors written so far, those within other replies among them. */
  errors = 0;
  #text = '';
  #parts: (string | Buffer)[] = [];
  #standing: Map<number, Reply> | undefined;

  /** Encodes one whole reply. Throws TypeError, leaving nothing behind, on a value that no reply can carry. */
  write(reply: Reply): void {
    this.replies++;
    if (typeof reply === 'number' || typeof reply === 'bigint') {
      this.#append(integer(reply));
      return;
    }
    const length = this.length;
    const text = this.#text;
    const parts = this.#parts.length;
    try {
      this.#value(reply);
    } catch (error) {
      this.replies--;
      this.length = length;
      this.#text = text;
      // Parts added since begin with the text gathered before them.
      this.#parts.length = parts;
      throw error;
    }
  }

  /** The reply that was written last stands whatever becomes of the turn. */
  keepLast(reply: Reply): void {
    this.#standing ??= new Map();
    this.#standing.set(this.replies - 1, reply);
  }

  /** Hands everything gathered to the sink. */
  flush(sink: ByteSink): void {
    if (this.length > 0) send(this.take(), sink);
  }

  /** Everything gathered, to be sent later. */
  take(): Gathered {
    const gathered = {
      text: this.#text,
      parts: this.#parts,
      length: this.length,
      replies: this.replies,
      standing: this.#standing,
    };
    this.#standing = undefined;
    this.#text = '';
    if (this.#parts.length > 0) this.#parts = [];
    this.length = 0;
    this.replies = 0;
    return gathered;
  }

  #append(text: string): void {
    this.#text += text;
    this.length += text.length;
  }

  #bytes(bytes: Buffer): void {
    if (bytes.length < COPY_BELOW) {
      this.#append(bytes.toString('latin1'));
      return;
    }
    if (this.#text !== '') this.#parts.push(this.#text);
    this.#text = '';
    this.#parts.push(bytes);
    this.length += bytes.length;
  }

  #value(reply: Reply): void {
    if (typeof reply === 'string') this.#bulk(reply);
    else if (typeof reply === 'number' || typeof reply === 'bigint') this.#append(integer(reply));
    else if (Buffer.isBuffer(reply)) this.#bulkBytes(reply);
    else if (reply === null) this.#append(this.protocol === 3 ? '_\r\n' : '$-1\r\n');
    else if (typeof reply === 'boolean') this.#append(this.#boolean(reply));
    else if (isArray(reply)) this.#items('*', reply);
    else this.#tagged(reply);
  }

  #tagged(reply: TaggedReply): void {
    const three = this.protocol === 3;
    switch (reply.type) {
      case 'bytes':
        this.#byteString(reply.text);
        break;
      case 'nullArray':
        this.#append(three ? '_\r\n' : '*-1\r\n');
        break;
      case 'simple':
        this.#append(`+${oneLine(reply.text)}\r\n`);
        break;
      case 'error':
        this.errors++;
        this.#append(`-${oneLine(reply.code)} ${oneLine(reply.message)}\r\n`);
        break;
      case 'map':
        this.#map(reply.entries);
        break;
      case 'set':
        this.#items(three ? '~' : '*', reply.items);
        break;
      case 'push':
        this.#items(three ? '>' : '*', reply.items);
        break;
      case 'double':
        if (three) this.#append(`,${decimal(reply.value)}\r\n`);
        else this.#bulk(decimal(reply.value));
        break;
      case 'bigNumber':
        if (three) this.#append(`(${reply.value}\r\n`);
        else this.#bulk(reply.value.toString());
        break;
      case 'verbatim':
        this.#verbatim(reply.format, reply.text);
        break;
      case 'raw':
        if (reply.bytes[0] === MINUS) this.errors++;
        this.#bytes(reply.bytes);
        break;
      default:
        throw new TypeError('not a reply');
    }
  }

  #boolean(value: boolean): string {
    if (this.protocol === 3) return value ? '#t\r\n' : '#f\r\n';
    return value ? ':1\r\n' : ':0\r\n';
  }

  #bulk(text: string): void {
    const bytes = byteString(text);
    this.#append(`$${bytes.length}\r\n${bytes}\r\n`);
  }

  #byteString(text: string): void {
    this.#append(`$${text.length}\r\n${text}\r\n`);
  }

  #bulkBytes(bytes: Buffer): void {
    this.#append(`$${bytes.length}\r\n`);
    this.#bytes(bytes);
    this.#append('\r\n');
  }

  #verbatim(format: string, text: string): void {
    if (format.length !== 3) throw new TypeError(`verbatim format ${format} has not three characters`);
    if (this.protocol === 2) {
      this.#bulk(text);
      return;
    }
    const bytes = byteString(text);
    this.#append(`=${bytes.length + 4}\r\n${format}:${bytes}\r\n`);
  }

  #items(type: string, items: readonly Reply[]): void {
    this.#append(`${type}${items.length}\r\n`);
    for (const item of items) this.#value(item);
  }

  #map(entries: readonly (readonly [Reply, Reply])[]): void {
    this.#append(this.protocol === 3 ? `%${entries.length}\r\n` : `*${2 * entries.length}\r\n`);
    for (const [key, value] of entries) {
      this.#value(key);
      this.#value(value);
    }
  }
}

/** Array.isArray does not narrow a readonly array out of a union. */
const isArray = (reply: Reply): reply is readonly Reply[] => Array.isArray(reply);

function integer(value: number | bigint): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new TypeError(`${value} is no safe integer`);
  return `:${value}\r\n`;
}

function decimal(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  return Number.isNaN(value) ? 'nan' : value.toString();
}

/** UTF-8 as one character per byte. */
function byteString(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');
}

/** Simple strings and errors end at a line end, so they cannot hold one; as Redis does it. */
const oneLine = (text: string): string => byteString(/[\r\n]/.test(text) ? text.replace(/[\r\n]/g, ' ') : text);
