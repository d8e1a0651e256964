import { z } from 'zod';
import { invalidBody } from './api-error.js';
import type { Routes } from './call.js';
import { renderUser } from './render.js';

const Command = z.looseObject({
  name: z.string(),
  type: z.number().nullish(),
  description: z.string().nullish(),
  options: z.array(z.looseObject({ name: z.string(), required: z.boolean().nullish() })).nullish(),
});

const CHAT_INPUT = 1;
const NAME = /^[-_'\p{L}\p{N}]{1,32}$/u;

export const applicationRoutes: Routes = {
  'PUT /applications/{application_id}/commands': (call) => {
    const commands = z.array(Command).parse(call.body);
    call.world.commands.length = 0;
    for (const command of commands) {
      checkCommand(command);
      call.world.commands.push({
        ...command,
        id: call.world.snowflake(),
        application_id: call.world.bot.id,
        version: call.world.snowflake(),
        default_member_permissions: null,
        type: command.type ?? CHAT_INPUT,
        description: command.description ?? '',
        ...(command.options ? { options: command.options } : {}),
      });
    }
    return { status: 200, body: call.world.commands };
  },
  'GET /applications/{application_id}/commands': (call) => ({ status: 200, body: call.world.commands }),
  'GET /users/@me': (call) => ({
    status: 200,
    body: { ...renderUser(call.world.bot), mfa_enabled: false, locale: 'en-US' },
  }),
};

/** Rules that Discord enforces and the specification does not hold. */
function checkCommand(command: z.infer<typeof Command>): void {
  if ((command.type ?? CHAT_INPUT) !== CHAT_INPUT) return;
  const names = [command.name, ...(command.options ?? []).map(({ name }) => name)];
  const bad = names.find((name) => !NAME.test(name) || name !== name.toLowerCase());
  if (bad !== undefined) throw invalidBody('name', 'APPLICATION_COMMAND_INVALID_NAME', `Invalid name ${bad}`);
  if (!command.description) throw invalidBody('description', 'BASE_TYPE_REQUIRED', 'This field is required');
  const required = (command.options ?? []).map((option) => option.required === true);
  if (required.indexOf(true, required.indexOf(false) + 1) > -1 && required.includes(false)) {
    throw invalidBody(
      'options',
      'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
      'Required options come first',
    );
  }
}
