/** What commands take that fetch zones from other servers; loaded when one of them runs. */
import type { TransferPart } from './client/transfer-reader.js';
import type { DifferenceFields } from './record-fields.js';
import { differenceFields } from './record-fields.js';
import { soaSerial } from './soa.js';

export { readAuthorities } from './client/asker.js';
export { transferZone } from './client/transfer-zone.js';
export { zoneText } from './output/zone-text.js';
export { sayDifference } from './record-fields.js';
export { fetchZone, followZone } from './server/transfer/follow.js';
export { parsePeer } from './server/transfer/peers.js';
export { readTypedName } from './typed-name.js';

/** What a part of a transfer says, in plain values. */
export type TransferItem =
  | { readonly kind: 'form'; readonly form: 'whole' | 'incremental' | 'current'; readonly serial: number }
  | { readonly kind: 'records'; readonly rows: readonly DifferenceFields[] };

export function transferItem(part: TransferPart): TransferItem {
  if (part.kind === 'form') return { kind: 'form', form: part.form, serial: soaSerial(part.soa.rdata) };
  const { op, records } = part;
  return { kind: 'records', rows: records.map((record) => differenceFields({ op, record })) };
}
