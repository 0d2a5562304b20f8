/** Names of the rules of a lifecycle. S3 makes up those that are missing; here they are made of the rule's place, so that they stay. */
import { blobErrors } from '../errors.js';
import { childrenOf, readXml, textOf, type XmlElement } from './xml-reader.js';
import { document, element, parent } from './xml-writer.js';

export const LIFECYCLE_ROOT = 'LifecycleConfiguration';

/** Error: `blob.invalid_argument` for a name that two have. */
export function ruleIds(rules: readonly XmlElement[]): readonly string[] {
  const names = rules.map(nameOf);
  const taken = new Set<string>();
  for (const name of names) {
    if (taken.has(name)) {
      throw blobErrors.error(
        'blob.invalid_argument',
        `the lifecycle cannot be used: two rules are called ${JSON.stringify(name)}`,
      );
    }
    if (name !== '') taken.add(name);
  }
  return names.map((name, index) => name || freeName(`rule-${index + 1}`, taken));
}

/** Another rule may have been given the very name. */
function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  while (taken.has(name)) name += '-';
  taken.add(name);
  return name;
}

/** The document, with the ID of each rule that has none. */
export function withRuleIds(xml: string): string {
  const rules = childrenOf(readXml(Buffer.from(xml), LIFECYCLE_ROOT), 'Rule');
  if (rules.every(nameOf)) return xml;
  const ids = ruleIds(rules);
  const named = rules.map(({ children }, index) => {
    const others = children.filter(({ name }) => name !== 'ID');
    return parent('Rule', element('ID', ids[index]), ...others.map(rewrite));
  });
  return document(LIFECYCLE_ROOT, ...named);
}

function rewrite({ name, text, children }: XmlElement): string {
  return children.length === 0 ? element(name, text) : parent(name, ...children.map(rewrite));
}

function nameOf(rule: XmlElement): string {
  return textOf(rule, 'ID') ?? '';
}
