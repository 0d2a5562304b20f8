/** What is wrong with a zone of a file, kept within bounds, and where in the file. */
import type { ZoneFileRecord } from '../zone/master-file/index.js';
import type { ZoneProblem } from '../zone/problem.js';

/** Problems of each severity that are kept; the rest is counted. More than anybody reads. */
const MOST_KEPT = 1_000;

type Severity = ZoneProblem['severity'];

export class ProblemList {
  readonly #kept: Record<Severity, ZoneProblem[]> = { error: [], warning: [] };
  readonly #counts: Record<Severity, number> = { error: 0, warning: 0 };

  add(problem: ZoneProblem): void {
    const { severity } = problem;
    this.#counts[severity]++;
    if (this.#kept[severity].length < MOST_KEPT) this.#kept[severity].push(problem);
  }

  get errors(): number {
    return this.#counts.error;
  }

  get warnings(): number {
    return this.#counts.warning;
  }

  /** Those that were kept, errors first. */
  get kept(): readonly ZoneProblem[] {
    return [...this.#kept.error, ...this.#kept.warning];
  }

  /**
   * Gives problems that only name an owner the place of its first record. Call the function returned with the records of the
   * file, in order, until it returns false: then all have theirs. Undefined: they have already.
   */
  placer(): ((record: ZoneFileRecord) => boolean) | undefined {
    const open = new Map<string, { readonly list: ZoneProblem[]; readonly index: number }[]>();
    for (const list of Object.values(this.#kept)) {
      for (const [index, { line, name }] of list.entries()) {
        if (line === undefined) open.set(name.key, [...(open.get(name.key) ?? []), { list, index }]);
      }
    }
    if (open.size === 0) return undefined;
    return ({ name, file, line }) => {
      for (const { list, index } of open.get(name.key) ?? []) {
        const problem = list[index];
        if (problem !== undefined) list[index] = { ...problem, file, line };
      }
      open.delete(name.key);
      return open.size > 0;
    };
  }
}
