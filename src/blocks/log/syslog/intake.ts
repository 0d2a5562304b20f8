/**
 * Messages of syslog become entries:
 *
 *     stream     job="syslog", host, app, facility: few, as a machine has few programs
 *     line       the text of the message, without header and byte order mark
 *     metadata   level, severity, procid, msgid, peer (where the message names no host of its own, it is the host), structured data
 *     time       the message's own; that of reading where it has none
 *
 * A sender may invent names of programs without end. So the streams are bounded; beyond, `app` is metadata.
 */
import type { Clock } from '../../../platform/clock.js';
import { type EntryBatch, EntryBatchBuilder } from '../entry-batch.js';
import { emptyLabels, type Labels } from '../labels.js';
import { NANOS_PER_MS } from '../nanos.js';
import { type Now, nowOf } from '../transform/timestamp/epoch.js';
import { UTC, type Zone } from '../transform/timestamp/zone.js';
import { SyslogMessage } from './message.js';
import { facilityOf, levelOfSeverity, severityOf } from './priority.js';

const MOST_STREAMS = 1000;

export interface IntakeOptions {
  readonly clock: Clock;
  /** Of timestamps that do not say how far from UTC they are. Default: UTC. */
  readonly zone?: Zone | undefined;
  /** Put on every stream, over those that the messages give. */
  readonly labels?: Labels | undefined;
}

export class SyslogIntake {
  #builder = new EntryBatchBuilder();
  readonly #message: SyslogMessage;
  readonly #streams = new Map<string, Labels>();
  readonly #clock: Clock;
  readonly #labels: Labels;
  #now: Now;
  #nowMs: number;

  constructor({ clock, zone = UTC, labels = emptyLabels() }: IntakeOptions) {
    this.#clock = clock;
    this.#labels = labels;
    this.#message = new SyslogMessage(zone);
    this.#nowMs = clock.now();
    this.#now = nowOf(this.#nowMs / 1000);
  }

  /** Entries that wait to be taken, and the bytes of their lines. */
  get count(): number {
    return this.#builder.count;
  }

  get size(): number {
    return this.#builder.size;
  }

  /** Adds the message; empty ones are none. `peer`: the address that it came from. */
  add(bytes: Buffer, start: number, end: number, peer: string): void {
    const ms = this.#clock.now();
    if (ms !== this.#nowMs) {
      this.#nowMs = ms;
      this.#now = nowOf(ms / 1000);
    }
    const message = this.#message;
    message.read(bytes, start, end, this.#now);
    if (message.end === message.start && message.format === 0) return;
    const stream = this.#streamOf(message, peer);
    this.#builder.add({
      timestamp: message.timestamp ?? BigInt(ms) * NANOS_PER_MS,
      line: bytes.subarray(message.start, message.end),
      stream,
      metadata: metadataOf(message, peer, stream),
    });
  }

  /** What has been added since; undefined where that is nothing. */
  take(): EntryBatch | undefined {
    if (this.#builder.count === 0) return undefined;
    const batch = this.#builder.build();
    this.#builder = new EntryBatchBuilder();
    return batch;
  }

  #streamOf({ host, app, priority }: SyslogMessage, peer: string): Labels {
    const facility = facilityOf(priority);
    return (
      this.#stream(facility, host ?? peer, app ?? '', MOST_STREAMS) ??
      // One stream for each peer is left, and beyond twice the bound one for each facility.
      this.#stream(facility, peer, '', 2 * MOST_STREAMS) ??
      this.#stream(facility, '', '', Number.POSITIVE_INFINITY) ??
      this.#labels
    );
  }

  /** Undefined where it would be a new one beyond so many. */
  #stream(facility: string, host: string, app: string, most: number): Labels | undefined {
    const key = JSON.stringify([facility, host, app]);
    const known = this.#streams.get(key);
    if (known !== undefined || this.#streams.size >= most) return known;
    const labels = emptyLabels();
    labels['job'] = 'syslog';
    if (host !== '') labels['host'] = host;
    if (app !== '') labels['app'] = app;
    labels['facility'] = facility;
    Object.assign(labels, this.#labels);
    this.#streams.set(key, labels);
    return labels;
  }
}

function metadataOf(message: SyslogMessage, peer: string, stream: Labels): Labels {
  const metadata = message.data ?? emptyLabels();
  metadata['level'] = levelOfSeverity(message.priority & 7);
  metadata['severity'] = severityOf(message.priority);
  if (message.processId !== undefined) metadata['procid'] = message.processId;
  if (message.messageId !== undefined) metadata['msgid'] = message.messageId;
  if (message.host !== undefined && peer !== '' && message.host !== peer) metadata['peer'] = peer;
  if (message.app !== undefined && stream['app'] !== message.app) metadata['app'] = message.app;
  if (message.host !== undefined && stream['host'] !== message.host) metadata['hostname'] = message.host;
  return metadata;
}
