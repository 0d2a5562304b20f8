/**
 * Patterns of `| pattern "<ip> - <_> <method>"` and of the line filters `|>` and `!>`: literals, with captures between them that reach
 * to the next literal. `<_>` is a capture that nobody wants.
 */
type Part = { readonly capture: string } | { readonly literal: string };

const CAPTURE = /<([A-Za-z_][A-Za-z0-9_]*)>/g;

export interface LinePattern {
  matches(line: string): boolean;
  readonly literals: readonly string[];
}

export interface CapturePattern {
  readonly names: readonly string[];
  /** Texts of the named captures, in the order of `names`. A line that ends early gives fewer. */
  capture(line: string): readonly string[];
}

/** Of the parser. Throws an Error where it has no named capture, or two next to each other. */
export function compilePattern(pattern: string): CapturePattern {
  const parts = partsOf(pattern);
  const names = parts.flatMap((part) => ('capture' in part && part.capture !== '_' ? [part.capture] : []));
  if (names.length === 0) throw new Error('at least one capture is required');
  const duplicate = names.find((name, index) => names.indexOf(name) !== index);
  if (duplicate !== undefined) throw new Error(`duplicate capture name (${duplicate})`);
  return { names, capture: (line) => captureAll(parts, line) };
}

/** Of the line filters. Throws an Error where it has a named capture, or two captures next to each other. */
export function compileLinePattern(pattern: string): LinePattern {
  const parts = partsOf(pattern);
  if (parts.some((part) => 'capture' in part && part.capture !== '_'))
    throw new Error('named captures are not allowed');
  return {
    matches: (line) => testParts(parts, line),
    literals: parts.flatMap((part) => ('literal' in part ? [part.literal] : [])),
  };
}

function partsOf(pattern: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const { 0: all, 1: name = '_', index } of pattern.matchAll(CAPTURE)) {
    if (index > at) parts.push({ literal: pattern.slice(at, index) });
    else if (parts.length > 0)
      throw new Error(`found consecutive capture ${JSON.stringify(all)}: a literal must be between captures`);
    parts.push({ capture: name });
    at = index + all.length;
  }
  if (at < pattern.length) parts.push({ literal: pattern.slice(at) });
  return parts;
}

function captureAll(parts: readonly Part[], line: string): string[] {
  const texts: string[] = [];
  let at = 0;
  let open: string | undefined;
  for (const [index, part] of parts.entries()) {
    if ('capture' in part) {
      open = part.capture;
      continue;
    }
    const found = line.indexOf(part.literal, at);
    if (index === 0 && found !== 0) return texts;
    if (found === -1) break;
    if (open !== undefined && open !== '_') texts.push(line.slice(at, found));
    open = undefined;
    at = found + part.literal.length;
  }
  // The last capture takes the rest; so does one whose literal is missing.
  if (open !== undefined && open !== '_') texts.push(line.slice(at));
  return texts;
}

function testParts(parts: readonly Part[], line: string): boolean {
  if (line === '' || parts.length === 0) return line === '' && parts.length === 0;
  let at = 0;
  for (const [index, part] of parts.entries()) {
    if ('capture' in part) continue;
    const found = line.indexOf(part.literal, at);
    // A capture must not be empty. A literal that begins the pattern may be anywhere, as in Loki.
    if (found === -1 || (index !== 0 && found === at)) return false;
    at = found + part.literal.length;
  }
  const last = parts[parts.length - 1];
  return last !== undefined && 'capture' in last === at < line.length;
}
