import { randomId } from '../../api/random-id.js';

/** A comparison's two conversations have ids that tell so: a list shows them as one. */
export interface ComparedIds {
  readonly first: string;
  readonly second: string;
}

export function newComparedIds(): ComparedIds {
  return idsOf(randomId());
}

/** Null for a conversation of its own. */
export function comparedIds(id: string): ComparedIds | null {
  const [, name] = /^comparison-([0-9a-f]{32})-(?:first|second)$/.exec(id) ?? [];
  return name === undefined ? null : idsOf(name);
}

function idsOf(name: string): ComparedIds {
  return { first: `comparison-${name}-first`, second: `comparison-${name}-second` };
}
