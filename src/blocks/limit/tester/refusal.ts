/** Which answers are refusals. */
import { limitErrors } from '../errors.js';

export interface Answer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** When it came, by our wall clock: milliseconds since the Unix epoch. */
  readonly answeredAt: number;
  /** As much of it as was read. */
  readonly body: string;
}

/** `--refused-when`: undefined where it does not hold, else what held, in words. */
export type RefusalRule = (answer: Answer) => string | undefined;

/**
 * `status=403` (several: `status=403,418`), `header:x-blocked` (is there), `header:x-cache=DENY` (has this value),
 * `body~quota` (contains this text). Error: `limit.bad_refusal_rule`.
 */
export function readRefusalRule(text: string): RefusalRule {
  const status = /^status=(\d{3}(?:,\d{3})*)$/.exec(text);
  if (status?.[1] !== undefined) {
    const codes = new Set(status[1].split(',').map(Number));
    return (answer) => (codes.has(answer.status) ? String(answer.status) : undefined);
  }
  const header = /^header:([!#$%&'*+.^_`|~\w-]+)(?:=(.*))?$/s.exec(text);
  if (header?.[1] !== undefined) {
    const [name, wanted] = [header[1].toLowerCase(), header[2]];
    return ({ headers }) => {
      const found = [headers[name] ?? []].flat();
      const holds = wanted === undefined ? found.length > 0 : found.includes(wanted);
      return holds ? `header ${name}` : undefined;
    };
  }
  const body = /^body~(.+)$/s.exec(text)?.[1];
  if (body !== undefined) return (answer) => (answer.body.includes(body) ? 'body' : undefined);
  throw limitErrors.error(
    'limit.bad_refusal_rule',
    `${JSON.stringify(text.slice(0, 80))} does not say what a refusal is`,
    {
      hint: "--refused-when status=403, 'header:x-blocked', 'header:x-cache=DENY' or 'body~quota'",
    },
  );
}

/** Answers that say «not now» unless it is how the server answers anyway: nginx refuses with 503, firewalls with 403. */
const USUAL = new Set([429, 503, 403]);

/** In words how it was refused; undefined for service. `usual`: the status of the first answer. */
export function refusalOf(
  answer: Answer,
  rules: readonly RefusalRule[],
  usual: number | undefined,
): string | undefined {
  for (const rule of rules) {
    const held = rule(answer);
    if (held !== undefined) return held;
  }
  if (answer.status === 429) return '429';
  return usual !== undefined && answer.status !== usual && USUAL.has(answer.status) ? String(answer.status) : undefined;
}
