import type { SettingsHabits } from '../conversation-settings.js';

const STORED_AS = 'parley.model';

/** New conversations begin with the model that this browser chose last; one that is refused is forgotten. */
export const MODEL_HABITS: SettingsHabits = {
  preset() {
    const model = localStorage.getItem(STORED_AS);
    return model === null ? {} : { model };
  },
  onRefused({ model }) {
    if (model !== undefined && model === localStorage.getItem(STORED_AS)) localStorage.removeItem(STORED_AS);
  },
};

export function rememberModel(alias: string): void {
  localStorage.setItem(STORED_AS, alias);
}
