/** What a run writes, as lines for a terminal: a character or a line may be cut between two pieces. */
import type { OutputChunk } from '../run.js';

class LineSplitter {
  readonly #decoder = new TextDecoder();
  #rest = '';

  /** The lines that are whole by now, without their ends. */
  push(bytes: Uint8Array): readonly string[] {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }

  /** The last one, where no line end came after it. */
  end(): readonly string[] {
    const rest = this.#rest + this.#decoder.decode();
    this.#rest = '';
    return rest === '' ? [] : [rest];
  }
}

/** Of both streams: a line that one of them has begun is not mixed with what the other writes meanwhile. */
export class OutputLines {
  readonly #splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() };

  push({ stream, bytes }: Pick<OutputChunk, 'stream' | 'bytes'>): readonly string[] {
    return this.#splitters[stream].push(bytes);
  }

  end(): readonly string[] {
    return [...this.#splitters.stdout.end(), ...this.#splitters.stderr.end()];
  }
}
