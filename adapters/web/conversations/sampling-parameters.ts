import type { z } from '@hono/zod-openapi';
import { SAMPLING_NUMBERS, type SamplingOverrides } from '../../../src/domain/sampling.js';
import type { SamplingChanges } from '../../../src/ports/settings/settings-store.js';
import type { Parameters, ParametersChange } from '../http/request-schemas.js';

/** The names of the wire as the domain has them; what was left out stays out. */
export function readParameters(parameters: z.output<typeof Parameters>): SamplingOverrides {
  return renamed(parameters) as SamplingOverrides;
}

export function readParameterChanges(parameters: z.output<typeof ParametersChange>): SamplingChanges {
  return renamed(parameters) as SamplingChanges;
}

function renamed({ stop, ...numbers }: z.output<typeof ParametersChange>): object {
  const given = Object.entries(SAMPLING_NUMBERS).map(([name, { wire }]) => [name, numbers[wire]] as const);
  const set = [...given, ['stop', typeof stop === 'string' ? [stop] : stop] as const];
  return Object.fromEntries(set.filter(([, value]) => value !== undefined));
}
