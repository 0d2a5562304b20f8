/** Jobs as CronJobs of Kubernetes (batch/v1). */
import { stringify } from 'yaml';
import type { CommandAction, JobSpec } from '../job.js';
import { type CronFields, parseExpression } from '../schedule/expression.js';
import type { Field } from '../schedule/field.js';
import { requiresBothDays } from '../schedule/pattern.js';
import { rangesOf } from '../schedule/ranges.js';
import { plainName, TakenNames, unsaidKeys } from './unsaid.js';

export interface KubernetesText {
  /** One YAML document for each job. */
  readonly text: string;
  readonly warnings: readonly string[];
}

/** The controller makes the names of jobs from it, which have 63. */
const LONGEST_NAME = 52;

const SAID = [
  ...['name', 'description', 'schedule', 'tz', 'dst', 'command', 'shell', 'cwd', 'env', 'timeout', 'kill-after'],
  ...['retries', 'concurrency', 'start-deadline', 'catch-up', 'delivery'],
];

/** @param image of the container that the commands run in */
export function writeKubernetes(jobs: readonly JobSpec[], image: string): KubernetesText {
  const documents: string[] = [];
  const warnings: string[] = [];
  const names = new TakenNames();
  for (const spec of jobs) {
    const name = objectName(spec.name);
    const schedule = scheduleOf(spec);
    const problem = 'problem' in schedule ? schedule.problem : (whyNot(spec) ?? names.take(name, spec.name));
    if (problem !== undefined || 'problem' in schedule || spec.action.kind !== 'command') {
      warnings.push(`${spec.name} is left out: ${problem}`);
      continue;
    }
    documents.push(stringify(cronJob(spec, spec.action, { name, schedule: schedule.text, image }), { lineWidth: 0 }));
    warnings.push(...warningsOf(spec));
  }
  return { text: documents.join('---\n'), warnings };
}

/** Lower case letters and digits, with `-` and `.` between them. */
function objectName(name: string): string {
  const plain = plainName(name.toLowerCase(), /[a-z0-9.-]/).replaceAll(/[.-]*\.[.-]*/g, '.');
  return plain.slice(0, LONGEST_NAME).replaceAll(/^[.-]+|[.-]+$/g, '') || 'job';
}

function whyNot({ action }: JobSpec): string | undefined {
  if (action.kind !== 'command') return `a CronJob runs commands only; this job has ${action.kind}`;
  if (action.input !== undefined) return 'a CronJob gives its command no standard input';
  if (action.environmentFile !== undefined) return 'an env-file is on this machine; make a Secret of it';
  return undefined;
}

function scheduleOf({ name, schedule }: JobSpec): { readonly text: string } | { readonly problem: string } {
  if (schedule.expression === undefined) return { problem: 'it has no schedule' };
  const expression = parseExpression(schedule.expression, name);
  const cannot = { problem: `a CronJob cannot say ${JSON.stringify(schedule.expression)}` };
  switch (expression.kind) {
    case 'cron': {
      const text = cronText(expression);
      return text === undefined ? cannot : { text };
    }
    case 'every':
      return expression.everyMs % 1000 === 0 ? { text: `@every ${expression.everyMs / 1000}s` } : cannot;
    case 'boot':
    case 'at':
    case 'in':
      return cannot;
  }
}

/**
 * Five fields in numbers, as robfig/cron reads them. There, too, either day is enough where both are told; but not where one
 * begins with a star and has a step.
 */
function cronText(cron: CronFields): string | undefined {
  const { fields } = cron;
  const year = fields.get('year');
  const seconds = fields.get('second')?.values ?? [0];
  if (seconds.length > 1 || seconds[0] !== 0 || (year !== undefined && !year.all)) return undefined;
  const dayOfMonth = fields.get('day-of-month');
  const dayOfWeek = fields.get('day-of-week');
  if (dayOfMonth === undefined || dayOfWeek === undefined) return undefined;
  if (dayOfMonth.specials.length + dayOfWeek.specials.length > 0) return undefined;
  const isEveryDay = dayOfMonth.all || dayOfWeek.all;
  if (requiresBothDays(cron) && !isEveryDay) return undefined;
  const days = requiresBothDays(cron) || !isEveryDay ? [listOf(dayOfMonth), listOf(dayOfWeek)] : ['*', '*'];
  const [ofMonth, ofWeek] = days;
  return [listOf(fields.get('minute')), listOf(fields.get('hour')), ofMonth, listOf(fields.get('month')), ofWeek].join(
    ' ',
  );
}

function listOf(field: Field | undefined): string {
  if (field === undefined || field.all) return '*';
  return rangesOf(field.values)
    .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))
    .join(',');
}

interface CronJobFacts {
  readonly name: string;
  readonly schedule: string;
  readonly image: string;
}

function cronJob(spec: JobSpec, action: CommandAction, { name, schedule, image }: CronJobFacts): unknown {
  const { description, concurrency, startDeadlineMs, retries, timeoutMs, killAfterMs } = spec;
  const env = Object.entries(action.environment).map(([variable, value]) => ({
    name: variable,
    value: literal(value),
  }));
  const container = {
    name: 'job',
    image,
    command: [action.shell, '-c', action.command].map(literal),
    ...(action.folder !== undefined && { workingDir: action.folder }),
    ...(env.length > 0 && { env }),
  };
  const pod = {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: seconds(killAfterMs),
    ...(timeoutMs > 0 && { activeDeadlineSeconds: Math.max(1, seconds(timeoutMs)) }),
    containers: [container],
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, annotations: { 'kubernetes.io/description': description ?? spec.name } },
    spec: {
      schedule,
      timeZone: spec.schedule.timeZone,
      concurrencyPolicy: concurrencyPolicy(concurrency),
      ...(startDeadlineMs > 0 && { startingDeadlineSeconds: Math.max(1, seconds(startDeadlineMs)) }),
      jobTemplate: { spec: { backoffLimit: retries.most, template: { spec: pod } } },
    },
  };
}

function concurrencyPolicy(concurrency: JobSpec['concurrency']): string {
  if (concurrency === 'allow-all') return 'Allow';
  return concurrency === 'cancel-other' || concurrency === 'terminate-other' ? 'Replace' : 'Forbid';
}

/** `$(NAME)` would be a variable of the pod; `$$` is the character. */
function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}

function warningsOf(spec: JobSpec): string[] {
  const { name, schedule, catchUp, concurrency, retries, delivery } = spec;
  const warnings = [
    schedule.timeZone !== 'UTC' && 'Kubernetes has its own rules for changes of the clocks',
    catchUp.policy !== 'last' &&
      `Kubernetes makes up for the last slot that was missed; there is no catch-up ${catchUp.policy}`,
    (concurrency === 'buffer-one' || concurrency === 'buffer-all') && 'Kubernetes drops what is due while it runs',
    concurrency === 'terminate-other' && 'Kubernetes asks the run that goes on to end before it kills it',
    retries.most > 0 && 'Kubernetes waits 10s before the first retry, and at most 6m',
    delivery === 'at-most-once' && 'Kubernetes may start a slot twice',
  ];
  const own = warnings.flatMap((warning) => (warning === false ? [] : [`${name}: ${warning}`]));
  return [...own, ...unsaidKeys(spec, SAID, 'Kubernetes')];
}
