/** A process that runs one `ds` after the other: ds-host.cjs says how; this is the other end. */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** NUL and a UUID. */
const MARK_LENGTH = 37;

const SCRIPT = fileURLToPath(new URL('ds-host.cjs', import.meta.url));

export interface Launch {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly input: string | Uint8Array;
}

export interface RunResult {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class DsHost {
  readonly #child: ChildProcess;
  readonly #stdout: MarkedText;
  readonly #stderr: MarkedText;
  readonly #exited: Promise<[number | null, NodeJS.Signals | null]>;

  constructor() {
    const child = fork(SCRIPT, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], serialization: 'advanced' });
    const { stdout, stderr } = child;
    if (stdout === null || stderr === null) throw new Error('no pipes');
    this.#child = child;
    this.#stdout = new MarkedText(stdout);
    this.#stderr = new MarkedText(stderr);
    this.#exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  }

  /** False once a program has taken the process along. */
  get alive(): boolean {
    return this.#child.connected;
  }

  /** One at a time. What kills the process is what ended the program. */
  async run(launch: Launch): Promise<RunResult> {
    const mark = `\0${randomUUID()}`;
    const env = Object.fromEntries(Object.entries(launch.env).filter(([, value]) => value !== undefined));
    const ended = once(this.#child, 'message').then(([{ code }]): [number, null] => [code, null]);
    this.#child.send({ ...launch, env, mark });
    const [[code, signal], stdout, stderr] = await Promise.all([
      Promise.race([ended, this.#exited]),
      this.#stdout.upTo(mark),
      this.#stderr.upTo(mark),
    ]);
    return { code, signal, stdout, stderr };
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }
}

/** What a stream says, cut where a mark stands. */
class MarkedText {
  readonly #stream: Readable;
  readonly #end: Promise<unknown>;
  #text = '';
  /** As much of it as may be a mark: to look at the end of a long text that grows would take its length each time. */
  #tail = '';

  constructor(stream: Readable) {
    this.#stream = stream;
    this.#end = once(stream, 'end');
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      this.#text += chunk;
      this.#tail = (this.#tail + chunk).slice(-MARK_LENGTH);
    });
  }

  /** All until the mark, or until the stream ends. */
  async upTo(mark: string): Promise<string> {
    while (this.#tail !== mark && !this.#stream.readableEnded) {
      await Promise.race([once(this.#stream, 'data'), this.#end]);
    }
    const text = this.#tail === mark ? this.#text.slice(0, -MARK_LENGTH) : this.#text;
    this.#text = '';
    return text;
  }
}
