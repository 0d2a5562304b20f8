/** Public access blocks, ownership controls, and whether a bucket is public. */
import { OBJECT_OWNERSHIPS, type ObjectOwnership, type PublicAccessBlock } from '../access/bucket-grants.js';
import { allowOnly, childOf, malformed, readXml, requiredText, textOf } from './xml-reader.js';
import { document, element, parent } from './xml-writer.js';

const BLOCK_FIELDS = [
  ['BlockPublicAcls', 'blockPublicAcls'],
  ['IgnorePublicAcls', 'ignorePublicAcls'],
  ['BlockPublicPolicy', 'blockPublicPolicy'],
  ['RestrictPublicBuckets', 'restrictPublicBuckets'],
] as const satisfies readonly (readonly [string, keyof PublicAccessBlock])[];

export function publicAccessBlockXml(block: PublicAccessBlock): string {
  return document(
    'PublicAccessBlockConfiguration',
    ...BLOCK_FIELDS.map(([name, field]) => element(name, block[field])),
  );
}

/** What it does not name is off. Error: `blob.malformed_xml`. */
export function readPublicAccessBlockXml(bytes: Uint8Array): PublicAccessBlock {
  const root = readXml(bytes, 'PublicAccessBlockConfiguration');
  allowOnly(
    root,
    BLOCK_FIELDS.map(([name]) => name),
  );
  const isOn = (name: string): boolean => {
    const text = textOf(root, name)?.trim().toLowerCase();
    if (text === undefined || text === 'false' || text === 'true') return text === 'true';
    throw malformed(`${name} is ${JSON.stringify(text.slice(0, 50))}, not true or false`);
  };
  return {
    blockPublicAcls: isOn('BlockPublicAcls'),
    ignorePublicAcls: isOn('IgnorePublicAcls'),
    blockPublicPolicy: isOn('BlockPublicPolicy'),
    restrictPublicBuckets: isOn('RestrictPublicBuckets'),
  };
}

export function ownershipControlsXml(ownership: ObjectOwnership): string {
  return document('OwnershipControls', parent('Rule', element('ObjectOwnership', ownership)));
}

/** Error: `blob.malformed_xml`. */
export function readOwnershipControlsXml(bytes: Uint8Array): ObjectOwnership {
  const root = readXml(bytes, 'OwnershipControls');
  allowOnly(root, ['Rule']);
  const rule = childOf(root, 'Rule');
  if (rule === undefined) throw malformed('OwnershipControls has no Rule');
  allowOnly(rule, ['ObjectOwnership']);
  const text = requiredText(rule, 'ObjectOwnership').trim();
  const known = OBJECT_OWNERSHIPS.find((ownership) => ownership === text);
  if (known !== undefined) return known;
  throw malformed(`ObjectOwnership is ${JSON.stringify(text.slice(0, 50))}, not ${OBJECT_OWNERSHIPS.join(', ')}`);
}

export function policyStatusXml(isPublic: boolean): string {
  return document('PolicyStatus', element('IsPublic', isPublic));
}
