import path from 'node:path';
import { BUILT_IN_ALIASES, type ModelEntry, type ModelSource } from '../domain/models/model-entry.js';
import type { ConfigFile, ModelSection, SourceSection } from './config-file.js';
import type { ConfigProblem } from './config-problem.js';
import { contradictions, endpointLimits } from './endpoint-limits.js';
import type { Environment } from './environment.js';
import { nearestName } from './nearest-name.js';
import type { RawEnvironment } from './read-environment.js';

/** Requests to one hosted model at once, where its entry says nothing. */
const DEFAULT_CONCURRENCY = 4;

interface Surroundings {
  readonly environment: Environment;
  readonly raw: RawEnvironment;
  readonly folder: string;
  place(path: readonly PropertyKey[]): string;
}

/** The operator's entries by alias, and what is wrong with them that a schema cannot say. */
export function modelEntries(
  file: ConfigFile,
  around: Surroundings,
): { readonly entries: Map<string, ModelEntry>; readonly problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const aliases = new Set<string>([...BUILT_IN_ALIASES, ...Object.keys(file.models)]);
  const entries = new Map<string, ModelEntry>();
  for (const [alias, section] of Object.entries(file.models)) {
    problems.push(
      ...shapeProblems(alias, section, around),
      ...fallbackProblems(alias, section, aliases, around),
    );
    entries.set(
      alias,
      section.endpoint === undefined
        ? localEntry(alias, section, file, around)
        : hostedEntry(alias, section, around),
    );
  }
  problems.push(...contradictions(entries, around.place));
  return { entries, problems };
}

/** Why `alias` cannot be a default or a fallback; null where it exists. */
export function unknownAlias(alias: string, known: Iterable<string>): string | null {
  const aliases = [...known];
  if (aliases.includes(alias)) return null;
  const near = nearestName(alias, aliases);
  return near === null ? `should be one of ${aliases.join(', ')}` : `did you mean ${near}?`;
}

function shapeProblems(alias: string, section: ModelSection, around: Surroundings): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const at = (key: string, wrong: string, right: string) =>
    problems.push({ where: around.place(['models', alias, key]), wrong, right });
  const builtIn = BUILT_IN_ALIASES.some((known) => known === alias);
  const localOnly = ['sources', 'slots', 'threads', 'gpu', 'lora'] as const;
  const hostedOnly = ['name', 'baseUrl', 'apiKeyVariable', 'provider', 'concurrency', 'limits'] as const;

  if (alias === 'auto')
    at('', 'cannot be changed', 'it stands for the largest model that fits; take another alias');
  if (section.endpoint === undefined) {
    if (section.sources === undefined && !builtIn)
      at('sources', 'is missing', 'give sources of a local model, or the endpoint and name of a hosted one');
    for (const key of hostedOnly)
      if (section[key] !== undefined)
        at(key, 'is set without endpoint', 'set endpoint: huggingface or openai');
  } else {
    if (section.name === undefined) at('name', 'is missing', "give the hosted API's own name of the model");
    for (const key of localOnly)
      if (section[key] !== undefined) at(key, 'is set beside endpoint', 'is for local models: leave it out');
    if (section.endpoint !== 'huggingface' && section.provider !== undefined)
      at('provider', 'is set', 'only endpoint: huggingface takes one');
    if (section.apiKeyVariable !== undefined && around.raw[section.apiKeyVariable] === undefined)
      at('apiKeyVariable', `is ${section.apiKeyVariable}, which is unset`, `set ${section.apiKeyVariable}`);
  }
  for (const [index, source] of (section.sources ?? []).entries())
    if (source.path !== undefined && !source.path.toLowerCase().endsWith('.gguf'))
      problems.push({
        where: around.place(['models', alias, 'sources', index, 'path']),
        wrong: `is "${source.path}"`,
        right: 'should be a .gguf file',
      });
  return problems;
}

function fallbackProblems(
  alias: string,
  section: ModelSection,
  aliases: ReadonlySet<string>,
  around: Surroundings,
): ConfigProblem[] {
  return (section.fallback ?? []).flatMap((next, index) => {
    const right = next === alias ? 'a model cannot stand in for itself' : unknownAlias(next, aliases);
    if (right === null) return [];
    return [{ where: around.place(['models', alias, 'fallback', index]), wrong: `is "${next}"`, right }];
  });
}

function localEntry(
  alias: string,
  section: ModelSection,
  { engine }: ConfigFile,
  { folder }: Surroundings,
): ModelEntry {
  return {
    runs: 'local',
    ...shared(alias, section),
    contextSize: section.contextSize ?? engine.contextSize ?? null,
    sources: (section.sources ?? []).map((source) => modelSource(source, folder)),
    gpu: section.gpu ?? engine.gpu,
    threads: section.threads ?? engine.threads ?? null,
    slots: section.slots ?? engine.slots ?? null,
    lora: (section.lora ?? []).map(({ path: file, scale }) => ({ path: path.resolve(folder, file), scale })),
  };
}

function hostedEntry(alias: string, section: ModelSection, { environment, raw }: Surroundings): ModelEntry {
  const own = section.apiKeyVariable === undefined ? undefined : raw[section.apiKeyVariable];
  const huggingFace = section.endpoint === 'huggingface';
  // A key goes only where it belongs: never the public API's key to another server that an entry names.
  const inherited =
    section.baseUrl !== undefined
      ? undefined
      : huggingFace
        ? environment.HF_TOKEN
        : environment.OPENAI_API_KEY;
  return {
    runs: 'hosted',
    ...shared(alias, section),
    contextSize: section.contextSize ?? null,
    api: huggingFace ? 'hugging-face' : 'openai',
    model: section.name ?? '',
    baseUrl: section.baseUrl ?? (huggingFace ? environment.HF_BASE_URL : environment.OPENAI_BASE_URL) ?? null,
    apiKey: own ?? inherited ?? null,
    provider: section.provider ?? null,
    concurrency: section.concurrency ?? DEFAULT_CONCURRENCY,
    limits: endpointLimits(section.limits),
  };
}

function shared(alias: string, section: ModelSection) {
  return {
    alias,
    description: section.description ?? '',
    sampling: section.sampling ?? {},
    fallback: section.fallback ?? [],
    beginsInReasoning: section.beginsInReasoning ?? null,
    ...(section.price === undefined ? {} : { price: section.price }),
  };
}

function modelSource(source: SourceSection, folder: string): ModelSource {
  const checksum = source.sha256 === undefined ? {} : { sha256: source.sha256 };
  if (source.path !== undefined)
    return { type: 'file', path: path.resolve(folder, source.path), ...checksum };
  if (source.url !== undefined) return { type: 'url', url: source.url, ...checksum };
  return {
    type: 'hugging-face',
    repository: source.huggingface ?? '',
    file: source.file ?? '',
    revision: source.revision ?? 'main',
    ...checksum,
  };
}
