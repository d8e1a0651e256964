import type { ParameterName } from './options.js';

/** What is set for one conversation, as the API has it; null is what holds without. */
export interface Settings {
  readonly model: string | null;
  readonly persona: string | null;
  readonly language: string | null;
  readonly system_prompt: string | null;
  /** Only those set. */
  readonly parameters: Readonly<Partial<Record<ParameterName, number>>>;
}

/** What to set; null takes back, what is left out stays. */
export interface SettingsChange {
  readonly model?: string | null;
  readonly persona?: string | null;
  readonly language?: string | null;
  readonly system_prompt?: string | null;
  readonly parameters?: Readonly<Partial<Record<ParameterName, number | null>>>;
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
