/**
 * Zones that are sent: AXFR (RFC 5936) and IXFR (RFC 1995).
 *
 *     query ─ not of class IN, from whom may not, over HTTPS ───────────▶ REFUSED
 *           ─ no zone of that name ─────────────────────────────────────▶ NOTAUTH
 *           ─ IXFR without the SOA that one has ────────────────────────▶ FORMERR
 *           ─ a copy that has expired, too many transfers at once ──────▶ SERVFAIL
 *           ─ AXFR over UDP ────────────────────────────────────────────▶ REFUSED (RFC 5936, section 4.2)
 *           ─ IXFR, nothing newer ──────────────────────────────────────▶ SOA
 *           ─ IXFR over UDP ── fits ────────────────────────────────────▶ differences
 *           │                └ does not ────────────────────────────────▶ SOA (RFC 1995, section 2): ask over TCP
 *           ─ over TCP or TLS ── snapshot, message by message ──────────▶ the zone, or differences
 */
import type { Logger } from 'pino';
import type { Clock } from '../../../../platform/clock.js';
import { formatAddress } from '../../../../platform/daemon/address.js';
import { messageOf } from '../../../../platform/errors.js';
import { type ExtendedError, ExtendedErrorCode } from '../../edns-options.js';
import type { Name } from '../../name.js';
import type { Question, ResourceRecord } from '../../record.js';
import { soaSerial } from '../../soa.js';
import type { ChangeSummary, ZoneStore } from '../../store/zone-store.js';
import { readUint16 } from '../../wire/octets.js';
import { Flag, type Message, Rcode, RRClass, RRType, responseTo, writeMessage } from '../../wire.js';
import type { AccessList } from '../access.js';
import type { Client } from '../client.js';
import type { TransferAnswer } from '../content.js';
import { responseEdns, responseLimit } from '../edns.js';
import type { TransferCounts } from './counts.js';
import { HeldSnapshot } from './held-snapshot.js';
import { packMessages } from './pack.js';
import { type Plan, planTransfer } from './plan.js';
import { TransferSlots } from './slots.js';
import { storedSoa } from './stored-soa.js';

/** Milliseconds that a transfer may take its peer; then it is cut. A quarter of BIND's max-transfer-time-out. */
const LONGEST_TRANSFER_MS = 30 * 60_000;
/** Records that are looked at for an answer over UDP: more do not fit anyway. */
const MOST_OVER_UDP = 100;

export interface OutgoingParts {
  readonly zones: ZoneStore;
  readonly mayTransfer: AccessList;
  /** Why a zone that is here is not to be had from now. */
  readonly problemOf: (origin: Name) => ExtendedError | undefined;
  readonly nsid: Buffer | undefined;
  readonly counts: TransferCounts;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class OutgoingTransfers {
  readonly #parts: OutgoingParts;
  readonly #slots = new TransferSlots();

  constructor(parts: OutgoingParts) {
    this.#parts = parts;
  }

  /** Under way. */
  get underWay(): number {
    return this.#slots.taken;
  }

  /** See Transfers.single(). */
  single(query: Message, client: Client): TransferAnswer | undefined {
    const [question] = query.questions;
    if (question === undefined) return { parts: { rcode: Rcode.FORMERR } };
    return this.#refusal(query, question, client) ?? this.#short(query, question.name, client) ?? this.#noRoom(client);
  }

  /** See Transfers.transfer(); only where single() has no answer. */
  transfer(query: Message, client: Client): AsyncIterable<Uint8Array> {
    return this.#send(query, client, this.#slots.take(client.address));
  }

  #refusal(query: Message, question: Question, client: Client): TransferAnswer | undefined {
    const { zones, mayTransfer, problemOf } = this.#parts;
    const { NOT_SUPPORTED, PROHIBITED, NOT_AUTHORITATIVE } = ExtendedErrorCode;
    if (question.class !== RRClass.IN) return refuse(Rcode.REFUSED, NOT_SUPPORTED, 'only class IN is served');
    if (!mayTransfer.allows(client.address)) {
      return refuse(Rcode.REFUSED, PROHIBITED, 'zones are transferred to whom --allow-transfer names');
    }
    if (zones.get(question.name) === undefined) {
      return refuse(Rcode.NOTAUTH, NOT_AUTHORITATIVE, 'no zone here has this name');
    }
    if (client.transport === 'https' || (client.transport === 'udp' && question.type === RRType.AXFR)) {
      return refuse(Rcode.REFUSED, NOT_SUPPORTED, 'zones are transferred over TCP or TLS');
    }
    if (question.type === RRType.IXFR && serialIn(query) === undefined) return { parts: { rcode: Rcode.FORMERR } };
    const problem = problemOf(question.name);
    if (problem !== undefined) return { parts: { rcode: Rcode.SERVFAIL }, errors: [problem] };
    return undefined;
  }

  #noRoom({ address }: Client): TransferAnswer | undefined {
    if (this.#slots.hasRoom(address)) return undefined;
    return refuse(Rcode.SERVFAIL, ExtendedErrorCode.NOT_READY, 'too many transfers at once');
  }

