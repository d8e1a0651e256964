import { z } from 'zod';

export const AllowedMentions = z.looseObject({
  parse: z.array(z.string().nullable()).nullish(),
  users: z.array(z.string().nullable()).nullish(),
  roles: z.array(z.string().nullable()).nullish(),
  replied_user: z.boolean().nullish(),
});
export type AllowedMentions = z.infer<typeof AllowedMentions>;

/**
 * Who hears of a message, by Discord's rules: without `allowed_mentions` all that the text names is parsed.
 *
 * @param repliedUser - author of the message replied to
 * @returns `everyone`, user ids, and role ids as `&id`
 */
export function pingsOf(
  content: string,
  allowed: AllowedMentions | null | undefined,
  repliedUser: string | null,
): string[] {
  const pings = new Set<string>();
  const parse = allowed ? (allowed.parse ?? []) : ['users', 'roles', 'everyone'];
  const named = (pattern: RegExp) => [...content.matchAll(pattern)].map((match) => match[1] ?? '');
  for (const id of named(/<@!?(\d+)>/g)) {
    if (parse.includes('users') || allowed?.users?.includes(id)) pings.add(id);
  }
  for (const id of named(/<@&(\d+)>/g)) {
    if (parse.includes('roles') || allowed?.roles?.includes(id)) pings.add(`&${id}`);
  }
  if (/@(everyone|here)\b/.test(content) && parse.includes('everyone')) pings.add('everyone');
  if (repliedUser !== null && (allowed ? allowed.replied_user === true : true)) pings.add(repliedUser);
  return [...pings];
}
