import type { ConversationSettings, ConversationSettingsChange, SetParameters } from '../../api/api-types.js';
import type { ParameterName } from './options.js';

/** What is set for one conversation, as far as this page shows it; null is what holds without. */
export interface Settings extends Omit<ConversationSettings, 'conversation_id' | 'parameters'> {
  /** Only those set. */
  readonly parameters: Pick<SetParameters, ParameterName>;
}

/** What to set; null takes back, what is left out stays. */
export interface SettingsChange extends Omit<ConversationSettingsChange, 'parameters'> {
  readonly parameters?: Pick<NonNullable<ConversationSettingsChange['parameters']>, ParameterName>;
}

export const NOTHING_SET: Settings = {
  model: null,
  persona: null,
  language: null,
  system_prompt: null,
  parameters: {},
};

export function applyChange(settings: Settings, change: SettingsChange): Settings {
  const { parameters, ...others } = change;
  const all = Object.entries({ ...settings.parameters, ...parameters });
  return {
    ...settings,
    ...others,
    parameters: Object.fromEntries(all.filter(([, value]) => value !== null)),
  };
}

/** One change that does what the two do one after the other. */
export function joinChanges(first: SettingsChange, then: SettingsChange): SettingsChange {
  const parameters = { ...first.parameters, ...then.parameters };
  return { ...first, ...then, ...(Object.keys(parameters).length > 0 && { parameters }) };
}

export function isEmpty(change: SettingsChange): boolean {
  return Object.keys(change).length === 0;
}
