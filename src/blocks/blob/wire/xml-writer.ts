/** Writes S3's documents: elements with text, nothing else. */

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** What text cannot have as it is: markup, line ends that parsers change, what XML 1.0 has no character for, and ASCII's control characters. */
const SPECIAL = /[&<>"\ufffe\uffff]|(?=\p{ASCII})\p{Cc}/gu;
const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/**
 * Characters that XML 1.0 does not have become numeric references, as S3 has it: strict parsers refuse them, and clients
 * that meet such keys ask for `encoding-type=url`.
 */
function escapeXml(text: string): string {
  return text.replace(SPECIAL, (character) => NAMED[character] ?? `&#x${character.charCodeAt(0).toString(16)};`);
}

/** Undefined: the element is left out. */
export function element(name: string, content: string | number | boolean | undefined): string {
  if (content === undefined) return '';
  return `<${name}>${typeof content === 'string' ? escapeXml(content) : content}</${name}>`;
}

/** Of elements that are written already. */
export function parent(name: string, ...children: readonly string[]): string {
  return `<${name}>${children.join('')}</${name}>`;
}

/** The whole document; errors have no namespace. */
export function document(root: string, ...children: readonly string[]): string {
  const namespace = root === 'Error' ? '' : ` xmlns="${NAMESPACE}"`;
  return `${DECLARATION}<${root}${namespace}>${children.join('')}</${root}>`;
}

/** As S3's documents have times: `2026-01-31T12:00:00.000Z`. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
