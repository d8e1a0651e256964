import type { z } from '@hono/zod-openapi';
import type { SamplingOverrides, SamplingParameters } from '../../../src/domain/sampling.js';
import type { SamplingChanges } from '../../../src/ports/settings/settings-store.js';
import type { Parameters, ParametersChange } from '../http/request-schemas.js';
import type { SetParameters } from '../http/response-schemas.js';

/** What the domain calls each parameter of the wire. */
const NAMES = {
  temperature: 'temperature',
  top_k: 'topK',
  top_p: 'topP',
  min_p: 'minP',
  repeat_penalty: 'repeatPenalty',
  max_tokens: 'maxTokens',
  seed: 'seed',
  stop: 'stop',
} as const satisfies Record<keyof z.output<typeof Parameters>, keyof SamplingParameters>;

type WireName = keyof typeof NAMES;
// Object.keys forgets which names there are, and Object.fromEntries below which value each of them has.
const WIRE_NAMES = Object.keys(NAMES) as readonly WireName[];

/** The names of the wire as the domain has them; what was left out stays out. */
export function readParameters(parameters: z.output<typeof Parameters>): SamplingOverrides {
  return renamed(parameters) as SamplingOverrides;
}

export function readParameterChanges(parameters: z.output<typeof ParametersChange>): SamplingChanges {
  return renamed(parameters) as SamplingChanges;
}

/** The names of the domain as the wire has them. */
export function parametersBody(sampling: SamplingOverrides): z.output<typeof SetParameters> {
  return {
    temperature: sampling.temperature,
    top_k: sampling.topK,
    top_p: sampling.topP,
    min_p: sampling.minP,
    repeat_penalty: sampling.repeatPenalty,
    max_tokens: sampling.maxTokens,
    seed: sampling.seed,
    stop: sampling.stop && [...sampling.stop],
  };
}

function renamed(parameters: z.output<typeof ParametersChange>): object {
  const { stop } = parameters;
  const given = { ...parameters, stop: typeof stop === 'string' ? [stop] : stop };
  const set = WIRE_NAMES.map((name) => [NAMES[name], given[name]] as const);
  return Object.fromEntries(set.filter(([, value]) => value !== undefined));
}
