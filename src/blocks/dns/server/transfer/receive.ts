/**
 * A zone that comes in by transfer, into the file. Until its last record has come nothing is changed: what breaks off, is too
 * large or belongs to no zone leaves the zone as it was.
 *
 *     whole ───────▶ temporary table ──end──▶ one transaction: what differs (store/import.ts)
 *     incremental ─▶ memory ──────────end──▶ one transaction: all sequences, or none (ZoneStore.applyTransfer)
 */
import { formatSize } from '../../../../platform/units.js';
import { badAnswer } from '../../client/attempt.js';
import type { NameServer } from '../../client/server-address.js';
import type { TransferOptions } from '../../client/transfer.js';
import type { TransferRecords } from '../../client/transfer-reader.js';
import { transferZone } from '../../client/transfer-zone.js';
import { dnsErrors } from '../../errors.js';
import type { Name } from '../../name.js';
import type { ResourceRecord } from '../../record.js';
import { isLaterSerial } from '../../serial.js';
import { soaSerial } from '../../soa.js';
import type { ImportOptions, ImportReport, WholeZone, ZoneImport, ZoneStore } from '../../store/zone-store.js';
import { RRType } from '../../wire.js';

/** Octets of the messages of a transfer, beyond which it is given up: some three million records. Default 1 GiB. */
const LARGEST_ZONE = 1024 ** 3;
/** Memory that the records of differences take, octets, for they are held until the end; beyond it the whole zone is fetched. */
const LARGEST_DIFFERENCES = 64 * 1024 ** 2;

/** What a record takes in memory beside its octets, at least. */
const RECORD_OCTETS = 100;

export interface ReceiveOptions {
  /** The serial that is here: what changed since is asked for. Undefined: the whole zone is. */
  readonly have?: number;
  /** Only what is later than this is taken. */
  readonly after?: number;
  readonly import: Pick<ImportOptions, 'serial' | 'comment' | 'dryRun' | 'verify'>;
  readonly transfer: TransferOptions;
  /** Told of how many records have come so far. */
  readonly onRecords?: (count: number) => void;
}

export type Received =
  | { readonly form: 'current'; readonly soa: ResourceRecord }
  | { readonly form: 'whole'; readonly soa: ResourceRecord; readonly report: ImportReport }
  | { readonly form: 'incremental'; readonly soa: ResourceRecord; readonly removed: number; readonly added: number };

/**
 * Errors: those of transferZone(); `dns.transfer_mismatch`, when differences do not fit the zone that is here, or are too
 * many: it has to be fetched as a whole; those of ZoneStore.import().
 */
export async function receiveZone(
  zones: ZoneStore,
  origin: Name,
  server: NameServer,
  options: ReceiveOptions,
): Promise<Received> {
  const { have, after } = options;
  const source = server.shown;
  const transfer = { mostOctets: LARGEST_ZONE, ...options.transfer, ...(have === undefined ? {} : { serial: have }) };
  const sequences = new Sequences(origin);
  let incoming: ZoneImport | undefined;
  let soa: ResourceRecord | undefined;
  let form: Received['form'] = 'current';
  let count = 0;
  try {
    for await (const part of transferZone(server, origin, transfer)) {
      if (part.kind === 'form') {
        ({ form, soa } = part);
        if (form !== 'current') checkLater(server, soa, after);
        if (form === 'whole') incoming = zones.beginImport(origin, { ...importOptions(origin, options), source });
        continue;
      }
      if (incoming === undefined) sequences.take(part);
      else for (const record of part.records) incoming.add(record);
      count += part.records.length;
      options.onRecords?.(count);
    }
    if (soa === undefined) throw badAnswer(server, 'it is no zone transfer: it is empty');
    if (incoming !== undefined) return { form: 'whole', soa, report: incoming.finish() };
    if (form === 'current') return { form, soa };
    zones.applyTransfer(origin, sequences.all, { source });
    return { form: 'incremental', soa, ...sequences.counts };
  } finally {
    incoming?.abort();
  }
}

function checkLater(server: NameServer, soa: ResourceRecord, after: number | undefined): void {
  const serial = soaSerial(soa.rdata);
  if (after === undefined || isLaterSerial(serial, after)) return;
  throw badAnswer(server, `it transfers serial ${serial}, which is no later than ${after}`);
}

/** A zone without a name server at its origin answers nobody: its primary is wrong about it. */
function importOptions(origin: Name, { import: given }: ReceiveOptions) {
  const verify = (zone: WholeZone) => {
    if (!zone.node(origin).some(({ type }) => type === RRType.NS)) {
      throw dnsErrors.error('dns.bad_zone', `${origin} has no NS record at its origin`);
    }
    given.verify?.(zone);
  };
  return { ...given, verify };
}

/** Difference sequences as they come, list by list. */
class Sequences {
  readonly all: { readonly removed: ResourceRecord[]; readonly added: ResourceRecord[] }[] = [];
  readonly counts = { removed: 0, added: 0 };
  readonly #origin: Name;
  #octets = 0;

  constructor(origin: Name) {
    this.#origin = origin;
  }

  take({ op, records }: TransferRecords): void {
    if (op === 'removed' && records[0]?.type === RRType.SOA) this.all.push({ removed: [], added: [] });
    const list = this.all.at(-1)?.[op];
    for (const record of records) {
      list?.push(record);
      this.#octets += RECORD_OCTETS + record.rdata.length + record.name.wire.length;
    }
    this.counts[op] += records.length;
    if (this.#octets <= LARGEST_DIFFERENCES) return;
    throw dnsErrors.error(
      'dns.transfer_mismatch',
      `the differences of ${this.#origin} are larger than ${formatSize(LARGEST_DIFFERENCES)}`,
      { details: { zone: this.#origin.toString() } },
    );
  }
}
