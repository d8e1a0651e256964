import { conversationKey } from '../../domain/address.js';
import type { CommandName } from '../../domain/commands.js';
import { mayActOn } from '../../domain/may-act-on.js';
import type { EffectiveSettings } from '../../domain/settings.js';
import { phrasesIn } from '../../domain/text/phrases.js';
import { DAY_MS } from '../../domain/time/duration.js';
import type { CommandInvocation, CommandReply } from '../../ports/turns/inbox.js';
import { changeModel, changeSettings } from './change-settings.js';
import { type CommandCall, type CommandDeps, notice } from './command-call.js';
import { commandPhrasesIn } from './command-phrases.js';

/** Runs one command for the person who gave it. */
export async function runCommand(
  invocation: CommandInvocation,
  inForce: EffectiveSettings,
  deps: CommandDeps,
): Promise<CommandReply> {
  const { address, author } = invocation;
  const language = inForce.language === 'zh' ? 'zh' : 'en';
  const call: CommandCall = {
    invocation,
    inForce,
    language,
    say: commandPhrasesIn(language),
    mayChange: deps.mayChange(invocation),
    conversation: () => deps.memory.find(conversationKey(address, inForce.memory, author)),
  };
  return HANDLERS[invocation.name](call, deps);
}

type Handler = (call: CommandCall, deps: CommandDeps) => Promise<CommandReply>;

const HANDLERS: Readonly<Record<CommandName, Handler>> = {
  ask,
  model: changeModel,
  settings: changeSettings,
  clear,
  stop,
  retry,
  usage,
  'forget-me': async ({ invocation, say }, deps) =>
    notice(say.forgotten(await deps.memory.forgetAuthor(invocation.author.key))),
  help: async ({ say }, deps) => notice(say.help(deps.definitions)),
};

async function ask({ invocation }: CommandCall, deps: CommandDeps): Promise<CommandReply> {
  const { values, address, author, message } = invocation;
  const model = values['model'];
  const acceptance = await deps.accept({
    ...message,
    address,
    author,
    text: String(values['question'] ?? ''),
    ...(model === undefined ? {} : { model: String(model) }),
  });
  return { type: 'turn', acceptance };
}

async function clear(call: CommandCall, deps: CommandDeps): Promise<CommandReply> {
  if (!call.mayChange && call.inForce.memory === 'channel') return notice(call.say.mayNotChange);
  const conversation = await call.conversation();
  const turns = conversation === null ? 0 : await deps.memory.clear(conversation);
  return notice(call.say.cleared(turns), turns === 0 ? 'asker' : 'everyone');
}

async function stop(call: CommandCall, deps: CommandDeps): Promise<CommandReply> {
  const conversation = await call.conversation();
  const unfinished = conversation === null ? [] : await deps.turns.unfinished(conversation);
  const mine = unfinished.filter((turn) => mayActOn(turn, call.invocation.author.key, call.mayChange));
  const stopped = await Promise.all(mine.map((turn) => deps.stop(turn.id)));
  const count = stopped.filter(Boolean).length;
  return notice(count === 0 ? call.say.nothingToStop : call.say.stopped(count));
}

async function retry(call: CommandCall, deps: CommandDeps): Promise<CommandReply> {
  const conversation = await call.conversation();
  const latest = conversation === null ? null : await deps.turns.latest(conversation);
  if (latest === null || !mayActOn(latest, call.invocation.author.key, call.mayChange))
    return notice(phrasesIn(call.language).refused.nothingToRegenerate);
  const again = await deps.regenerate(latest.id, call.language);
  return notice(again.type === 'accepted' ? call.say.retrying : again.text);
}

async function usage({ invocation, say }: CommandCall, deps: CommandDeps): Promise<CommandReply> {
  const now = deps.clock.now();
  const [day, month] = await Promise.all([
    deps.usage.byAuthor(invocation.author.key, new Date(now - DAY_MS)),
    deps.usage.byAuthor(invocation.author.key, new Date(now - 30 * DAY_MS)),
  ]);
  return notice(say.usage(day, month));
}
