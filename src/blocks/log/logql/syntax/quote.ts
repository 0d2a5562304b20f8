/** Go's string literals: `"with \"escapes\""` and backquoted raw ones. */

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))|[^\\]+/gsu;
const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** What a literal, quotes included, stands for; undefined where an escape is wrong or the text is no Unicode. */
export function unquote(raw: string): string | undefined {
  const inner = raw.slice(1, -1);
  if (raw.startsWith('`')) return inner.replaceAll('\r', '');
  if (!inner.includes('\\')) return inner;
  // \x and octal escapes are bytes: together they must be UTF-8.
  const pieces: Buffer[] = [];
  for (const [all, hex, short, long, octal, simple] of inner.matchAll(ESCAPE)) {
    const code = Number.parseInt(
      hex ?? short ?? long ?? octal ?? '',
      hex === undefined && octal !== undefined ? 8 : 16,
    );
    if (hex !== undefined || octal !== undefined) {
      if (code > 0xff) return undefined;
      pieces.push(Buffer.from([code]));
    } else if (short !== undefined || long !== undefined) {
      if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
      pieces.push(Buffer.from(String.fromCodePoint(code)));
    } else if (simple !== undefined) {
      const text = SIMPLE[simple];
      if (text === undefined) return undefined;
      pieces.push(Buffer.from(text));
    } else pieces.push(Buffer.from(all));
  }
  return decodeStrictly(Buffer.concat(pieces));
}

function decodeStrictly(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped.
const TO_ESCAPE = /[\x00-\x1f"\\\x7f]/g;

/** A literal that {@link unquote} reads as the same text. */
export function quote(text: string): string {
  return `"${text.replace(TO_ESCAPE, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  if (character === '\r') return '\\r';
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
