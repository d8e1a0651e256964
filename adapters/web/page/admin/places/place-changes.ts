import type { PlaceSettingsChange } from '../../api/api-types.js';
import type { FieldIssue } from '../../api/call-api.js';
import { readLimit } from '../../parts/read-limit.js';
import { InvalidForm } from '../../parts/use-submission.js';
import type { PlaceSettings } from '../admin-api.js';

const LANGUAGES = ['auto', 'en', 'zh'] as const;
const MEMORIES = ['channel', 'user'] as const;

/**
 * The body of a PATCH: what `form` has otherwise than `own`, null where it has nothing.
 *
 * @throws {InvalidForm} where a limit is no number
 */
export function changesOf(form: FormData, own: PlaceSettings): PlaceSettingsChange {
  const text = (name: string) => String(form.get(name) ?? '');
  const changes: PlaceSettingsChange = {};
  const { model, persona, language, memory, follow_threads: threads } = own;
  if (text('model') !== (model ?? '')) changes.model = text('model') || null;
  if (text('persona') !== (persona ?? '')) changes.persona = text('persona') || null;
  if (text('language') !== (language ?? '')) changes.language = oneOf(LANGUAGES, text('language'));
  if (text('memory') !== (memory ?? '')) changes.memory = oneOf(MEMORIES, text('memory'));
  const follows = text('follow_threads');
  if (follows !== (threads?.toString() ?? ''))
    changes.follow_threads = follows === '' ? null : follows === 'true';
  const limits = limitChanges(text, own.limits ?? {});
  if (Object.keys(limits).length > 0) changes.limits = limits;
  return changes;
}

function limitChanges(text: (name: string) => string, own: NonNullable<PlaceSettings['limits']>) {
  const issues: FieldIssue[] = [];
  const limit = (field: string) => {
    const read = readLimit(field, text(field));
    if (typeof read === 'number' || read === null) return read;
    issues.push(read);
    return null;
  };
  const turns = limit('limits.turns_per_minute');
  const tokens = limit('limits.tokens_per_day');
  if (issues.length > 0) throw new InvalidForm(issues);
  return {
    ...(turns !== (own.turns_per_minute ?? null) && { turns_per_minute: turns }),
    ...(tokens !== (own.tokens_per_day ?? null) && { tokens_per_day: tokens }),
  };
}

/** Null for any other, as where nothing is chosen. */
function oneOf<Value extends string>(values: readonly Value[], text: string): Value | null {
  return values.find((value) => value === text) ?? null;
}
