/**
 * One message of syslog, as RFC 5424 or RFC 3164 has it, or nearly: what cannot be read as a header is message, as rsyslog does it, so that
 * no text is lost.
 *
 *     <165>1 2003-10-11T22:14:15.003Z host app 8710 ID47 [sd@1 a="b"] BOM text     RFC 5424
 *     <34>Oct 11 22:14:15 host su[230]: text                                        RFC 3164
 *     <34>2003-10-11T22:14:15.003+02:00 host su: text                               what rsyslog forwards
 *     <13>text          text                                                        all message
 */

import { emptyLabels } from '../labels.js';
import { isEntrySecond } from '../nanos.js';
import { type Now, toEpochSeconds } from '../transform/timestamp/epoch.js';
import { TimeFields } from '../transform/timestamp/fields.js';
import { FORMS } from '../transform/timestamp/forms.js';
import type { Zone } from '../transform/timestamp/zone.js';
import { DEFAULT_PRIORITY, HIGHEST_PRIORITY } from './priority.js';
import { readStructuredData } from './structured-data.js';

/** Longer words are no names of hosts, programs and so on: 255 is RFC 5424's bound for a host, the longest of them. */
const LONGEST_WORD = 255;
const NANOS_PER_SECOND = 1_000_000_000n;
const SPACE = 0x20;

const HEADER_FORMS = FORMS.filter(({ name }) => name === 'iso' || name === 'syslog').map(({ read }) => read);
const [readIso] = HEADER_FORMS;

export class SyslogMessage {
  priority = DEFAULT_PRIORITY;
  /** 5424, 3164, or 0 where there was no header. */
  format: 5424 | 3164 | 0 = 0;
  /** Nanoseconds since the Unix epoch; undefined where the message has none, or one that no entry can have. */
  timestamp: bigint | undefined;
  host: string | undefined;
  app: string | undefined;
  processId: string | undefined;
  messageId: string | undefined;
  /** Structured data under cleaned names; undefined where there is none. */
  data: Record<string, string> | undefined;
  /** Where the text is, in the bytes that were read. */
  start = 0;
  end = 0;

  readonly #time = new TimeFields();

  constructor(
    /** Of timestamps without an offset. */
    private readonly zone: Zone,
  ) {}

  /** Reads a message; one object is filled again and again. */
  read(bytes: Buffer, start: number, end: number, now: Now): void {
    this.#clear();
    this.end = trimEnd(bytes, start, end);
    const at = this.#readPriority(bytes, start);
    this.start = at;
    if (bytes[at] === 0x31 && bytes[at + 1] === SPACE && this.#read5424(bytes, at + 2, now)) return;
    this.#clearHeader();
    this.#read3164(bytes, at, now);
  }

  #clear(): void {
    this.priority = DEFAULT_PRIORITY;
    this.#clearHeader();
  }

