import type { AdapterPorts } from '../pipeline/accept/open-inbox.js';
import { COMMANDS } from '../pipeline/commands/definitions.js';
import type { StopStack } from '../process/stop-stack.js';
import type { Foundation } from './foundation.js';
import { type ConnectedPlatform, composePlatforms, type Platforms } from './platforms.js';

/** The platforms of this configuration, on a role's foundation: none is connected yet. */
export function platformsOn(foundation: Foundation, ports: AdapterPorts): Promise<Platforms> {
  const { config, clock, log, metrics, queue, stores } = foundation;
  const { live, budget } = queue;
  const { facts, known, leases, installations } = stores;
  return composePlatforms(config, {
    ...ports,
    live,
    budget,
    facts,
    known,
    leases,
    installations,
    commands: COMMANDS,
    clock,
    log,
    metrics,
  });
}

/** Connects every platform that has a token: what people say there is recorded from then on. */
export function composeGateway(
  platforms: Pick<Platforms, 'connect'>,
  stops: StopStack,
): readonly ConnectedPlatform[] {
  const connected = platforms.connect();
  for (const platform of connected) stops.add(() => platform.stop());
  return connected;
}
