import { Prisma } from '../generated/client.js';

/** Nobody was shown anything of it yet. */
const UNSEEN = Prisma.sql`(state = 'pending' AND attempt = 0 AND (target->>'awaited') IS DISTINCT FROM 'true')`;
/**
 * What becomes of a turn that is forgotten. One that was not answered yet is cancelled, or left to a worker that ends
 * what its asker was shown; one being answered is stopped, and its reply is not kept.
 */
export const FORGOTTEN = Prisma.sql`forgotten = true, reply = '', notice = NULL, stop_requested = true,
  target = target - 'question', given_prompt = NULL,
  state = CASE WHEN ${UNSEEN} THEN 'cancelled' ELSE state END,
  finished_at = coalesce(finished_at, CASE WHEN ${UNSEEN} THEN clock_timestamp() END)`;
/** What people said about the forgotten replies `gone`: it may tell what those said. */
export const UNCOMMENTED = Prisma.sql`UPDATE vote SET comment = NULL FROM gone
  WHERE vote.turn_id = gone.id AND vote.comment IS NOT NULL`;
export const UNQUOTED = Prisma.sql`quoted_author = NULL, quoted_text = NULL, quoted_author_keys = NULL, quoted_message_ids = NULL`;
/** What becomes of its message. */
export const EMPTIED = Prisma.sql`text = '', author_name = '', ${UNQUOTED}`;
