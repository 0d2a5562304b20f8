/** Jobs for other schedulers: what they say is written, what would run otherwise there is left out, and all of it is told. */
export { type KubernetesText, writeKubernetes } from './export/kubernetes.js';
export { type SystemdUnits, type UnitFile, writeSystemd } from './export/systemd.js';
export { writeYaml } from './export/yaml.js';
