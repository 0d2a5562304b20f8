/**
 * Reads the documents that clients send. Strict and bounded: no DOCTYPE, so that there are no entities to expand, no text beside
 * elements, and only so many elements, so deep.
 */
import { SaxesParser } from 'saxes';
import { DsError, messageOf } from '../../../platform/errors.js';
import { blobErrors } from '../errors.js';

export interface XmlElement {
  /** Without a prefix. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Empty where there are children. */
  readonly text: string;
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

const DEEPEST = 16;
/** The largest document names 10,000 parts, each in up to eight elements. */
const MOST_ELEMENTS = 100_000;
const MOST_ATTRIBUTES = 16;

/** Error: `blob.malformed_xml`. */
export function readXml(bytes: Uint8Array, root: string): XmlElement {
  const builder = new TreeBuilder();
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    builder.read(text);
  } catch (error) {
    if (error instanceof DsError) throw error;
    throw malformed(`it is not well-formed: ${messageOf(error)}`, error);
  }
  const found = builder.root;
  if (found === undefined) throw malformed('it is empty');
  if (found.name !== root) throw malformed(`its root is ${quote(found.name)}, not ${root}`);
  return found;
}

/** @param why in lower case, after a colon */
export function malformed(why: string, cause?: unknown): DsError {
  return blobErrors.error('blob.malformed_xml', `the document cannot be used: ${why}`, { cause });
}

/** The children of a name. */
export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** The only child of a name. Error: `blob.malformed_xml` for a second one. */
export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  const found = childrenOf(element, name);
  if (found.length > 1) throw malformed(`${element.name} has more than one ${name}`);
  return found[0];
}

/** The text of the only child of a name. */
export function textOf(element: XmlElement, name: string): string | undefined {
  const child = childOf(element, name);
  if (child !== undefined && child.children.length > 0) throw malformed(`${name} is to hold text`);
  return child?.text;
}

/** Error: `blob.malformed_xml` where there is none. */
export function requiredText(element: XmlElement, name: string): string {
  const text = textOf(element, name);
  if (text === undefined) throw malformed(`${element.name} has no ${name}`);
  return text;
}

/** A whole number, 0 or more. */
export function countOf(element: XmlElement, name: string): number | undefined {
  const text = textOf(element, name)?.trim();
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw malformed(`${name} is to hold a whole number, not ${quote(text)}`);
  return Number(text);
}

/** Error: `blob.malformed_xml` for a child of any other name. */
export function allowOnly(element: XmlElement, names: readonly string[]): void {
  const other = element.children.find((child) => !names.includes(child.name));
  if (other !== undefined) throw malformed(`${element.name} cannot have ${quote(other.name)}`);
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

class TreeBuilder {
  root: XmlElement | undefined;
  readonly #open: OpenElement[] = [];
  #elements = 0;

  read(text: string): void {
    const parser = new SaxesParser();
    parser.on('doctype', () => {
      throw malformed('a DOCTYPE is not accepted');
    });
    parser.on('processinginstruction', () => {
      throw malformed('a processing instruction is not accepted');
    });
    parser.on('opentag', ({ name, attributes }) => this.#begin(name, attributes));
    parser.on('text', (piece) => this.#text(piece));
    parser.on('cdata', (piece) => this.#text(piece));
    parser.on('closetag', () => this.#end());
    parser.on('error', (error) => {
      throw error;
    });
    parser.write(text).close();
  }

  #begin(name: string, attributes: Record<string, string>): void {
    this.#elements++;
    if (this.#elements > MOST_ELEMENTS) throw malformed(`it has more than ${MOST_ELEMENTS} elements`);
    if (this.#open.length >= DEEPEST) throw malformed(`it is nested more than ${DEEPEST} deep`);
    if (Object.keys(attributes).length > MOST_ATTRIBUTES) throw malformed('an element has too many attributes');
    this.#open.push({ name: name.slice(name.indexOf(':') + 1), attributes, children: [], text: '' });
  }

  #text(piece: string): void {
    const element = this.#open.at(-1);
    if (element !== undefined) element.text += piece;
  }

  #end(): void {
    const element = this.#open.pop();
    if (element === undefined) return;
    if (element.children.length > 0) {
      if (element.text.trim() !== '') throw malformed(`${element.name} has text beside its elements`);
      element.text = '';
    }
    const above = this.#open.at(-1);
    if (above === undefined) this.root = element;
    else above.children.push(element);
  }
}
