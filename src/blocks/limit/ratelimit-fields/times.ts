/** Points in time as servers write them, as milliseconds from the answer. */
import { parseDuration } from '../../../platform/units.js';
import type { Findings } from './declared.js';

/** From here on a bare number counts from the Unix epoch: no server asks anybody to wait for thirty years. */
const LEAST_EPOCH_SECONDS = 1e9;
const LEAST_EPOCH_MS = 1e11;
/** What a clock of the server may stand behind ours, before a reset in the past is called nonsense; milliseconds. */
const CLOCK_SLACK_MS = 24 * 3_600_000;

/** A reset: delta or epoch, seconds (with a fraction) or milliseconds; an HTTP or ISO date; `6m0s`. */
export function readReset(text: string, answeredAt: number): number | undefined {
  const trimmed = text.trim();
  if (/^\d{1,16}(?:\.\d{1,9})?$/.test(trimmed)) {
    const value = Number(trimmed);
    if (value < LEAST_EPOCH_SECONDS) return Math.round(value * 1000);
    return fromInstant(value < LEAST_EPOCH_MS ? value * 1000 : value, answeredAt);
  }
  return parseDuration(trimmed) ?? fromInstant(readDate(trimmed), answeredAt);
}

export function readRetryAfter(text: string | undefined, answeredAt: number, { notes }: Findings): number | undefined {
  if (text === undefined) return undefined;
  const trimmed = text.trim();
  // A fraction is not in the standard, but is sent.
  const seconds = /^\d{1,12}(?:\.\d{1,9})?$/.test(trimmed) ? Number(trimmed) : undefined;
  const ms = seconds === undefined ? fromInstant(readDate(trimmed), answeredAt) : Math.round(seconds * 1000);
  if (ms === undefined) notes.push(`Retry-After cannot be read: ${shown(text)}`);
  return ms;
}

/** The three forms of HTTP dates (RFC 9110, section 5.6.7), and ISO 8601. */
function readDate(text: string): number | undefined {
  if (!/^(?:[A-Z][a-z]{2,8},? |\d{4}-\d\d-\d\d[T ])/.test(text)) return undefined;
  // The form of asctime() has no zone, and means UTC.
  const ms = Date.parse(/^[A-Z][a-z]{2} [A-Z]/.test(text) ? `${text} GMT` : text);
  return Number.isNaN(ms) ? undefined : ms;
}

function fromInstant(instant: number | undefined, answeredAt: number): number | undefined {
  if (instant === undefined || instant < answeredAt - CLOCK_SLACK_MS) return undefined;
  return Math.max(0, Math.round(instant - answeredAt));
}

/** Of whatever came from outside, a piece. */
export function shown(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
