/**
 * Secrets that are known by their looks: tokens with a prefix, JWT, what stands behind Bearer and Basic, passwords in URLs and in fields that are
 * called so, private keys in PEM. Expressions here are constant and take linear time: each begins with a text of its own or takes a
 * whole run of characters at once.
 */

/** Beginnings of tokens, and how many characters follow at least. */
const PREFIXES: readonly (readonly [prefix: string, least: number])[] = [
  ['AKIA', 16],
  ['ASIA', 16],
  ['ghp_', 20],
  ['gho_', 20],
  ['ghu_', 20],
  ['ghs_', 20],
  ['ghr_', 20],
  ['github_pat_', 20],
  ['glpat-', 16],
  ['glsa_', 20],
  ['npm_', 20],
  ['hf_', 20],
  ['xoxb-', 10],
  ['xoxp-', 10],
  ['xoxa-', 10],
  ['xoxs-', 10],
  ['xapp-', 10],
  ['sk_live_', 10],
  ['rk_live_', 10],
  ['sk-', 20],
  ['AIza', 30],
  ['ya29.', 20],
  ['eyJ', 17],
];
/** A run of what tokens are made of. */
const RUN = /[\w\-.~+/=]{18,}/g;
const SCHEME = /\b(bearer|basic)((?:[ \t]|%20|\+){1,4})([\w\-.~+/=]{6,})/gi;
const SECRET_NAME =
  'pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key|client[_-]?secret';
/** Its value: in quotes, in quotes that are escaped because the whole is within others, or up to what separates fields. */
const FIELD = new RegExp(
  `(${SECRET_NAME})(\\\\?["']?[ \\t]{0,4}[=:][ \\t]{0,4})` +
    `("(?:[^"\\\\]|\\\\[\\s\\S])*|\\\\"(?:[^"\\\\]|\\\\[^"])*|'[^']*|[^\\s"'&,;})\\]]+)`,
  'gi',
);
const SECRET_FIELD = new RegExp(`(?:^|[_-])(?:${SECRET_NAME})$`, 'i');
const USER_OF_URL = /:\/\/[^\s/?#@:"']{0,256}:[^\s/?#"']{1,1024}@/g;

/** A field that is called `password` holds one, whatever it looks like. */
export function isSecretName(name: string): boolean {
  return SECRET_FIELD.test(name);
}

export function redactTokens(text: string, mask: string): string {
  let result = text;
  if (/:\/\//.test(result)) result = result.replace(USER_OF_URL, `://${mask}@`);
  result = result.replace(SCHEME, (_, scheme: string, gap: string) => `${scheme}${gap}${mask}`);
  result = result.replace(FIELD, (whole, name: string, mark: string, value: string) => {
    // What another step has masked already, and «Bearer ***».
    if (value === mask || /^(bearer|basic)$/i.test(value)) return whole;
    return `${name}${mark}${/^\\?["']/.exec(value)?.[0] ?? ''}${mask}`;
  });
  return result.replace(RUN, (run) => redactRun(run, mask));
}

/** From the first beginning of a token to the end of the run: what follows a token is part of it or of nobody's interest. */
function redactRun(run: string, mask: string): string {
  let first = run.length;
  for (const [prefix, least] of PREFIXES) {
    const at = run.indexOf(prefix);
    if (at === -1 || at >= first || run.length - at - prefix.length < least) continue;
    if (prefix === 'eyJ' && !run.includes('.', at)) continue;
    if (prefix.length === 3 && at > 0 && /\w/.test(run[at - 1] ?? '')) continue;
    first = at;
  }
  return first === run.length ? run : run.slice(0, first) + mask;
}

const KEY_BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY( BLOCK)?-----/;
const KEY_END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY( BLOCK)?-----/;
/** A key of RSA with 16,384 bits has 200 lines in PEM. */
const LONGEST_KEY = 400;

/** Private keys, also those whose lines are entries of their own: what begins in one goes on in those that follow. */
export class KeyRedactor {
  /** Lines that may still be of a key. */
  #left = 0;

  /** A key has begun and not ended. */
  get within(): boolean {
    return this.#left > 0;
  }

  /** The text without the parts of keys. */
  redact(text: string, mask: string): string {
    let rest = text;
    let result = '';
    // The key begins in this text: all that follows is of it.
    let begun = false;
    for (;;) {
      if (this.#left > 0) {
        const end = KEY_END.exec(rest);
        if (end === null) {
          this.#left--;
          return result + (begun || isOfKey(rest) ? mask : rest);
        }
        this.#left = 0;
        result += mask;
        rest = rest.slice(end.index + end[0].length);
      }
      const begin = rest.includes('-----BEGIN') ? KEY_BEGIN.exec(rest) : null;
      if (begin === null) return result + rest;
      result += rest.slice(0, begin.index);
      rest = rest.slice(begin.index + begin[0].length);
      this.#left = LONGEST_KEY;
      begun = true;
    }
  }
}

/** What stands between the two marks: base64, alone or behind something else, and `Proc-Type: …`. */
function isOfKey(line: string): boolean {
  return (
    /^\s*[A-Za-z0-9+/=]*\s*$/.test(line) ||
    /^(Proc-Type|DEK-Info|Comment|Version):/.test(line) ||
    /[A-Za-z0-9+/]{32}/.test(line)
  );
}
