/** Jobs in the form of another scheduler: as one text, and as the files that are usual there. */
import { type CrontabWriteOptions, writeCrontab } from '../crontab.js';
import type { JobSpec } from '../job.js';
import { writeKubernetes } from './kubernetes.js';
import { writeSystemd } from './systemd.js';
import { writeYaml } from './yaml.js';

export type ExportForm =
  | ({ readonly to: 'crontab' } & CrontabWriteOptions)
  | { readonly to: 'systemd' }
  /** `image`: of the container that commands run in. */
  | { readonly to: 'k8s'; readonly image: string }
  /** As `ds cron apply` reads it. */
  | { readonly to: 'yaml' };

export interface Exported {
  /** Of all files. */
  readonly text: string;
  readonly files: readonly { readonly filename: string; readonly text: string }[];
  /** What is left out, and what the other scheduler has no word for. */
  readonly warnings: readonly string[];
}

export function exportJobs(jobs: readonly JobSpec[], form: ExportForm): Exported {
  switch (form.to) {
    case 'crontab':
      return oneFile('crontab', writeCrontab(jobs, form));
    case 'systemd': {
      const { files, warnings } = writeSystemd(jobs);
      // As `systemctl cat` prints them.
      const text = files.map((file) => `# /etc/systemd/system/${file.filename}\n${file.text}`).join('\n');
      return { text, files, warnings };
    }
    case 'k8s':
      return oneFile('cronjobs.yaml', writeKubernetes(jobs, form.image));
    case 'yaml':
      return oneFile('jobs.yaml', { text: writeYaml(jobs), warnings: [] });
  }
}

function oneFile(filename: string, { text, warnings }: Omit<Exported, 'files'>): Exported {
  return { text, files: [{ filename, text }], warnings };
}
