/**
 * The head of a request, as it is on the wire. All texts are byte strings, one character for each byte, as Node reads heads: a
 * signature is over bytes, and what is not UTF-8 must not be mended on the way.
 */
export interface RequestHead {
  readonly method: string;
  /** Up to the question mark, with its escapes. */
  readonly path: string;
  /** After the question mark, with its escapes; empty where there is none. */
  readonly query: string;
  /** By name in lower case. One that came several times has all its values with commas between, which is what is signed. */
  readonly headers: ReadonlyMap<string, string>;
}

/** From what Node gives: `request.method`, `request.url`, `request.rawHeaders` (names and values in turn). */
export function requestHead(method: string, url: string, rawHeaders: readonly string[]): RequestHead {
  const mark = url.indexOf('?');
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    const value = rawHeaders[at + 1] ?? '';
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return {
    method,
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    headers,
  };
}
