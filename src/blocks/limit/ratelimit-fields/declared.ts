/** What the reader of rate limit fields finds. */

/** As node:http and undici give them: lower-case names, a list where a field came several times. */
export type HeaderFields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One limit as the server tells it; what it does not tell is absent. */
export interface Declared {
  /** Which form it was told in. */
  readonly form: 'draft-8-to-11' | 'draft-7' | 'ratelimit-limit' | 'x-ratelimit';
  /** The policy's name; '' where the form has none. */
  readonly name: string;
  readonly limit?: number;
  readonly windowMs?: number;
  readonly remaining?: number;
  /** From the moment of the answer. */
  readonly resetMs?: number;
  /** What is counted, where it is told: `requests`, `content-bytes`, `concurrent-requests`, or what the field's name ends in. */
  readonly unit?: string;
  /** The most at once, where it is told beside the rate. */
  readonly burst?: number;
  /** The draft's partition key, in base64: limits with different ones are counted apart. */
  readonly partition?: string;
}

export interface Declarations {
  readonly limits: readonly Declared[];
  readonly retryAfterMs?: number;
  /** What could not be read, in words. */
  readonly notes: readonly string[];
}

/** Collects what the readers of the single forms find. */
export interface Findings {
  readonly limits: Declared[];
  readonly notes: string[];
}
