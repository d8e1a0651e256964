import type { ParleyConfig } from '../config/parley-config.js';
import { type AdapterPorts, openInbox } from '../pipeline/accept/open-inbox.js';
import { COMMANDS } from '../pipeline/commands/definitions.js';
import type { ModelRouter } from '../ports/models/model-router.js';
import type { Actor } from '../ports/turns/inbox.js';
import type { Foundation } from './foundation.js';

/**
 * The door that messages and commands come in by.
 *
 * @param router - the models that people may choose
 */
export function composeInbox(
  foundation: Foundation,
  router: Pick<ModelRouter, 'models' | 'has'>,
): AdapterPorts {
  const { config, clock, personas, queue, settingsAt, stores, tracing, wakeUps } = foundation;
  const { recorder, control, turns, votes, memory, settings, usage, places } = stores;
  return openInbox({
    definitions: COMMANDS,
    recorder,
    control,
    turns,
    votes,
    memory,
    settings,
    usage,
    places,
    router,
    personas,
    clock,
    live: queue.live,
    wakeUps,
    settingsAt,
    tracing,
    limits: config.limits,
    mayChange: (invocation) => mayChangeSettings(config, invocation),
  });
}

/** Who may change settings, as the operator decided; in a direct message everyone may. */
function mayChangeSettings({ settingsAdmins }: ParleyConfig, { address, author, mayManage }: Actor): boolean {
  if (address.kind === 'direct') return true;
  const admins = address.platform === 'discord' ? settingsAdmins.discord : settingsAdmins.slack;
  if (admins === 'everyone') return true;
  return admins === 'manage-channel' ? mayManage : admins.includes(author.id);
}
