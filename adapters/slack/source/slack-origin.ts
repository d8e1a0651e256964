import { z } from 'zod';
import type { SlackOrigin } from '../client/slack-ids.js';
import type { Uninstalled } from '../workspaces/slack-access.js';
import { ButtonPress, TypedCommand } from './slack-events.js';

const Authorization = z.object({
  team_id: z.string().nullish(),
  enterprise_id: z.string().nullish(),
  is_enterprise_install: z.boolean().nullish(),
});

const EventBody = z.object({
  api_app_id: z.string(),
  team_id: z.string().nullish(),
  authorizations: z.array(Authorization).optional(),
});

/** The app an event is for, and the installation it belongs to: a team, or an organisation that installed the app. */
function originOfEvent(body: z.infer<typeof EventBody>): SlackOrigin | null {
  const [first] = body.authorizations ?? [];
  const team = first?.team_id ?? body.team_id ?? first?.enterprise_id;
  if (!team) return null;
  const organisation = first?.is_enterprise_install ? first.enterprise_id : null;
  return { app: body.api_app_id, team, ...(organisation ? { installation: organisation } : {}) };
}

export function originOfPress(
  press: Omit<z.infer<typeof ButtonPress>, 'actions' | 'container' | 'user'>,
): SlackOrigin {
  const { api_app_id: app, team, enterprise } = press;
  const organisation = press.is_enterprise_install ? enterprise?.id : undefined;
  const origin = { app, team: team?.id || enterprise?.id || '-' };
  return organisation === undefined ? origin : { ...origin, installation: organisation };
}

type CommandOrigin = Pick<
  z.infer<typeof TypedCommand>,
  'api_app_id' | 'team_id' | 'enterprise_id' | 'is_enterprise_install'
>;

export function originOfCommand(typed: CommandOrigin): SlackOrigin {
  const { api_app_id: app, enterprise_id: enterprise } = typed;
  const origin = { app, team: typed.team_id || enterprise || '-' };
  const organisation = typed.is_enterprise_install === 'true' ? enterprise : undefined;
  return organisation === undefined ? origin : { ...origin, installation: organisation };
}

const AnyBody = z.union([
  EventBody.extend({ event: z.looseObject({}) }).transform(originOfEvent),
  TypedCommand.pick({ api_app_id: true, team_id: true, enterprise_id: true, is_enterprise_install: true })
    .extend({ command: z.string() })
    .transform(originOfCommand),
  ButtonPress.omit({ actions: true, container: true, user: true }).transform(originOfPress),
]);

/** Where anything that Slack sends comes from: an event, a command, a press. Null where that is not told. */
export function readOrigin(body: unknown): SlackOrigin | null {
  const parsed = AnyBody.safeParse(body);
  return parsed.success ? parsed.data : null;
}

const UninstallBody = z.object({
  event: z.object({ tokens: z.object({ bot: z.array(z.string()).default([]) }).optional() }),
  /** Whole seconds since 1970. */
  event_time: z.int().min(0).max(1e11),
});

export function readUninstalled(event: Uninstalled['event'], body: unknown): Uninstalled {
  const parsed = UninstallBody.safeParse(body);
  const tokens = parsed.success ? parsed.data.event.tokens : undefined;
  return {
    event,
    origin: readOrigin(body),
    at: new Date((parsed.success ? parsed.data.event_time : 0) * 1000 + 999),
    ofBot: event === 'app_uninstalled' || (tokens?.bot.length ?? 0) > 0,
  };
}
