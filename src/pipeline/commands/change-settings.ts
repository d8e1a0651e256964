import { addressKey } from '../../domain/address.js';
import type { CommandValues } from '../../domain/commands.js';
import { forEachOnWire, SAMPLING_NUMBERS, type SamplingOverrides } from '../../domain/sampling.js';
import type { ConversationSettings, EffectiveSettings } from '../../domain/settings.js';
import { cutText } from '../../domain/text/cut-text.js';
import { phrasesIn } from '../../domain/text/phrases.js';
import type { ModelSummary } from '../../ports/models/model-router.js';
import type { CommandReply } from '../../ports/turns/inbox.js';
import { type CommandCall, type CommandDeps, notice } from './command-call.js';
import type { CommandPhrases } from './command-phrases.js';

const UNSET = {
  model: null,
  persona: null,
  language: null,
  memory: null,
  followThreads: null,
  sampling: null,
  systemPrompt: null,
};

/** `model`: lists the models, or sets the one that answers here. */
export async function changeModel(call: CommandCall, deps: CommandDeps): Promise<CommandReply> {
  const { invocation, inForce, say } = call;
  const wanted = invocation.values['name'];
  const models = deps.router.models();
  if (wanted === undefined) return notice(modelList(models, inForce.model, say));
  if (!deps.router.has(String(wanted))) {
    const known = models.map((model) => model.alias);
    return notice(phrasesIn(call.language).refused.unknownModel(cutText(String(wanted), 80), known));
  }
  if (!call.mayChange) return notice(say.mayNotChange);
  await deps.settings.change(addressKey(invocation.address), { model: String(wanted) });
  return notice(say.modelChosen(String(wanted)), 'everyone');
}

/** `settings`: shows what is in force, or changes what is given. */
export async function changeSettings(call: CommandCall, deps: CommandDeps): Promise<CommandReply> {
  const { invocation, inForce, say } = call;
  const names = Object.keys(invocation.values);
  if (names.length === 0) return notice(settingsList(inForce));
  if (!call.mayChange) return notice(say.mayNotChange);
  const key = addressKey(invocation.address);
  if (invocation.values['reset'] === true) {
    await deps.settings.change(key, UNSET);
    return notice(say.settingsReset, 'everyone');
  }
  const changes = readChanges(invocation.values, [...deps.personas.keys()], say);
  if (typeof changes === 'string') return notice(changes);
  const [own] = await deps.settings.read([key]);
  const sampling = { ...own?.sampling, ...changes.sampling };
  await deps.settings.change(key, { ...changes, ...(changes.sampling ? { sampling } : {}) });
  return notice(say.settingsChanged(names), 'everyone');
}

/** The settings that option values ask for, or a sentence about the first that cannot be. */
export function readChanges(
  values: CommandValues,
  personas: readonly string[],
  say: CommandPhrases,
): ConversationSettings | string {
  const { persona, language, memory, follow_threads: followThreads } = values;
  if (persona !== undefined && !personas.includes(String(persona))) return say.notOneOf('persona', personas);
  if (language !== undefined && !isLanguage(language)) return say.notOneOf('language', ['auto', 'en', 'zh']);
  if (memory !== undefined && memory !== 'channel' && memory !== 'user')
    return say.notOneOf('memory', ['channel', 'user']);
  const sampling = readSampling(values, say);
  if (typeof sampling === 'string') return sampling;
  return {
    ...(persona === undefined ? {} : { persona: String(persona) }),
    ...(language === undefined ? {} : { language }),
    ...(memory === undefined ? {} : { memory }),
    ...(followThreads === undefined ? {} : { followThreads: followThreads === true }),
    ...(Object.keys(sampling).length === 0 ? {} : { sampling }),
  };
}

function readSampling(values: CommandValues, say: CommandPhrases): SamplingOverrides | string {
  const sampling: Record<string, number> = {};
  for (const [parameter, { wire: option, min, max, whole }] of Object.entries(SAMPLING_NUMBERS)) {
    const value = values[option];
    if (value === undefined) continue;
    if (typeof value !== 'number' || !(value >= min && value <= max)) return say.outOfRange(option, min, max);
    if (whole && !Number.isInteger(value)) return say.notWhole(option);
    sampling[parameter] = value;
  }
  return sampling;
}

function isLanguage(value: unknown): value is EffectiveSettings['language'] {
  return value === 'auto' || value === 'en' || value === 'zh';
}

function modelList(models: readonly ModelSummary[], chosen: string, say: CommandPhrases): string {
  return models.map((model) => say.model(model, model.alias === chosen)).join('\n');
}

function settingsList(settings: EffectiveSettings): string {
  const { sampling } = settings;
  const numbers = forEachOnWire(SAMPLING_NUMBERS, (_number, name) => sampling[name] ?? 'the model’s default');
  return [
    `- model: ${settings.model}`,
    `- persona: ${settings.persona}`,
    `- language: ${settings.language}`,
    `- memory: ${settings.memory}`,
    `- follow_threads: ${settings.followThreads ? 'yes' : 'no'}`,
    ...Object.entries(numbers).map(([option, value]) => `- ${option}: ${value}`),
  ].join('\n');
}
