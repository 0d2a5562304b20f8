/** What finds the fields of a line. */
import type { EntryBatch } from '../../entry-batch.js';
import type { Fields } from '../metadata.js';

export interface LineParser {
  readonly name: string;
  /** Adds the fields of entry i; false where the line is not of this form. */
  parse(batch: EntryBatch, index: number, fields: Fields): boolean;
}

/** A parser of text. */
export function textParser(name: string, parse: (line: string, fields: Fields) => boolean): LineParser {
  return {
    name,
    parse: (batch, index, fields) =>
      parse(batch.bytes.toString('utf8', batch.starts[index], batch.ends[index]), fields),
  };
}
