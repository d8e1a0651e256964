import type { SlackAdapter } from '../../adapters/slack/create-slack-adapter.js';
import type { OneSlackWorkspace, ParleyConfig, SeveralSlackWorkspaces } from '../config/parley-config.js';
import type { CommandDefinition } from '../domain/commands.js';
import { ExpectedFailure } from '../domain/failure.js';
import type { DeliveryTarget, TurnId } from '../domain/turn.js';
import type { AdapterPorts } from '../pipeline/accept/open-inbox.js';
import type { Delivery } from '../ports/delivery/delivery.js';
import type { EditBudget } from '../ports/delivery/edit-budget.js';
import type { Clock } from '../ports/process/clock.js';
import type { Log } from '../ports/process/log.js';
import type { InstallationStore } from '../ports/settings/installation-store.js';
import type { Metrics } from '../ports/telemetry/metrics.js';

export interface SlackDeps extends AdapterPorts {
  readonly budget: EditBudget;
  readonly installations: InstallationStore | null;
  readonly commands: readonly CommandDefinition[];
  readonly admins: ParleyConfig['settingsAdmins']['slack'];
  readonly staleAfterMs: number;
  readonly attention: 'mention' | 'message';
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

interface SlackParts {
  readonly delivery: Delivery;
  createAdapter(): SlackAdapter;
}

/** Slack in one workspace, or in all that install the app. */
export function composeSlack(
  slack: OneSlackWorkspace | SeveralSlackWorkspaces,
  deps: SlackDeps,
): Promise<SlackParts> {
  return slack.workspaces === 'one' ? oneWorkspace(slack, deps) : severalWorkspaces(slack, deps);
}

async function oneWorkspace(slack: OneSlackWorkspace, deps: SlackDeps): Promise<SlackParts> {
  const [{ createSlackAdapter }, { createSlackDelivery }] = await Promise.all([
    import('../../adapters/slack/create-slack-adapter.js'),
    import('../../adapters/slack/delivery/slack-delivery.js'),
  ]);
  const stopTurn = (turnId: TurnId) => deps.actions.stop(turnId);
  return {
    delivery: createSlackDelivery({ ...slack, ...deps, stopTurn }),
    createAdapter: () => createSlackAdapter({ ...slack, ...deps }),
  };
}

async function severalWorkspaces(slack: SeveralSlackWorkspaces, deps: SlackDeps): Promise<SlackParts> {
  const [{ createSlackAdapter }, { createSeveralWorkspacesDelivery }, { Installations }] = await Promise.all([
    import('../../adapters/slack/create-slack-adapter.js'),
    import('../../adapters/slack/delivery/several-workspaces-delivery.js'),
    import('../../adapters/slack/workspaces/installations.js'),
  ]);
  const { actions, changes, installations: store, clock, log, metrics } = deps;
  if (store === null) throw new ExpectedFailure('setup', 'PARLEY_ENCRYPTION_KEY is needed for Slack');
  const stopTurn = (turnId: TurnId) => actions.stop(turnId);
  const abandon = (target: DeliveryTarget) => changes.abandon(target);
  const api = { apiUrl: slack.apiUrl, log, metrics };
  const installations = new Installations({ store, api, abandon, clock, log });
  return {
    delivery: createSeveralWorkspacesDelivery({ ...slack, ...deps, installations, stopTurn }),
    createAdapter: () => createSlackAdapter({ ...slack, ...deps, installations }),
  };
}
