import { storable } from './storable-text.js';

/** For ILIKE: matches any text that holds `part`, whose own wildcards stand for themselves. */
export function likeAnywhere(part: string): string {
  return `%${storable(part).replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}
