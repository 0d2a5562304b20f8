/**
 * How steps are written, as flags and in ds.yaml:
 *
 *     parse=json                              - parse: json
 *     parse=grok:%{IP:client} …               - parse: {grok: '%{IP:client} …'}
 *     redact=cards,email                      - redact: [cards, email]
 *     rename=msg:message,lvl:level            - rename: {msg: message, lvl: level}
 */
import { badTransform } from './bad-transform.js';

/** Text of a flag, or what YAML has made of it. */
type SpecValue = string | readonly string[] | ReadonlyMap<string, string>;

export interface Spec {
  readonly kind: string;
  readonly value: SpecValue;
}

/** Error: `log.bad_transform`. */
export function readSpec(spec: unknown): Spec {
  if (typeof spec === 'string') {
    const at = spec.indexOf('=');
    return at === -1 ? { kind: spec.trim(), value: '' } : { kind: spec.slice(0, at).trim(), value: spec.slice(at + 1) };
  }
  const entries = typeof spec === 'object' && spec !== null && !Array.isArray(spec) ? Object.entries(spec) : [];
  const [first] = entries;
  if (first === undefined || entries.length > 1) {
    throw badTransform(`${JSON.stringify(spec)} is no step`, 'a step is one key and its value: parse: json');
  }
  return { kind: first[0], value: specValue(first[0], first[1]) };
}

function specValue(kind: string, value: unknown): SpecValue {
  if (Array.isArray(value)) return value.map((item) => scalar(kind, item));
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([name, item]) => [name, scalar(kind, item)]));
  }
  return scalar(kind, value);
}

function scalar(kind: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw badTransform(`${kind}: ${JSON.stringify(value)} is neither text nor a number`);
}

/** The value as one text. */
export function textOf({ kind, value }: Spec, example: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  throw badTransform(`${kind} wants one value`, example);
}

/** The value as words: `a,b`. */
export function wordsOf({ kind, value }: Spec, example: string): string[] {
  const words =
    typeof value === 'string' ? value.split(',') : value instanceof Map ? [] : [...(value as readonly string[])];
  const trimmed = words.map((word) => word.trim()).filter((word) => word !== '');
  if (trimmed.length === 0) throw badTransform(`${kind} wants a list`, example);
  return trimmed;
}

/** The value as pairs: `a:b,c:d`. A colon within the second part is of it. */
export function pairsOf(spec: Spec, example: string): (readonly [string, string])[] {
  if (spec.value instanceof Map) return [...(spec.value as ReadonlyMap<string, string>)];
  return wordsOf(spec, example).map((word) => {
    const at = word.indexOf(':');
    if (at < 1) throw badTransform(`${spec.kind}: "${word}" is no pair`, example);
    return [word.slice(0, at), word.slice(at + 1)];
  });
}

/** The value as a word and what stands behind its colon: `grok:…`. */
export function choiceOf(
  spec: Spec,
  example: string,
): { readonly word: string; readonly argument: string | undefined } {
  if (spec.value instanceof Map) {
    const [first] = [...(spec.value as ReadonlyMap<string, string>)];
    if (first === undefined || spec.value.size > 1) throw badTransform(`${spec.kind} wants one key`, example);
    return { word: first[0], argument: first[1] };
  }
  const text = textOf(spec, example);
  const at = text.indexOf(':');
  return at === -1 ? { word: text, argument: undefined } : { word: text.slice(0, at), argument: text.slice(at + 1) };
}
