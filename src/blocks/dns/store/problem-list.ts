/** What is wrong with a zone of a file, kept within bounds, and where in the file. */
import type { ZoneFileRecord } from '../zone/master-file/index.js';
import type { ZoneProblem } from '../zone/problem.js';

/** Problems of each severity that are kept; the rest is counted. More than anybody reads. */
const MOST_KEPT = 1_000;

export class ProblemList {
  readonly #kept: Record<ZoneProblem['severity'], ZoneProblem[]> = { error: [], warning: [] };
  readonly #counts: Record<ZoneProblem['severity'], number> = { error: 0, warning: 0 };

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

  get needsPlaces(): boolean {
    return this.kept.some(({ line }) => line === undefined);
  }

  /** Problems about an owner get the place of its first record. False when there is none left without a place. */
  place({ name, file, line }: ZoneFileRecord): boolean {
    let left = false;
    for (const list of Object.values(this.#kept)) {
      for (const [i, problem] of list.entries()) {
        if (problem.line !== undefined) continue;
        if (problem.name.equals(name)) list[i] = { ...problem, file, line };
        else left = true;
      }
    }
    return left;
  }
}
