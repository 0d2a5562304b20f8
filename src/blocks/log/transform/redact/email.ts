/**
 * Addresses of e-mail, from one `@` to as far as the address can reach: by hand and not by an expression, since `[^\s@]+@` takes quadratic time
 * on a long word without an `@`. Bytes beyond ASCII count as letters (RFC 6531).
 */
export function redactEmail(text: string, mask: string): string {
  let result = '';
  let copied = 0;
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    let from = at;
    while (from > copied && isLocal(text.charCodeAt(from - 1))) from--;
    let to = at + 1;
    let dot = false;
    while (to < text.length && isDomain(text.charCodeAt(to))) {
      dot ||= text[to] === '.' && to > at + 1;
      to++;
    }
    while (to > at + 1 && (text[to - 1] === '.' || text[to - 1] === '-')) to--;
    if (from === at || !dot || to <= at + 3) continue;
    result += text.slice(copied, from) + mask;
    copied = to;
    at = to - 1;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

const LOCAL_MARKS = new Set(Array.from("!#$%&'*+-/=?^_`{|}~.", (mark) => mark.charCodeAt(0)));

function isWord(code: number): boolean {
  const lower = code | 0x20;
  return (code >= 0x30 && code <= 0x39) || (lower >= 0x61 && lower <= 0x7a) || code >= 0x80;
}

/** `=`, `/`, `'` and `?` may be of an address, but are mostly what stands before one: `to=a@b.example`. */
function isLocal(code: number): boolean {
  return (
    isWord(code) ||
    (LOCAL_MARKS.has(code) && code !== 0x3d && code !== 0x2f && code !== 0x27 && code !== 0x3f && code !== 0x26)
  );
}

function isDomain(code: number): boolean {
  return isWord(code) || code === 0x2d || code === 0x2e;
}
