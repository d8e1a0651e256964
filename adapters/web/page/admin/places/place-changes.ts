import { readLimit } from '../../parts/read-limit.js';
import { InvalidForm } from '../../parts/use-submission.js';
import type { PlaceSettings } from '../admin-api.js';

const TEXTS = ['model', 'persona', 'language', 'memory'] as const;
const LIMITS = ['turns_per_minute', 'tokens_per_day'] as const;

/**
 * The body of a PATCH: what `form` has otherwise than `own`, null where it has nothing.
 *
 * @throws {InvalidForm} where a limit is no number
 */
export function changesOf(form: FormData, own: PlaceSettings): Record<string, unknown> {
  const text = (name: string) => String(form.get(name) ?? '');
  const changes: Record<string, unknown> = {};
  for (const name of TEXTS) {
    if (text(name) !== (own[name] ?? '')) changes[name] = text(name) || null;
  }
  const threads = text('follow_threads');
  if (threads !== (own.follow_threads?.toString() ?? '')) {
    changes['follow_threads'] = threads === '' ? null : threads === 'true';
  }
  const read = LIMITS.map((name) => [name, readLimit(`limits.${name}`, text(`limits.${name}`))] as const);
  const issues = read
    .map(([, limit]) => limit)
    .filter((limit) => typeof limit === 'object' && limit !== null);
  if (issues.length > 0) throw new InvalidForm(issues);
  const limits = read.filter(([name, limit]) => limit !== (own.limits?.[name] ?? null));
  if (limits.length > 0) changes['limits'] = Object.fromEntries(limits);
  return changes;
}
