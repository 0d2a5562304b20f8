/**
 * `redact=cards,email,tokens` and `redact=regex:PATTERN`: what should not be kept becomes `***` in the line and in metadata, whatever its length.
 *
 * Lines are searched as one character for each byte, so that bytes that are no UTF-8 stay as they are; a pattern of the user's is matched on text,
 * and in a line that it changes such bytes become U+FFFD.
 */
import type { EntryBatch } from '../../entry-batch.js';
import { emptyLabels, type Labels } from '../../labels.js';
import type { Regex } from '../../regex/index.js';
import { copyMetadata, NewLines } from '../columns.js';
import { StreamStates } from '../stream-states.js';
import type { Transform, TransformOutput } from '../transform.js';
import { redactCards } from './cards.js';
import { redactEmail } from './email.js';
import { isSecretName, KeyRedactor, redactTokens } from './tokens.js';

const MASK = '***';

export const REDACTIONS = ['cards', 'email', 'tokens'] as const;
export type Redaction = (typeof REDACTIONS)[number];

export class RedactTransform implements Transform {
  readonly name: string;
  readonly about: string;
  readonly #keys = new StreamStates(() => new KeyRedactor());

  constructor(
    private readonly redactions: readonly Redaction[],
    private readonly patterns: readonly Regex[],
  ) {
    const what = [...redactions, ...patterns.map(({ source }) => `regex:${source}`)].join(',');
    this.name = `redact ${what}`;
    this.about = `replaces ${what} by ${MASK} in lines and fields`;
  }

  apply(batch: EntryBatch): TransformOutput {
    const lines = new NewLines(batch);
    let metadata: (Labels | undefined)[] | undefined;
    const keys = this.redactions.includes('tokens') ? batch.streams.map((stream) => this.#keys.of(stream)) : [];
    for (let i = 0; i < batch.count; i++) {
      const line = this.#line(batch, i, keys[batch.streamOf?.[i] ?? 0]);
      if (line !== undefined) lines.set(i, line);
      const before = batch.metadata?.[i];
      const after = before && this.#metadata(before);
      if (after === before) continue;
      metadata ??= copyMetadata(batch);
      metadata[i] = after;
    }
    const redacted = lines.build();
    return { batch: metadata === undefined ? redacted : { ...redacted, metadata } };
  }

  /** The new line; undefined where it stays. */
  #line(batch: EntryBatch, index: number, key: KeyRedactor | undefined): Buffer | undefined {
    const raw = batch.bytes.toString('latin1', batch.starts[index], batch.ends[index]);
    const known = this.#known(key === undefined ? raw : key.redact(raw, MASK));
    let line = known === raw ? undefined : Buffer.from(known, 'latin1');
    if (this.patterns.length === 0) return line;
    const text = line?.toString() ?? batch.bytes.toString('utf8', batch.starts[index], batch.ends[index]);
    const replaced = this.#custom(text);
    if (replaced !== text) line = Buffer.from(replaced);
    return line;
  }

  /** The same object where nothing changed. */
  #metadata(before: Labels): Labels {
    let after: Record<string, string> | undefined;
    for (const name of Object.keys(before)) {
      const value = before[name] ?? '';
      const redacted = this.#value(name, value);
      if (redacted === value) continue;
      after ??= Object.assign(emptyLabels(), before);
      after[name] = redacted;
    }
    return after ?? before;
  }

  #value(name: string, value: string): string {
    if (!this.redactions.includes('tokens')) return this.#custom(this.#known(value));
    if (value !== '' && isSecretName(name)) return MASK;
    return this.#custom(this.#known(new KeyRedactor().redact(value, MASK)));
  }

  #known(text: string): string {
    let result = text;
    for (const redaction of this.redactions) {
      if (redaction === 'cards') result = redactCards(result, MASK);
      else if (redaction === 'email') result = redactEmail(result, MASK);
      else result = redactTokens(result, MASK);
    }
    return result;
  }

  #custom(text: string): string {
    let result = text;
    for (const pattern of this.patterns)
      result = pattern.replaceAll(result, ({ index, end }) => (end > index ? MASK : ''));
    return result;
  }
}
