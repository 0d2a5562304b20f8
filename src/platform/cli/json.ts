/** JSON as `--json` prints it. */

/**
 * Bigints become strings, small ones too, so that a field never changes its type with its value; absent stays absent.
 * Bytes become base64.
 */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_key, field: unknown) => {
      if (typeof field === 'bigint') return field.toString();
      if (field instanceof Uint8Array) return Buffer.from(field).toString('base64');
      return field;
    },
    indent,
  );
}
