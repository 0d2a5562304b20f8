/** From a layout's name, or its specification, to the layout. */
import { closest } from '../../../platform/closest.js';
import { seqErrors } from '../errors.js';
import { builtinLayouts } from './builtin.js';
import { looksLikeSpecification, parseSpecification } from './custom.js';
import type { IntegerLayout, Layout } from './layout.js';

export type { Layout } from './layout.js';

export const layoutNames: readonly string[] = [...builtinLayouts.keys()];

/** Name of the layout that is taken where none is asked for. */
export const DEFAULT_LAYOUT = 'twitter';

/**
 * The layout of this name or specification. Error: `seq.unknown_layout`, with the nearest name as its hint.
 */
export function resolveLayout(text: string): Layout {
  const builtin = builtinLayouts.get(text.trim().toLowerCase());
  if (builtin !== undefined) return builtin;
  if (!looksLikeSpecification(text)) throw unknownName(text);
  const layout = parseSpecification(text);
  // The same bits under another name are the same IDs: they must share their worker numbers.
  const twin = builtinTwin(layout);
  return twin === undefined ? layout : { ...layout, space: twin.space };
}

function builtinTwin(layout: IntegerLayout): Layout | undefined {
  const shape = shapeOf(layout);
  return [...builtinLayouts.values()].find((other) => other.family === 'integer' && shapeOf(other) === shape);
}

function shapeOf(layout: IntegerLayout): string {
  const { epoch, unitMs, time, sequence, workers, fields } = layout;
  const lowestWorker = fields.findLast((field) => field.role === 'worker')?.shift;
  return [epoch, unitMs, time.bits, time.shift, sequence?.bits, sequence?.shift, workers, lowestWorker].join(' ');
}

function unknownName(text: string) {
  const shown = text.slice(0, 80);
  const nearest = closest(shown, layoutNames);
  return seqErrors.error('seq.unknown_layout', `no layout is called "${shown}"`, {
    hint:
      nearest === undefined
        ? `choose one of ${layoutNames.join(' ')}`
        : `did you mean ${nearest}? All: ${layoutNames.join(' ')}`,
    details: { layout: shown, ...(nearest !== undefined && { nearest }) },
  });
}
