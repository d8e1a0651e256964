import type { ModelAction, ModelReport } from './model-report.js';

/** Orders that take long, and leave nothing half done where they are given up. */
const CANCELLABLE: ReadonlySet<ModelAction> = new Set(['pull', 'check']);

/** Why a model is already what an order would make it; null where it is not. */
export function alreadyDone(action: ModelAction, model: ModelReport): string | null {
  const { alias, checked, doing, state, file } = model;
  switch (action) {
    case 'pull':
      return file !== null && state !== 'failed' && checked?.ok !== false
        ? `${alias} is on this machine already; check it to see whether it is whole.`
        : null;
    case 'check':
      return null;
    case 'load':
      if (state === 'loading') return `${alias} is being loaded already.`;
      return state === 'loaded' ? `${alias} is loaded already.` : null;
    case 'unload':
      return state === 'loaded' || state === 'loading' ? null : `${alias} is not loaded.`;
    case 'delete':
      return file === null && state !== 'pulling'
        ? `${alias} is not on this machine: there is nothing to delete.`
        : null;
    case 'cancel':
      if (doing !== null) return null;
      return state === 'pulling'
        ? `${alias} is being pulled for a question, not by an order: wait until its file is here.`
        : `No order for ${alias} is being carried out: there is nothing to cancel.`;
  }
}

/** Why an order cannot be carried out now, and what to do; null where it can. An order under way is joined. */
export function whyNot(action: ModelAction, model: ModelReport): string | null {
  const { alias, runs, doing, file, state, uses } = model;
  if (runs === 'hosted') return `${alias} is hosted: it has no file, and nothing of it is loaded here.`;
  if (doing === action) return null;
  if (action === 'cancel')
    return doing === null || CANCELLABLE.has(doing)
      ? null
      : `The order to ${doing} ${alias} cannot be cancelled: wait until that is done.`;
  if (doing !== null) {
    const orElse = CANCELLABLE.has(doing) ? ', or cancel it' : '';
    return `${alias} is busy with another order (${doing}): wait until that is done${orElse}.`;
  }
  if (state === 'pulling')
    return action === 'pull' ? null : `${alias} is being pulled: wait until its file is here.`;
  if ((action === 'check' || action === 'load') && file === null)
    return `${alias} is not on this machine: pull it first.`;
  if (action !== 'unload' && action !== 'delete') return null;
  if (action === 'delete' && file === 'given')
    return `The file of ${alias} is your own: Parley deletes only what it downloaded itself.`;
  if (state === 'loading') return `${alias} is being loaded: wait until it is.`;
  if (uses > 0) return `${alias} is in use (${uses}): wait until its replies are written, or stop them.`;
  return null;
}
