/**
 * Text from outside must not be able to drive the terminal: escape sequences can move the cursor, rewrite what was
 * printed, set the clipboard; bidirectional overrides can make text read as what it is not (CVE-2021-42574).
 */

/**
 *     U+0000-001F, 007F   C0 controls and DEL          U+0080-009F   C1 controls (0x9B alone is CSI)
 *     U+200E-200F, 061C   bidi marks                   U+202A-202E   bidi embeddings and overrides
 *     U+2028-2029         line and paragraph breaks    U+2066-2069   bidi isolates
 *     U+FEFF, 200B        invisible                    U+D800-DFFF   lone surrogates
 */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Replaces what could drive a terminal by visible escapes: `\n`, `\x1b`, `\u202e`. */
export function escapeForTerminal(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    return SHORT[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
  });
}

/** The same of lines, whose ends stay. */
export function escapeLinesForTerminal(text: string): string {
  return text.split('\n').map(escapeForTerminal).join('\n');
}

/** The same of JSON: what JSON.stringify() leaves as it is gets its escape, too. Line breaks between members stay. */
export function escapeJsonForTerminal(json: string): string {
  return json.replace(UNSAFE, (character) => {
    return character === '\n' ? character : `\\u${hex(character.charCodeAt(0), 4)}`;
  });
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
