/** Jobs as services and timers of systemd: two files for each. */
import { formatDuration } from '../../../platform/units.js';
import type { CommandAction, JobSpec } from '../job.js';
import { parseExpression } from '../schedule/expression.js';
import { onCalendar } from './on-calendar.js';
import { execQuoted, unitDuration, unitPath, unitQuoted, unitTitle } from './unit-text.js';
import { plainName, TakenNames, unsaidKeys } from './unsaid.js';

interface UnitFile {
  /** For /etc/systemd/system: `ds-cron-backup.timer`. */
  readonly filename: string;
  readonly text: string;
}

export interface SystemdUnits {
  readonly files: readonly UnitFile[];
  readonly warnings: readonly string[];
}

/** Keys of the compact form that units say. */
const SAID = [
  ...['name', 'description', 'schedule', 'tz', 'dst', 'jitter', 'command', 'shell', 'cwd', 'env', 'env-file', 'stdin'],
  ...['timeout', 'kill-after', 'catch-up', 'concurrency'],
];

export function writeSystemd(jobs: readonly JobSpec[]): SystemdUnits {
  const files: UnitFile[] = [];
  const warnings: string[] = [];
  const names = new TakenNames();
  for (const spec of jobs) {
    const unit = `ds-cron-${plainName(spec.name, /[A-Za-z0-9:_.-]/)}`;
    const trigger = triggerOf(spec);
    const problem = 'problem' in trigger ? trigger.problem : (whyNot(spec) ?? names.take(unit, spec.name));
    if (problem !== undefined || 'problem' in trigger || spec.action.kind !== 'command') {
      warnings.push(`${spec.name} is left out: ${problem}`);
      continue;
    }
    files.push({ filename: `${unit}.service`, text: serviceText(spec, spec.action) });
    files.push({ filename: `${unit}.timer`, text: timerText(spec, trigger.lines) });
    warnings.push(...warningsOf(spec, trigger.warning));
  }
  return { files, warnings };
}

function whyNot({ action }: JobSpec): string | undefined {
  if (action.kind !== 'command') return `systemd runs commands only; this job has ${action.kind}`;
  const paths = [action.folder, action.environmentFile].filter((path) => path !== undefined);
  const unsaid = paths.find((path) => unitPath(path) === undefined);
  return unsaid === undefined ? undefined : `a unit cannot say the path ${JSON.stringify(unsaid)}`;
}

type UnitTrigger = { readonly lines: readonly string[]; readonly warning?: string } | { readonly problem: string };

/** Lines of [Timer]; or why there are none. */
function triggerOf({ name, schedule }: JobSpec): UnitTrigger {
  if (schedule.expression === undefined) return { problem: 'it has no schedule' };
  const expression = parseExpression(schedule.expression, name);
  switch (expression.kind) {
    case 'boot':
      return { lines: ['OnBootSec=0'], warning: 'it starts when its timer is first started, too' };
    case 'every': {
      const every = unitDuration(expression.everyMs);
      return {
        lines: [`OnActiveSec=${every}`, `OnUnitActiveSec=${every}`],
        warning: 'it is counted from its last start',
      };
    }
    case 'in':
      return { problem: 'its schedule counts from when it is added' };
    case 'at': {
      const { ms, fixed } = expression.time;
      const [day, time] = new Date(ms).toISOString().slice(0, 19).split('T');
      return { lines: [`OnCalendar=${day} ${time} ${fixed ? 'UTC' : schedule.timeZone}`] };
    }
    case 'cron': {
      const lines = onCalendar(expression, schedule.timeZone);
      if (lines === undefined) return { problem: `OnCalendar= cannot say ${JSON.stringify(schedule.expression)}` };
      const warning =
        schedule.timeZone === 'UTC' ? {} : { warning: 'systemd has its own rules for changes of the clocks' };
      return { lines: lines.map((line) => `OnCalendar=${line}`), ...warning };
    }
  }
}

function timerText({ name, schedule, catchUp }: JobSpec, trigger: readonly string[]): string {
  const isCalendar = trigger.some((line) => line.startsWith('OnCalendar='));
  return section('Unit', [`Description=${unitTitle(`When ${name} is due`)}`])
    .concat(
      section('Timer', [
        ...trigger,
        // Its default is a minute, in which systemd gathers timers.
        'AccuracySec=1s',
        schedule.jitterMs > 0 && `RandomizedDelaySec=${unitDuration(schedule.jitterMs)}`,
        isCalendar && catchUp.policy !== 'skip' && 'Persistent=true',
      ]),
      section('Install', ['WantedBy=timers.target']),
    )
    .join('\n');
}

function serviceText(spec: JobSpec, action: CommandAction): string {
  const { name, description, timeoutMs, killAfterMs } = spec;
  const { command, shell, folder, environment, environmentFile, input } = action;
  return section('Unit', [`Description=${unitTitle(description ?? name)}`])
    .concat(
      section('Service', [
        'Type=oneshot',
        `ExecStart=${unitQuoted(shell)} -c ${execQuoted(command)}`,
        folder !== undefined && `WorkingDirectory=${unitPath(folder)}`,
        ...Object.entries(environment).map(([variable, value]) => `Environment=${unitQuoted(`${variable}=${value}`)}`),
        environmentFile !== undefined && `EnvironmentFile=${unitPath(environmentFile)}`,
        input !== undefined && 'StandardInput=data',
        input !== undefined && `StandardInputData=${Buffer.from(input).toString('base64')}`,
        timeoutMs > 0 && `TimeoutStartSec=${unitDuration(timeoutMs)}`,
        `TimeoutStopSec=${unitDuration(Math.max(1, killAfterMs))}`,
      ]),
    )
    .join('\n');
}

function section(title: string, lines: readonly (string | false)[]): string[] {
  return [`[${title}]`, ...lines.filter((line) => line !== false), ''];
}

function warningsOf(spec: JobSpec, trigger: string | undefined): string[] {
  const { name, catchUp, concurrency, schedule } = spec;
  const warnings = [
    trigger,
    catchUp.policy === 'all' && 'systemd makes up for one run, not for all',
    catchUp.policy === 'last' &&
      `systemd makes up for a run however old, not only within ${formatDuration(catchUp.windowMs)}`,
    concurrency !== 'skip' && `systemd never starts it while it runs; there is no concurrency ${concurrency}`,
    schedule.jitterMs > 0 && 'its delay is another one each time',
  ];
  const own = warnings.flatMap((warning) =>
    warning === undefined || warning === false ? [] : [`${name}: ${warning}`],
  );
  return [...own, ...unsaidKeys(spec, SAID, 'systemd')];
}
