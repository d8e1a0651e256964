import type { Conversation } from './conversation.js';

/** What stands at the right of the chat's bar. */
export function ChatTools(_: { readonly conversation: Conversation }) {
  return null;
}
