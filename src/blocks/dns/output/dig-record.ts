/** Records and questions as dig prints them. */
import type { Question, ResourceRecord } from '../record.js';
import { className } from '../wire.js';
import { digData, digType } from './dig-data.js';
import { columnsOf, DigLine, type DigStyle, digPeriod } from './dig-style.js';

/** One record, in several lines with +multiline; without a line end. */
export function digRecord(record: ResourceRecord, style: DigStyle): string {
  const columns = columnsOf(style);
  const line = new DigLine().add(record.name.toString());
  if (style.ttl) {
    const ttl = style.ttlUnits ? digPeriod(record.ttl, false) : String(record.ttl);
    line.indent(columns.ttl).add(ttl);
  }
  if (style.class) line.indent(columns.class).add(digClass(record.class, style));
  line.indent(columns.type).add(digType(record.type, style));
  return `${line.indent(columns.data)}${digData(record, style)}`;
}

/** `;www.example.com.  IN  A`; the class is shown always. */
export function digQuestion({ name, type, class: rrClass }: Question, style: DigStyle): string {
  const columns = columnsOf(style);
  const line = new DigLine().add(name.toString()).indent(columns.class).add(digClass(rrClass, style));
  return `;${line.indent(columns.type).add(digType(type, style))}`;
}

function digClass(rrClass: number, { unknownFormat }: DigStyle): string {
  return unknownFormat ? `CLASS${rrClass}` : className(rrClass);
}
