import { DEFAULT_LAYOUT, layoutNames, type Plan, planLayout, resolveLayout } from '../../src/blocks/seq/index.js';
import { countFlag, DsCommand, Flags, rateFlag } from '../../src/platform/cli/command.js';
import { isoTime } from '../../src/platform/relative-time.js';

export default class SeqPlan extends DsCommand {
  static override summary = 'say whether a layout carries a load, and for how long';
  static override description =
    `When the time bits run out, how many IDs a second one worker and all of them can make, and how likely equal IDs are: for the
kinds with random bits by chance, for the others only if worker numbers were drawn instead of leased.

Layouts: ${layoutNames.join(' ')}, or bits of your own.

Pipes get a name and a value a line, between a tab.

Exit codes: 0 it carries the load; 1 it does not, and why; 2 bad input.`;
  static override examples = [
    {
      description: 'Twitter snowflakes on 20 workers, 50,000 a second in all',
      command: '<%= config.bin %> <%= command.id %> --workers 20 --rate 50000/s',
    },
    {
      description: 'How safe is chance?',
      command: '<%= config.bin %> <%= command.id %> --layout uuid7 --workers 100 --rate 1000000/s',
    },
    {
      description: 'A layout of your own, in a script',
      command:
        "<%= config.bin %> <%= command.id %> --layout 'ts:38@1ms,worker:12,seq:14;epoch=2025-01-01' --workers 4000 && echo it fits",
    },
    {
      description: 'Three layouts beside each other',
      command: 'for L in twitter discord tsid; do <%= config.bin %> <%= command.id %> -l $L --json; done',
    },
  ];
  static override flags = {
    layout: Flags.string({
      char: 'l',
      helpValue: 'LAYOUT',
      default: DEFAULT_LAYOUT,
      description: 'what the IDs are made of',
    }),
    workers: countFlag({ char: 'w', default: 1, description: 'how many generators at the same time' }),
    rate: rateFlag({ char: 'r', default: { count: 1000, perMs: 1000 }, description: 'IDs of all of them together' }),
  };

  protected async execute(): Promise<number> {
    const { flags } = await this.parse(SeqPlan);
    const perSecond = (flags.rate.count * 1000) / flags.rate.perMs;
    const plan = planLayout(resolveLayout(flags.layout), flags.workers, perSecond, this.context.clock.now());
    this.out.document(toRecord(plan), () => this.show(plan));
    return plan.fits ? 0 : 1;
  }

  private show(plan: Plan): void {
    if (this.out.isTerminal) this.showVerdict(plan);
    for (const [name, value, shown] of rowsOf(plan)) {
      if (this.out.isTerminal) this.out.styled(['dim', name.replaceAll('_', ' ').padEnd(20)], shown ?? value);
      else this.out.line(`${name}\t${value}`);
    }
  }

  private showVerdict(plan: Plan): void {
    if (plan.fits) this.out.line(`${plan.layout} carries it`, 'green');
    for (const problem of plan.problems) this.out.line(`${plan.layout} does not carry it: ${problem}`, 'red');
  }
}

/** Name, exact value, and what a terminal shows instead. */
type Line = readonly [name: string, value: string, shown?: string];

const grouped = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 1 });
const odds = (value: number) => (value === 0 ? '0' : value.toPrecision(3));

function rowsOf(plan: Plan): Line[] {
  const { perWorkerCeiling, totalCeiling, load, collisions } = plan;
  const rows: Line[] = [
    ['layout', plan.layout],
    ['bits', `${plan.bits}`],
    ['workers', `${plan.workers}`, `${grouped(plan.workers)} of ${grouped(plan.maxWorkers)}`],
    ['rate', `${plan.rate}`, `${grouped(plan.rate)} IDs/s`],
    ['epoch', isoTime(plan.epoch)],
    ['exhausts_at', isoTime(plan.exhaustsAt), `${isoTime(plan.exhaustsAt)}  in ${plan.yearsLeft.toFixed(1)} years`],
  ];
  if (perWorkerCeiling !== undefined && totalCeiling !== undefined && load !== undefined) {
    rows.push(
      ['ceiling_per_worker', `${perWorkerCeiling}`, `${grouped(perWorkerCeiling)} IDs/s`],
      ['ceiling', `${totalCeiling}`, `${grouped(totalCeiling)} IDs/s`],
      ['load', `${load}`, `${(load * 100).toFixed(1)} % of the ceiling`],
    );
  }
  if (collisions.kind === 'none') {
    rows.push(['collision_odds', '0', 'none: worker numbers are leased']);
    rows.push([
      'unleased_odds',
      odds(collisions.unleasedOdds),
      `${odds(collisions.unleasedOdds)} if they were drawn at random`,
    ]);
  } else {
    rows.push(
      ['random_bits', `${collisions.randomBits}`],
      ['collision_odds', odds(collisions.oddsPerYear), `${odds(collisions.oddsPerYear)} a year`],
      ['years_to_even_odds', odds(collisions.yearsToEvenOdds)],
    );
  }
  return rows;
}

function toRecord(plan: Plan) {
  const { perWorkerCeiling, totalCeiling, load, collisions } = plan;
  const chance =
    collisions.kind === 'none'
      ? { collision_odds_per_year: 0, unleased_odds: collisions.unleasedOdds }
      : { collision_odds_per_year: collisions.oddsPerYear, random_bits: collisions.randomBits };
  return {
    layout: plan.layout,
    bits: plan.bits,
    workers: plan.workers,
    max_workers: plan.maxWorkers,
    rate_per_second: plan.rate,
    epoch: isoTime(plan.epoch),
    exhausts_at: isoTime(plan.exhaustsAt),
    years_left: plan.yearsLeft,
    ...(totalCeiling === undefined ? {} : { ceiling_per_worker: perWorkerCeiling, ceiling: totalCeiling, load }),
    ...chance,
    fits: plan.fits,
    problems: plan.problems,
  };
}
