/** HTTP headers that are stored with an object and returned with it: the one list of them, from which their type and their readers come. */

/** Of each its name in a request or an answer, and its name in the store. */
export const CONTENT_HEADERS = [
  ['content-type', 'contentType'],
  ['cache-control', 'cacheControl'],
  ['content-disposition', 'contentDisposition'],
  ['content-encoding', 'contentEncoding'],
  ['content-language', 'contentLanguage'],
  ['expires', 'expires'],
  ['x-amz-website-redirect-location', 'websiteRedirect'],
] as const;

export type ContentHeader = (typeof CONTENT_HEADERS)[number][0];
export type ContentHeaderName = (typeof CONTENT_HEADERS)[number][1];

/** All values as they were given, also that of `expires`, which need not be a date. */
export type ContentHeaders = { readonly [Name in ContentHeaderName]?: string };

/** Those that have a value. */
export function contentHeadersBy(
  read: (header: ContentHeader, name: ContentHeaderName) => string | undefined,
): ContentHeaders {
  const found: { -readonly [Name in ContentHeaderName]?: string } = {};
  for (const [header, name] of CONTENT_HEADERS) {
    const value = read(header, name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** What a GET can ask to be told instead: `response-content-type` and its kind. */
export const OVERRIDABLE_HEADERS: readonly ContentHeader[] = CONTENT_HEADERS.map(([header]) => header).filter(
  (header) => header !== 'x-amz-website-redirect-location',
);
