/** Names as they stand below an origin: what parsing with that origin makes the same name of again. */
import type { Name } from '../../name.js';
import { nameAt, printRdata } from '../../rdata/index.js';
import { layoutOf } from '../../rdata/schema.js';
import type { ResourceRecord } from '../../record.js';

export class RelativeNames {
  readonly #origin: Name;
  /** `.example.`; of the root `.`. */
  readonly #suffix: string;

  constructor(origin: Name) {
    this.#origin = origin;
    this.#suffix = origin.isRoot ? '.' : `.${origin}`;
  }

  /** `@`, `www`, or the full name of what is not below the origin, or writes it in another case. */
  text(name: Name): string {
    const text = name.toString();
    if (!name.isWithin(this.#origin)) return text;
    if (text === this.#origin.toString()) return '@';
    return text.endsWith(this.#suffix) ? text.slice(0, -this.#suffix.length) : text;
  }

  /** printRdata with relative names. */
  data({ type, class: rrClass, rdata }: ResourceRecord): string {
    const fields = layoutOf(type, rrClass)?.fields;
    if (fields?.some(({ compression }) => compression !== undefined) !== true) return printRdata(type, rdata, rrClass);
    const words: string[] = [];
    let at = 0;
    for (const field of fields) {
      const end = field.end(rdata, at, rdata.length);
      const isName = field.compression !== undefined;
      const word = isName ? this.text(nameAt(rdata, at, end)) : field.print(rdata, at, end);
      if (word !== '') words.push(word);
      at = end;
    }
    return words.join(' ');
  }
}
