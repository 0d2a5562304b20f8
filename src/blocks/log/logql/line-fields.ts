/** What a line has that a parser would make labels of: JSON, or else logfmt. */
import type { Labels } from '../labels.js';
import { EntryLabels, ERROR_DETAILS_LABEL, ERROR_LABEL } from './pipeline/entry-labels.js';
import { jsonStage } from './pipeline/json-stage.js';
import { logfmtStage } from './pipeline/logfmt-stage.js';

export interface LineFields {
  readonly parser: 'json' | 'logfmt';
  /** Named as `| json` and `| logfmt` name them behind a stream that has these labels. */
  readonly fields: ReadonlyMap<string, string>;
}

export class LineFieldReader {
  readonly #labels = new EntryLabels();
  readonly #json = jsonStage(undefined);
  readonly #logfmt = logfmtStage({ strict: false, keepEmpty: false }, undefined);

  read(line: string, stream: Labels): LineFields {
    const entry = { line, timestamp: 0n, labels: this.#labels };
    this.#labels.reset(stream, undefined);
    this.#json(entry);
    const isJson = !this.#labels.hasError;
    if (!isJson) {
      this.#labels.reset(stream, undefined);
      this.#logfmt(entry);
    }
    return { parser: isJson ? 'json' : 'logfmt', fields: new Map(this.#extracted(stream)) };
  }

  *#extracted(stream: Labels): Generator<[string, string]> {
    const labels = this.#labels.toLabels();
    for (const name in labels) {
      const value = labels[name] ?? '';
      if (isMadeByQuery(name) || value === '' || stream[name] !== undefined) continue;
      yield [name, value];
    }
  }
}

/** Labels that tell of errors, and are of no line. */
export function isMadeByQuery(name: string): boolean {
  return name === ERROR_LABEL || name === ERROR_DETAILS_LABEL;
}
