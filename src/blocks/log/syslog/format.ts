/** Entries as messages of RFC 5424, for the sink that sends to a syslog server, and as frames of RFC 6587. */
import type { Labels } from '../labels.js';
import { FACILITIES, SEVERITIES, severityOfLevel } from './priority.js';

export interface MessageParts {
  /** Nanoseconds since the Unix epoch. */
  readonly timestamp: bigint;
  /** UTF-8. */
  readonly line: Uint8Array;
  readonly stream: Labels;
  readonly metadata?: Labels | undefined;
}

/** Metadata that has a place of its own in the header, or says the same in other words. */
const IN_HEADER = new Set(['level', 'severity', 'facility', 'procid', 'msgid', 'host', 'hostname', 'app']);
const LOCAL_USER = 1;
const MICROS = 1000n;
const NANOS_PER_SECOND = 1_000_000_000n;

/**
 * The message, without a frame. Host and program are the labels `host` and `app`, as a listener of ours gives them (`hostname`, `job` do
 * as well); facility and level come from labels or metadata; the other metadata are structured data of `meta@32473`, the number that
 * RFC 5612 gives to examples.
 */
export function formatMessage({ timestamp, line, stream, metadata }: MessageParts): Buffer {
  const of = (name: string) => metadata?.[name] ?? stream[name];
  const severity = SEVERITIES.indexOf((of('severity') ?? '') as (typeof SEVERITIES)[number]);
  const facility = FACILITIES.indexOf((of('facility') ?? '') as (typeof FACILITIES)[number]);
  const priority =
    (facility < 0 ? LOCAL_USER : facility) * 8 + (severity < 0 ? severityOfLevel(of('level')) : severity);
  const header = [
    `<${priority}>1`,
    formatTime(timestamp),
    word(of('host') ?? of('hostname'), 255),
    word(of('app') ?? of('job'), 48),
    word(of('procid'), 128),
    word(of('msgid'), 32),
    formatData(metadata),
  ].join(' ');
  // Without a byte order mark: what the line's bytes are is not known, and RFC 5424, section 6.4 lets a sender leave it out then.
  return Buffer.concat([Buffer.from(`${header} `), line]);
}

/** As a frame that says its length (RFC 6587, section 3.4.1). A line end within a message does it no harm. */
export function octetCounted(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}

/** Six digits are what RFC 5424 has room for. */
function formatTime(timestamp: bigint): string {
  const nanos = ((timestamp % NANOS_PER_SECOND) + NANOS_PER_SECOND) % NANOS_PER_SECOND;
  const seconds = new Date(Number((timestamp - nanos) / NANOS_PER_SECOND) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(nanos / MICROS).padStart(6, '0')}Z`;
}

/** Printable ASCII without spaces, cut to its field; `-` where there is nothing. */
function word(text: string | undefined, longest: number): string {
  const clean = (text ?? '').replace(/[^\x21-\x7e]/g, '_').slice(0, longest);
  return clean === '' ? '-' : clean;
}

function formatData(metadata: Labels | undefined): string {
  if (metadata === undefined) return '-';
  const parameters = Object.keys(metadata)
    .filter((name) => !IN_HEADER.has(name))
    .map((name) => `${name.slice(0, 32)}="${(metadata[name] ?? '').replace(/["\\\]]/g, '\\$&')}"`);
  return parameters.length === 0 ? '-' : `[meta@32473 ${parameters.join(' ')}]`;
}
