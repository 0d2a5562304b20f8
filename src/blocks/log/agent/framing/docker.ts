/**
 * Docker's json-file: one JSON object for each line of output, of which long lines (16 KiB) have several:
 *
 *     {"log":"begins her","stream":"stdout","time":"2026-11-26T17:00:00.000000001Z"}
 *     {"log":"e and ends\n","stream":"stdout","time":"…"}
 *
 * Records of one stream up to the one whose `log` ends with LF are an entry, with the time of the first and the label `stream`. Those of stdout
 * and stderr may alternate; then the record of the other stream is an entry by itself and closes the one before, because an entry covers
 * bytes that are next to each other. A line that is no such object is an entry as it is.
 */
import { type Labels, makeLabels } from '../../labels.js';
import { readEntryTime } from '../../wire/time-text.js';
import { CUT, type Framed, type FrameInput, type Framer, MAX_LINE_BYTES } from './framing.js';
import { lineFramer } from './lines.js';

interface DockerRecord {
  readonly log: string;
  readonly stream: string;
  readonly time: bigint;
}

const STREAMS: readonly Labels[] = [
  makeLabels([['stream', 'stdout']]),
  makeLabels([['stream', 'stderr']]),
  makeLabels([]),
];

const OTHER_STREAM = 2;

export const dockerFramer: Framer = { frame: frameDocker };

function frameDocker(input: FrameInput): Framed {
  const { bytes, from, final } = input;
  const raw = lineFramer.frame(input);
  const entries = new DockerEntries();
  let lines = 0;
  let consumed = from;
  for (let i = 0; i < raw.count; i++) {
    const metadata = raw.metadata?.[i];
    const rangeStart = raw.rangeStarts[i] ?? 0;
    const rangeEnd = raw.rangeEnds[i] ?? 0;
    const record = metadata === undefined ? readRecord(bytes.toString('utf8', raw.starts[i], raw.ends[i])) : undefined;
    if (record === undefined) {
      entries.close(undefined);
      entries.open({ log: bytes.toString('utf8', raw.starts[i], raw.ends[i]), stream: '', time: 0n }, rangeStart);
      entries.extend(rangeEnd);
      entries.close(metadata);
    } else entries.record(record, rangeStart, rangeEnd);
    if (metadata?.['continued'] === undefined) lines++;
    if (!entries.isOpen) consumed = rangeEnd;
  }
  if (final && entries.isOpen) {
    entries.close(undefined);
    consumed = raw.consumed;
  } else if (!entries.isOpen) consumed = raw.consumed;
  return entries.build(
    entries.isOpen ? lines - entries.openRecords : lines,
    entries.isOpen ? entries.openStart : consumed,
  );
}

/** Undefined where it is no record of Docker's. */
function readRecord(text: string): DockerRecord | undefined {
  if (!text.startsWith('{')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('log' in value) || typeof value.log !== 'string')
    return undefined;
  const stream = 'stream' in value && typeof value.stream === 'string' ? value.stream : '';
  const time = ('time' in value ? readEntryTime(value.time) : undefined) ?? 0n;
  return { log: value.log, stream, time };
}

/** Entries whose text is in a buffer of their own, since it was escaped. */
class DockerEntries {
  readonly #texts: string[] = [];
  readonly #rangeStarts: number[] = [];
  readonly #rangeEnds: number[] = [];
  readonly #times: bigint[] = [];
  readonly #streams: number[] = [];
  readonly #metadata: (Labels | undefined)[] = [];
  #text: string | undefined;
  #stream = '';
  #time = 0n;
  #rangeEnd = 0;
  openStart = 0;
  openRecords = 0;

  get isOpen(): boolean {
    return this.#text !== undefined;
  }

  record(record: DockerRecord, rangeStart: number, rangeEnd: number): void {
    if (this.isOpen && record.stream !== this.#stream) this.close(CUT);
    if (this.isOpen && rangeEnd - this.openStart > MAX_LINE_BYTES) this.close(CUT);
    if (!this.isOpen) this.open(record, rangeStart);
    else this.#text += record.log;
    this.extend(rangeEnd);
    if (this.#text?.endsWith('\n')) this.close(undefined);
  }

  open({ log, stream, time }: DockerRecord, rangeStart: number): void {
    this.#text = log;
    this.#stream = stream;
    this.#time = time;
    this.openStart = rangeStart;
    this.openRecords = 0;
  }

  /** What is open has another record, up to `rangeEnd`. */
  extend(rangeEnd: number): void {
    this.#rangeEnd = rangeEnd;
    this.openRecords++;
  }

  close(metadata: Labels | undefined): void {
    const text = this.#text;
    if (text === undefined) return;
    this.#texts.push(text.replace(/\r?\n$/, ''));
    this.#rangeStarts.push(this.openStart);
    this.#rangeEnds.push(this.#rangeEnd);
    this.#times.push(this.#time);
    const stream = STREAMS.findIndex((labels) => labels['stream'] === this.#stream);
    this.#streams.push(stream === -1 ? OTHER_STREAM : stream);
    this.#metadata.push(metadata);
    this.#text = undefined;
  }

  build(lines: number, consumed: number): Framed {
    const count = this.#texts.length;
    const bytes = Buffer.from(this.#texts.join(''));
    const starts = new Uint32Array(count);
    const ends = new Uint32Array(count);
    let at = 0;
    for (const [i, text] of this.#texts.entries()) {
      starts[i] = at;
      at += Buffer.byteLength(text);
      ends[i] = at;
    }
    return {
      count,
      bytes,
      starts,
      ends,
      rangeStarts: Uint32Array.from(this.#rangeStarts),
      rangeEnds: Uint32Array.from(this.#rangeEnds),
      lines,
      consumed,
      metadata: this.#metadata.some((labels) => labels !== undefined) ? this.#metadata : undefined,
      timestamps: BigInt64Array.from(this.#times),
      streams: STREAMS,
      streamOf: Uint32Array.from(this.#streams),
    };
  }
}
