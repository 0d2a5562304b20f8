/** Paths of `json` and `logfmt` expressions: `a.b[0]["c d"].e`. */
export type JsonPath = readonly (string | number)[];

const STEP = /\.?([^\s.[\]"]+)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** Throws an Error that says where the path ends to make sense. */
export function parseJsonPath(text: string): JsonPath {
  const path: (string | number)[] = [];
  let at = 0;
  while (at < text.length) {
    STEP.lastIndex = at;
    const step = STEP.exec(text);
    if (step === null || (at === 0 && step[0].startsWith('.'))) {
      throw new Error(`cannot parse expression ${JSON.stringify(text)} at character ${at + 1}`);
    }
    const [, field, index, quoted] = step;
    if (at > 0 && field !== undefined && !step[0].startsWith('.')) {
      throw new Error(`cannot parse expression ${JSON.stringify(text)} at character ${at + 1}`);
    }
    path.push(field ?? (index !== undefined ? Number(index) : unquoteKey(quoted ?? '""')));
    at = STEP.lastIndex;
  }
  if (path.length === 0) throw new Error('cannot parse an empty expression');
  return path;
}

function unquoteKey(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw new Error(`invalid escape in ${quoted}`);
  }
}
