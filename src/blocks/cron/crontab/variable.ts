/** `NAME = value` lines, as cron takes them apart: quotes around name or value, blanks around both; nothing is expanded. */

export interface Variable {
  readonly name: string;
  readonly value: string;
}

const LINE = /^(?:"([^"=]*)"|'([^'=]*)'|([^"'\s=][^\s=]*))\s*=(.*)$/s;
const QUOTED = /^(?:"([^"]*)"|'([^']*)')$/s;

/** Undefined for a line that is none. */
export function readVariable(line: string): Variable | undefined {
  const match = LINE.exec(line.trim());
  if (match === null) return undefined;
  const [, double, single, plain, rest = ''] = match;
  const name = double ?? single ?? plain ?? '';
  const written = rest.trim();
  if (!/^["']/.test(written)) return { name, value: written };
  const quoted = QUOTED.exec(written);
  return quoted === null ? undefined : { name, value: quoted[1] ?? quoted[2] ?? '' };
}

/** The line; undefined for a value that cannot be written, since it has line ends, or both quotes and needs some. */
export function writeVariable({ name, value }: Variable): string | undefined {
  if (/[\n\0]/.test(value)) return undefined;
  for (const written of [value, `"${value}"`, `'${value}'`]) {
    const line = `${name}=${written}`;
    if (written !== '' && readVariable(line)?.value === value) return line;
  }
  return undefined;
}