  #clearHeader(): void {
    this.format = 0;
    this.timestamp = undefined;
    this.host = undefined;
    this.app = undefined;
    this.processId = undefined;
    this.messageId = undefined;
    this.data = undefined;
  }

  /** Where it ended. */
  #readPriority(bytes: Buffer, start: number): number {
    if (bytes[start] !== 0x3c) return start;
    let value = 0;
    let at = start + 1;
    for (; at < this.end && at < start + 4; at++) {
      const digit = (bytes[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (at === start + 1 || at >= this.end || bytes[at] !== 0x3e || value > HIGHEST_PRIORITY) return start;
    this.priority = value;
    return at + 1;
  }

  #read5424(bytes: Buffer, from: number, now: Now): boolean {
    let at = from;
    if (bytes[at] === 0x2d) at++;
    else {
      if (!readIso?.(bytes, at, this.end, this.#time)) return false;
      at = this.#time.end;
      this.timestamp = this.#nanos(now);
    }
    for (let word = 0; word < 4; word++) {
      if (bytes[at] !== SPACE) return false;
      const wordEnd = endOfWord(bytes, at + 1, this.end);
      if (wordEnd === at + 1 || wordEnd - at - 1 > LONGEST_WORD) return false;
      this.#keepWord(word, bytes, at + 1, wordEnd);
      at = wordEnd;
    }
    if (bytes[at] !== SPACE) return false;
    at = this.#readData(bytes, at + 1);
    if (at < this.end && bytes[at] === SPACE) at++;
    this.start = skipByteOrderMark(bytes, Math.min(at, this.end), this.end);
    this.format = 5424;
    return true;
  }

  #keepWord(word: number, bytes: Buffer, from: number, to: number): void {
    if (to === from + 1 && bytes[from] === 0x2d) return;
    const text = bytes.toString('utf8', from, to);
    if (word === 0) this.host = text;
    else if (word === 1) this.app = text;
    else if (word === 2) this.processId = text;
    else this.messageId = text;
  }

  /** Where it ended. What looks like structured data and is broken is the beginning of the text. */
  #readData(bytes: Buffer, at: number): number {
    if (at >= this.end) return at;
    if (bytes[at] === 0x2d && (at + 1 === this.end || bytes[at + 1] === SPACE)) return at + 1;
    if (bytes[at] !== 0x5b) return at;
    const data = emptyLabels();
    const dataEnd = readStructuredData(bytes, at, this.end, data);
    if (dataEnd < 0 || (dataEnd < this.end && bytes[dataEnd] !== SPACE)) return at;
    if (Object.keys(data).length > 0) this.data = data;
    return dataEnd;
  }

  #read3164(bytes: Buffer, from: number, now: Now): void {
    let at = from;
    for (const read of HEADER_FORMS) {
      if (!read(bytes, at, this.end, this.#time)) continue;
      if (this.#time.end < this.end && bytes[this.#time.end] !== SPACE && bytes[this.#time.end] !== 0x3a) continue;
      this.timestamp = this.#nanos(now);
      this.format = 3164;
      // Cisco has a colon behind the time.
      at = this.#time.end + (bytes[this.#time.end] === 0x3a ? 1 : 0);
      break;
    }
    if (this.format === 3164) {
      if (at < this.end && bytes[at] === SPACE) at++;
      at = this.#readHost(bytes, at);
    }
    this.start = this.#readTag(bytes, Math.min(at, this.end));
    if (this.app !== undefined) this.format = 3164;
  }

  /**
   * A word that can be the name or address of a host, and is no tag (which a colon or a bracket ends). A local daemon
   * leaves it out. Where the next word begins.
   */
  #readHost(bytes: Buffer, at: number): number {
    const wordEnd = endOfWord(bytes, at, this.end);
    if (wordEnd === at || wordEnd >= this.end || wordEnd - at > LONGEST_WORD || bytes[wordEnd - 1] === 0x3a) return at;
    for (let i = at; i < wordEnd; i++) if (!isHostByte(bytes[i] ?? 0)) return at;
    this.host = bytes.toString('latin1', at, wordEnd);
    return wordEnd + 1;
  }

  /** `su:`, `sshd[230]:`, `postfix/smtpd[1]:`, `sshd(pam_unix)[2]:`. Where the text begins. */
  #readTag(bytes: Buffer, from: number): number {
    const limit = Math.min(this.end, from + 128);
    let at = from;
    while (at < limit && isTagByte(bytes[at] ?? 0)) at++;
    if (at === from || at >= limit) return from;
    let next = at;
    if (bytes[at] === 0x5b) {
      const close = endOfProcessId(bytes, at + 1, this.end);
      // A tag in brackets without a colon is followed by a space: anything else is text.
      if (close < 0 || (close + 1 < this.end && bytes[close + 1] !== 0x3a && bytes[close + 1] !== SPACE)) return from;
      next = close + 1;
      this.processId = bytes.toString('utf8', at + 1, close);
    } else if (bytes[at] !== 0x3a || (at + 1 < this.end && bytes[at + 1] !== SPACE)) return from;
    this.app = bytes.toString('utf8', from, at);
    if (next < this.end && bytes[next] === 0x3a) next++;
    return next < this.end && bytes[next] === SPACE ? next + 1 : next;
  }

  #nanos(now: Now): bigint | undefined {
    const seconds = toEpochSeconds(this.#time, this.zone, now);
    return isEntrySecond(seconds) ? BigInt(seconds) * NANOS_PER_SECOND + BigInt(this.#time.nanos) : undefined;
  }
}

/** A line end or a NUL behind the message is the transport's. */
function trimEnd(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && (bytes[at - 1] === 0x0a || bytes[at - 1] === 0x0d || bytes[at - 1] === 0)) at--;
  return at;
}

function endOfWord(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== SPACE) at++;
  return at;
}

function isHostByte(byte: number): boolean {
  const lower = byte | 0x20;
  return (
    (lower >= 0x61 && lower <= 0x7a) ||
    (byte >= 0x2d && byte <= 0x2e) ||
    (byte >= 0x30 && byte <= 0x3a) ||
    byte === 0x5f
  );
}

/** What a program may be called: printable ASCII without space, colon and bracket. */
function isTagByte(byte: number): boolean {
  return byte > SPACE && byte < 0x7f && byte !== 0x3a && byte !== 0x5b;
}

/** The bracket that closes a process's number; -1 where none does within what such a number can be. */
function endOfProcessId(bytes: Buffer, from: number, end: number): number {
  const limit = Math.min(end, from + 64);
  for (let at = from; at < limit; at++) {
    if (bytes[at] === 0x5d) return at > from ? at : -1;
    if (bytes[at] === SPACE) return -1;
  }
  return -1;
}

function skipByteOrderMark(bytes: Buffer, at: number, end: number): number {
  return at + 3 <= end && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf ? at + 3 : at;
}
