/** A zone that comes by transfer, as a master file, while it comes. */
import type { TransferPart } from '../client/transfer-reader.js';
import type { Name } from '../name.js';
import type { ResourceRecord } from '../record.js';
import { MasterFilePrinter, SAMPLE } from '../zone/master-file/printer.js';

/** Text with line ends, in pieces. A thousand records are waited for, since columns are as wide as they need; then each. */
export async function* zoneText(parts: AsyncIterable<TransferPart>, origin: Name): AsyncGenerator<string> {
  let sample: ResourceRecord[] = [];
  let printer: MasterFilePrinter | undefined;
  const begin = () => {
    printer = new MasterFilePrinter(sample.slice(0, SAMPLE), { origin });
    const text = textOf(printer.head()) + (sample.length > 0 ? `\n${printRecords(printer, sample)}` : '');
    sample = [];
    return text;
  };
  for await (const part of parts) {
    if (part.kind !== 'records') continue;
    if (printer !== undefined) yield printRecords(printer, part.records);
    else {
      sample.push(...part.records);
      if (sample.length >= SAMPLE) yield begin();
    }
  }
  if (printer === undefined) yield begin();
}

function printRecords(printer: MasterFilePrinter, records: readonly ResourceRecord[]): string {
  return records.map((record) => textOf(printer.lines(record))).join('');
}

function textOf(lines: Iterable<string>): string {
  let text = '';
  for (const line of lines) text += `${line}\n`;
  return text;
}
