import type { AdminModel } from '../../api/api-types.js';
import type { ModelAction } from '../admin-api.js';

/** What makes sense to order for a model as it is now; the server has the last word. */
export function actionsOf(model: AdminModel): readonly ModelAction[] {
  const { state, doing, ordered, served, deletable } = model;
  if (ordered !== null) return [];
  if (doing !== null) return doing === 'pull' || doing === 'check' ? ['cancel'] : [];
  const load: readonly ModelAction[] = served ? ['load'] : [];
  const remove: readonly ModelAction[] = deletable ? ['delete'] : [];
  switch (state) {
    case 'missing':
      return ['pull'];
    case 'on-disk':
      return [...load, 'check', ...remove];
    case 'loaded':
      return ['unload', 'check', ...remove];
    case 'failed':
      return ['pull', 'check', ...load, ...remove];
    default:
      return [];
  }
}
