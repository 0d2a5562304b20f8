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
import { type Suspicion, suspect } from './suspects.js';
import { isSecretName, KeyRedactor, redactTokens } from './tokens.js';

const MASK = '***';

export const REDACTIONS = ['cards', 'email', 'tokens'] as const;
export type Redaction = (typeof REDACTIONS)[number];

const REDACT: Readonly<Record<Redaction, (text: string, mask: string) => string>> = {
  cards: redactCards,
  email: redactEmail,
  tokens: redactTokens,
};
const ANYTHING: Suspicion = { cards: true, email: true, tokens: true };

export class RedactTransform implements Transform {
  readonly name: string;
  readonly about: string;
  readonly #suspicion: Suspicion = { cards: false, email: false, tokens: false };
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
  #line({ bytes, starts, ends }: EntryBatch, index: number, key: KeyRedactor | undefined): Buffer | undefined {
    const [start, end] = [starts[index] ?? 0, ends[index] ?? 0];
    const suspicion = this.#suspicion;
    suspect(bytes, start, end, suspicion);
    let line: Buffer | undefined;
    if (key?.within || this.redactions.some((redaction) => suspicion[redaction])) {
      const raw = bytes.toString('latin1', start, end);
      const withoutKeys = suspicion.tokens || key?.within ? (key?.redact(raw, MASK) ?? raw) : raw;
      const known = this.#known(withoutKeys, suspicion);
      if (known !== raw) line = Buffer.from(known, 'latin1');
    }
    if (this.patterns.length === 0) return line;
    const text = line?.toString() ?? bytes.toString('utf8', start, end);
    const replaced = this.#custom(text);
    return replaced === text ? line : Buffer.from(replaced);
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
    if (!this.redactions.includes('tokens')) return this.#custom(this.#known(value, ANYTHING));
    if (value !== '' && isSecretName(name)) return MASK;
    return this.#custom(this.#known(new KeyRedactor().redact(value, MASK), ANYTHING));
  }

  #known(text: string, suspicion: Suspicion): string {
    let result = text;
    for (const redaction of this.redactions) if (suspicion[redaction]) result = REDACT[redaction](result, MASK);
    return result;
  }

  #custom(text: string): string {
    let result = text;
    for (const pattern of this.patterns)
      result = pattern.replaceAll(result, ({ index, end }) => (end > index ? MASK : ''));
    return result;
  }
}
