import type { Address } from '../domain/address.js';
import type { EffectiveSettings } from '../domain/settings.js';
import type { IncomingMessage, TurnId } from '../domain/turn.js';
import type { Acceptance, Inbox } from '../ports/inbox.js';
import type { LiveEvents } from '../ports/live-events.js';
import type { TurnStore } from '../ports/turn-store.js';
import { type AcceptMessageDeps, acceptMessage, overTokenLimit } from './accept-message.js';
import type { CommandDeps } from './commands/command-call.js';
import { runCommand } from './commands/run-command.js';

export interface InboxDeps
  extends Omit<CommandDeps, 'accept' | 'stop' | 'regenerate'>,
    Omit<AcceptMessageDeps, 'turns' | 'usage' | 'router'> {
  readonly turns: TurnStore;
  readonly live: Pick<LiveEvents, 'publish'>;
  readonly settingsAt: (address: Address) => Promise<EffectiveSettings>;
}

/** Refusals remembered, so that one message delivered twice is refused once. */
const REFUSALS_KEPT = 1_000;
/** Discord shows at most 25. */
const SUGGESTIONS = 25;

/** The one door for adapters: what they hand in is checked, recorded, and passed on. */
export function openInbox(deps: InboxDeps): Inbox {
  const refused = new Set<string>();

  async function accept(message: IncomingMessage): Promise<Acceptance> {
    const acceptance = await acceptMessage(message, await deps.settingsAt(message.address), deps);
    if (acceptance.type !== 'refused') return acceptance;
    if (refused.has(message.key)) return { ...acceptance, repeated: true };
    refused.add(message.key);
    const [oldest] = refused;
    if (refused.size > REFUSALS_KEPT && oldest !== undefined) refused.delete(oldest);
    return acceptance;
  }

  async function stop(turnId: TurnId): Promise<boolean> {
    const running = await deps.turns.requestStop(turnId);
    if (running) deps.live.publish(turnId, { type: 'stop' });
    return running;
  }

  async function regenerate(turnId: TurnId): Promise<boolean> {
    const turn = await deps.turns.find(turnId);
    if (!turn || (await overTokenLimit(turn.authorKey, deps))) return false;
    if (!(await deps.turns.regenerate(turnId))) return false;
    await deps.wakeUps.add({ conversationId: turn.conversationId });
    return true;
  }

  return {
    accept,
    stop,
    regenerate,
    settings: (address) => deps.settingsAt(address),
    takesPart: (address) => deps.turns.takesPart(address),
    turnOfPart: (platform, messageId) => deps.turns.findByPart(platform, messageId),
    vote: (turnId, author, vote) => deps.turns.vote(turnId, author.key, vote),

    async command(invocation) {
      const inForce = await deps.settingsAt(invocation.address);
      return runCommand(invocation, inForce, { ...deps, accept, stop, regenerate });
    },

    async suggest(kind, typed) {
      const names =
        kind === 'models' ? deps.router.models().map((model) => model.alias) : [...deps.personas.keys()];
      const wanted = typed.toLowerCase();
      const rank = (name: string) => (name.toLowerCase().startsWith(wanted) ? 0 : 1);
      return names
        .filter((name) => name.toLowerCase().includes(wanted))
        .sort((a, b) => rank(a) - rank(b))
        .slice(0, SUGGESTIONS);
    },

    async edited(platform, channel, platformMessageId, text) {
      await deps.memory.editMessage(
        platform,
        channel,
        platformMessageId,
        text.slice(0, deps.limits.messageLength),
      );
    },

    async deleted(platform, channel, platformMessageId) {
      await deps.memory.deleteMessage(platform, channel, platformMessageId);
    },
  };
}