  /** What is one message: the SOA, or differences over UDP. */
  #short(query: Message, origin: Name, client: Client): TransferAnswer | undefined {
    const { zones } = this.#parts;
    const have = serialIn(query);
    const isUdp = client.transport === 'udp';
    if (have === undefined) return undefined;
    return zones.reading((all) => {
      const soa = storedSoa(all, origin);
      const zone = zones.get(origin);
      if (soa === undefined || zone === undefined) return refuse(Rcode.SERVFAIL, ExtendedErrorCode.OTHER, 'it is gone');
      const plan = planTransfer(zone, have, (serial) => zones.changesSince(origin, serial));
      if (!isUdp && plan.form !== 'current') return undefined;
      const areFew = plan.form === 'incremental' && plan.records <= MOST_OVER_UDP;
      const fitting = areFew ? this.#fitting(query, client, soa, origin, plan.changes) : undefined;
      return fitting ?? { parts: { authoritative: true, answers: [soa] } };
    });
  }

  /** Undefined when it does not fit into the answer. */
  #fitting(
    query: Message,
    client: Client,
    soa: ResourceRecord,
    origin: Name,
    changes: readonly ChangeSummary[],
  ): TransferAnswer | undefined {
    const { zones, nsid } = this.#parts;
    const answers = [...differences(soa, changes, (number) => zones.change(origin, number))];
    const parts = { authoritative: true, answers };
    const edns = responseEdns(query, nsid, []);
    const wire = writeMessage(responseTo(query, { ...parts, ...(edns && { edns }) }), {
      limit: responseLimit(query, client),
    });
    return (readUint16(wire, 2) & Flag.TC) === 0 ? { parts } : undefined;
  }

  async *#send(query: Message, client: Client, release: () => void): AsyncGenerator<Uint8Array, void, undefined> {
    const { zones, counts, clock, logger, nsid } = this.#parts;
    const origin = query.questions[0]?.name;
    const begun = clock.monotonic();
    const sent = { messages: 0, octets: 0 };
    let held: HeldSnapshot | undefined;
    let outcome = 'the peer hung up before the end of a transfer';
    let plan: Plan | undefined;
    try {
      if (origin === undefined) return;
      const snapshot = new HeldSnapshot(zones.snapshot(origin), clock, LONGEST_TRANSFER_MS);
      held = snapshot;
      plan = planTransfer(snapshot.zone, serialIn(query), (serial) => snapshot.changesSince(serial));
      for (const wire of packMessages(query, origin, recordsOf(snapshot, plan), responseEdns(query, nsid, []))) {
        sent.messages++;
        sent.octets += wire.length;
        yield wire;
      }
      outcome = 'zone transferred';
      counts.sent[plan.form]++;
    } catch (error) {
      outcome = `a transfer failed: ${messageOf(error)}`;
      throw error;
    } finally {
      held?.close();
      release();
      if (outcome !== 'zone transferred') counts.unfinished++;
      const peer = formatAddress({ host: client.address, port: client.port });
      const facts = { zone: origin?.toString(), peer, form: plan?.form, serial: held?.zone.serial, ...sent };
      logger.info({ ...facts, ms: Math.round(clock.monotonic() - begun) }, outcome);
    }
  }
}

function refuse(rcode: number, code: number, text: string): TransferAnswer {
  return { parts: { rcode }, errors: [{ code, text }] };
}

/** Of what one has (RFC 1995, section 3). */
function serialIn({ questions, authorities }: Message): number | undefined {
  const [question] = questions;
  if (question?.type !== RRType.IXFR) return undefined;
  const soa = authorities.find(({ type, name }) => type === RRType.SOA && name.equals(question.name));
  return soa === undefined ? undefined : soaSerial(soa.rdata);
}

/** In the order of a transfer. */
function* recordsOf(snapshot: HeldSnapshot, plan: Plan): Generator<ResourceRecord, void, undefined> {
  const [soa] = snapshot.records();
  if (soa === undefined) throw new Error(`${snapshot.zone.origin} has no records`);
  if (plan.form === 'incremental') yield* differences(soa, plan.changes, (number) => snapshot.change(number));
  else if (plan.form === 'whole') yield* snapshot.records();
  // It stands at the end, too; alone it says that nothing is newer.
  if (plan.form !== 'incremental') yield soa;
}

/** The records of a change are read when they are sent. */
function* differences(
  soa: ResourceRecord,
  changes: readonly ChangeSummary[],
  read: (
    number: number,
  ) => { removedRecords: readonly ResourceRecord[]; addedRecords: readonly ResourceRecord[] } | undefined,
): Generator<ResourceRecord, void, undefined> {
  yield soa;
  for (const { number } of changes) {
    const change = read(number);
    if (change === undefined) throw new Error(`change ${number} has gone from a snapshot`);
    yield* change.removedRecords;
    yield* change.addedRecords;
  }
  yield soa;
}
