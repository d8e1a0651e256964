import { vi } from 'vitest';
import { PATIENCE_MS } from './patience.js';

/** Tries `step` until it throws no more, and resolves with what it gives. For what no event announces. */
export function eventually<T>(step: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(step, { timeout: PATIENCE_MS, interval: 20 });
}
