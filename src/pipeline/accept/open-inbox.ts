import type { Address } from '../../domain/address.js';
import { limitsAt } from '../../domain/limits.js';
import { mayActOn } from '../../domain/may-act-on.js';
import type { EffectiveSettings, Language } from '../../domain/settings.js';
import { cutText } from '../../domain/text/cut-text.js';
import type { IncomingMessage, TurnId } from '../../domain/turn.js';
import type { PlaceDirectory } from '../../ports/memory/place-directory.js';
import { NO_TRACING, type Tracing } from '../../ports/telemetry/tracing.js';
import type { Acceptance, Inbox } from '../../ports/turns/inbox.js';
import type { TurnEvents } from '../../ports/turns/live-events.js';
import type { PlatformChanges } from '../../ports/turns/platform-changes.js';
import type { PlatformLookup } from '../../ports/turns/platform-lookup.js';
import type { Regeneration, TurnActions } from '../../ports/turns/turn-actions.js';
import type { TurnControl } from '../../ports/turns/turn-control.js';
import type { TurnLookup } from '../../ports/turns/turn-lookup.js';
import type { TurnVotes } from '../../ports/turns/turn-votes.js';
import type { CommandDeps } from '../commands/command-call.js';
import { runCommand } from '../commands/run-command.js';
import { type AcceptMessageDeps, acceptMessage } from './accept-message.js';
import { findPressed } from './find-pressed.js';
import { regenerateTurn } from './regenerate-turn.js';

export interface InboxDeps
  extends Omit<CommandDeps, 'accept' | 'stop' | 'regenerate'>,
    Omit<AcceptMessageDeps, 'router'> {
  readonly turns: TurnLookup;
  readonly control: TurnControl;
  readonly votes: TurnVotes;
  readonly live: Pick<TurnEvents, 'publish'>;
  readonly places: Pick<PlaceDirectory, 'ofTurn'>;
  readonly settingsAt: (address: Address) => Promise<EffectiveSettings>;
  /** Default: nothing is traced. */
  readonly tracing?: Tracing;
}

/** What adapters are given of the pipeline; each of their parts names the ports it uses. */
export interface AdapterPorts {
  readonly inbox: Inbox;
  readonly lookup: PlatformLookup;
  readonly actions: TurnActions;
  readonly changes: PlatformChanges;
}

/** Refusals remembered, so that one message delivered twice is refused once. */
const REFUSALS_KEPT = 1_000;
/** Discord shows at most 25. */
const SUGGESTIONS = 25;

/** The one door for adapters: what they hand in is checked, recorded, and passed on. */
export function openInbox(deps: InboxDeps): AdapterPorts {
  const { tracing = NO_TRACING } = deps;
  const refused = new Set<string>();

  async function record(message: IncomingMessage): Promise<Acceptance> {
    const { platform } = message.address;
    const span = tracing.begin('accept message', message.trace ?? null, { platform });
    const traced = span.traceparent === null ? message : { ...message, trace: span.traceparent };
    try {
      const acceptance = await acceptMessage(traced, await deps.settingsAt(message.address), deps);
      const turn = acceptance.type === 'refused' ? {} : { turn: acceptance.turnId };
      span.note({ acceptance: acceptance.type, ...turn });
      span.end();
      return acceptance;
    } catch (error) {
      span.end(error);
      throw error;
    }
  }

  async function accept(message: IncomingMessage): Promise<Acceptance> {
    const acceptance = await record(message);
    if (acceptance.type !== 'refused') return acceptance;
    if (refused.has(message.key)) return { ...acceptance, repeated: true };
    refused.add(message.key);
    const [oldest] = refused;
    if (refused.size > REFUSALS_KEPT && oldest !== undefined) refused.delete(oldest);
    return acceptance;
  }

  async function stop(turnId: TurnId): Promise<boolean> {
    const running = await deps.control.requestStop(turnId);
    if (running) deps.live.publish(turnId, { type: 'stop' });
    return running;
  }

  async function regenerate(turnId: TurnId, language: Language): Promise<Regeneration> {
    const address = await deps.places.ofTurn(turnId);
    const limits = address === null ? deps.limits : limitsAt(await deps.settingsAt(address), deps.limits);
    return regenerateTurn(turnId, language, { ...deps, limits });
  }

  const inbox: Inbox = {
    accept,

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
  };

  const lookup: PlatformLookup = {
    settings: (address) => deps.settingsAt(address),
    takesPart: (address) => deps.turns.takesPart(address),
    turnOfPart: (platform, messageId) => deps.turns.findByPart(platform, messageId),
  };

  const actions: TurnActions = {
    turnOfControl: (control, signal) => findPressed(control, deps, signal),
    mayActOn: (turn, actor) => mayActOn(turn, actor.author.key, deps.mayChange(actor)),
    stop,
    regenerate,
    vote: (turnId, author, vote, comment) => deps.votes.cast(turnId, author.key, vote, comment),
  };

  const changes: PlatformChanges = {
    async edited(platform, channel, platformMessageId, text) {
      await deps.memory.editMessage(
        platform,
        channel,
        platformMessageId,
        cutText(text, deps.limits.messageLength),
      );
    },

    async deleted(platform, channel, platformMessageId) {
      await deps.memory.deleteMessage(platform, channel, platformMessageId);
    },

    async abandon(target) {
      const { ended, running } = await deps.control.abandon(target);
      const outcome = { state: 'failed', kind: 'delivery-failed', notice: '' } as const;
      for (const turnId of ended) deps.live.publish(turnId, { type: 'ended', outcome });
      for (const turnId of running) deps.live.publish(turnId, { type: 'stop' });
    },
  };

  return { inbox, lookup, actions, changes };
}
