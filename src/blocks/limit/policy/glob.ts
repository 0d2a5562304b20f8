/**
 * Patterns with wildcards, matched in time proportional to pattern times text whatever a client sends: all the places of
 * the pattern that the text can be at are followed at once, where backtracking would try them one after another.
 */
export type Matcher = (text: string) => boolean;

/** Stand for wildcards in a compiled pattern, beside the characters themselves. */
const ANY = -1;
const ANY_WITHIN = -2;
const ONE = -3;

/**
 * Of paths: `*` stands for any characters but `/`, `**` for any, `?` for one that is not `/`. A pattern that ends in
 * `/**` takes the folder itself too.
 */
export function pathGlob(pattern: string): Matcher {
  const inside = glob(pattern, '/');
  if (!pattern.endsWith('/**') || pattern === '/**') return inside;
  const folder = glob(pattern.slice(0, -3), '/');
  return (text) => inside(text) || folder(text);
}

/** Of hosts and header values: `*` stands for any characters, `?` for one. */
export function textGlob(pattern: string): Matcher {
  return glob(pattern, undefined);
}

function glob(pattern: string, separator: string | undefined): Matcher {
  if (!/[*?]/.test(pattern)) return (text) => text === pattern;
  const prefix = /^([^*?]*)\*\*$/.exec(pattern)?.[1];
  if (prefix !== undefined) return (text) => text.startsWith(prefix);
  const steps = compile(pattern, separator);
  const barrier = separator?.charCodeAt(0) ?? Number.NaN;
  return (text) => simulate(steps, barrier, text);
}

function compile(pattern: string, separator: string | undefined): number[] {
  const within = separator === undefined ? ANY : ANY_WITHIN;
  return [...pattern.matchAll(/\*\*|[\s\S]/g)].map(([token]) => {
    if (token === '**') return ANY;
    if (token === '*') return within;
    return token === '?' ? ONE : token.charCodeAt(0);
  });
}

/** `places[i]`: the text so far can have used up the first i steps. */
function simulate(steps: readonly number[], barrier: number, text: string): boolean {
  let places = new Uint8Array(steps.length + 1);
  let next = new Uint8Array(steps.length + 1);
  places[0] = 1;
  passEmpty(steps, places);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    next.fill(0);
    for (let place = 0; place < steps.length; place++) {
      if (places[place] !== 1) continue;
      const step = steps[place] ?? 0;
      if (step === ANY || (step === ANY_WITHIN && code !== barrier)) next[place] = 1;
      else if (step === code || (step === ONE && code !== barrier)) next[place + 1] = 1;
    }
    passEmpty(steps, next);
    [places, next] = [next, places];
    if (!places.includes(1)) return false;
  }
  return places[steps.length] === 1;
}

/** A star may stand for nothing. */
function passEmpty(steps: readonly number[], places: Uint8Array): void {
  for (let place = 0; place < steps.length; place++) {
    const step = steps[place];
    if (places[place] === 1 && (step === ANY || step === ANY_WITHIN)) places[place + 1] = 1;
  }
}
