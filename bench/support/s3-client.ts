/**
 * The leanest client there is in Node: a socket that writes requests which are ready and counts the answer's bytes, in one
 * buffer that is used again and again. Measured are servers; what this costs, both sides of a comparison pay.
 */
import { connect, type Socket } from 'node:net';

const BUFFER_BYTES = 256 * 1024;

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly bodyBytes: number;
}

/** One connection; one request at a time, which must not ask for 100 Continue. */
export class LeanConnection {
  private readonly socket: Socket;
  private head = '';
  private inBody = false;
  private expected = 0;
  private received = 0;
  private chunked = false;
  private tail = '';
  private settle: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  private draining: { resolve(): void; reject(error: Error): void } | undefined;

  private constructor(port: number) {
    const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    const callback = (count: number) => {
      this.take(buffer.subarray(0, count));
      return true;
    };
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback } });
    this.socket.on('drain', () => this.draining?.resolve());
    this.socket.on('error', (error) => this.fail(error));
    this.socket.on('close', () => this.fail(new Error(`the server closed the connection: ${this.head}`)));
  }

  static async open(port: number): Promise<LeanConnection> {
    const connection = new LeanConnection(port);
    await new Promise<void>((resolve, reject) => {
      connection.socket.once('connect', resolve);
      connection.socket.once('error', reject);
    });
    return connection;
  }

  /** Sends a head and pieces of a body, and returns when the answer is whole. Throws when it is none of 2xx. */
  async request(head: Uint8Array, body: Iterable<Uint8Array> = []): Promise<Answer> {
    const answered = new Promise<Answer>((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    answered.catch(() => {}); // told of below
    this.head = '';
    this.inBody = false;
    this.socket.cork();
    let free = this.socket.write(head);
    for (const piece of body) {
      if (!free) {
        this.socket.uncork();
        await this.drained();
      }
      free = this.socket.write(piece);
    }
    this.socket.uncork();
    const answer = await answered;
    if (answer.status < 200 || answer.status > 299) throw new Error(`answered ${answer.head}`);
    return answer;
  }

  close(): void {
    this.settle = undefined;
    this.socket.destroy();
  }

  private drained(): Promise<void> {
    if (!this.socket.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.draining = { resolve, reject };
    });
  }

  private fail(error: Error): void {
    this.settle?.reject(error);
    this.draining?.reject(error);
  }

  private take(bytes: Buffer): void {
    if (this.inBody) {
      this.takeBody(bytes);
      return;
    }
    const before = this.head.length;
    this.head += bytes.toString('latin1');
    const end = this.head.indexOf('\r\n\r\n');
    if (end === -1) return;
    this.head = this.head.slice(0, end);
    this.inBody = true;
    this.received = 0;
    this.tail = '';
    this.chunked = /^transfer-encoding: chunked/im.test(this.head);
    this.expected = Number(/^content-length: (\d+)/im.exec(this.head)?.[1] ?? 0);
    this.takeBody(bytes.subarray(end + 4 - before));
  }

  private takeBody(bytes: Buffer): void {
    this.received += bytes.length;
    if (this.chunked) this.tail = (this.tail + bytes.toString('latin1', Math.max(0, bytes.length - 7))).slice(-7);
    const whole = this.chunked ? this.tail.endsWith('\r\n0\r\n\r\n') : this.received >= this.expected;
    if (!whole) return;
    const { settle } = this;
    this.settle = undefined;
    settle?.resolve({ status: Number(this.head.slice(9, 12)), head: this.head, bodyBytes: this.received });
  }
}
