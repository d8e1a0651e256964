// biome-ignore-all lint: generated
// biome-ignore-all format: generated

// Generated from the OpenAPI document by "npm run generate-api-types": change the schemas, not this.

/**
 * `length`: max_tokens or the context window was reached. `stopped`: by a person.
 */
export type FinishReason = 'stop' | 'length' | 'stopped' | 'content-filter';
/**
 * With `Accept: text/event-stream` the answer streams as server-sent events. `event` is the name of each, `data` its one line of JSON:
 *
 * - `accepted`: comes first
 * - `queued`: this many answers come before
 * - `delta`: append it
 * - `reset`: drop the text so far, the answer begins again
 * - `done`: the whole answer, as the JSON response has it; comes last
 * - `error`: comes last instead of `done`
 *
 * Comment lines keep the connection alive. A client that goes away stops the answer, unless it asked with `keep_going`.
 */
export type AnswerEvent =
  | {
      event: 'accepted';
      data: {
        conversation_id: string;
        turn_id: number;
      };
    }
  | {
      event: 'queued';
      data: {
        ahead: number;
      };
    }
  | {
      event: 'delta';
      data: {
        text: string;
      };
    }
  | {
      event: 'reset';
      data: {};
    }
  | {
      event: 'done';
      data: Answer;
    }
  | {
      event: 'error';
      data: Error;
    };
export type RegenerationCall = TurnCall & {
  /**
   * True: a client that goes away does not stop the answer, which is then in the conversation. False where left out.
   */
  keep_going?: boolean;
};
export type VoteCall = TurnCall & {
  /**
   * 1 is 👍, -1 is 👎, 0 takes it back.
   */
  vote: -1 | 0 | 1;
  /**
   * Why, in the words of the person. Empty takes it back; left out, the same vote keeps the one it has.
   */
  comment?: string;
};
export type MadeApiKey = ApiKey & {
  /**
   * The key itself: here and never again.
   */
  key: string;
};

export interface Api {
  /**
   * Whether this browser is signed in, or need not be
   */
  'GET /api/session': {
    answer: Session;
  };
  /**
   * Sign a browser in, for 7 days; the session comes as a cookie
   */
  'POST /api/session': {
    body: Login;
    answer: null;
  };
  /**
   * Sign this browser out
   */
  'DELETE /api/session': {
    answer: null;
  };
  /**
   * Ask a question and get, or stream, its answer
   */
  'POST /api/question': {
    body: Question;
    answer: Answer;
    events: AnswerEvent;
  };
  /**
   * Follow an answer, from whatever there is of it; leaving stops nothing
   */
  'GET /api/turns/{id}/events': {
    path: {
      /**
       * The `turn_id` of an answer.
       */
      id: string;
    };
    query: {
      /**
       * Names a memory. Leave it out to begin a new conversation: the answer carries its id, which nobody can guess. Who knows the id can read and forget the conversation.
       */
      conversation_id: string;
    };
    events: AnswerEvent;
  };
  /**
   * Stop an answer that is being written, or waits to be
   */
  'POST /api/turns/{id}/stop': {
    path: {
      /**
       * The `turn_id` of an answer.
       */
      id: string;
    };
    body: TurnCall;
    answer: Stopped;
  };
  /**
   * Answer again; the new answer takes the place of the old
   */
  'POST /api/turns/{id}/regenerate': {
    path: {
      /**
       * The `turn_id` of an answer.
       */
      id: string;
    };
    body: RegenerationCall;
    answer: Answer;
    events: AnswerEvent;
  };
  /**
   * Say whether an answer was good
   */
  'POST /api/turns/{id}/vote': {
    path: {
      /**
       * The `turn_id` of an answer.
       */
      id: string;
    };
    body: VoteCall;
    answer: Voted;
  };
  /**
   * Read a conversation, newest page first
   */
  'GET /api/conversations/{id}': {
    path: {
      /**
       * Names a memory. Leave it out to begin a new conversation: the answer carries its id, which nobody can guess. Who knows the id can read and forget the conversation.
       */
      id: string;
    };
    query: {
      /**
       * Only turns before this one.
       */
      before?: string;
      /**
       * Turns on a page; 50 where left out.
       */
      limit?: string;
      /**
       * Whose votes are shown.
       */
      user_id?: string;
    };
    answer: Conversation;
  };
  /**
   * Forget a conversation and its settings, and take it off the list; answers being written are stopped
   */
  'DELETE /api/conversations/{id}': {
    path: {
      /**
       * Names a memory. Leave it out to begin a new conversation: the answer carries its id, which nobody can guess. Who knows the id can read and forget the conversation.
       */
      id: string;
    };
    answer: Forgotten;
  };
  /**
   * Give a conversation a title, or take it back
   */
  'PATCH /api/conversations/{id}': {
    path: {
      /**
       * Names a memory. Leave it out to begin a new conversation: the answer carries its id, which nobody can guess. Who knows the id can read and forget the conversation.
       */
      id: string;
    };
    body: ConversationChange;
    answer: ListedConversation;
  };
  /**
   * Forget what was said in a conversation; it stays on the list, with the title it was given
   */
  'POST /api/conversations/{id}/clear': {
    path: {
      /**
       * Names a memory. Leave it out to begin a new conversation: the answer carries its id, which nobody can guess. Who knows the id can read and forget the conversation.
       */
      id: string;
    };
    answer: Forgotten;
  };
  /**
   * List the conversations a user has taken part in, or search them
   */
  'GET /api/conversations': {
    query: {
      /**
       * Who asks, as your application knows them. Tells people in one conversation apart.
       */
      user_id: string;
      /**
       * Only conversations whose title, questions or answers hold this, in any case of letters, among the newest 1,000.
       */
      search?: string;
      /**
       * The `earlier` of the page before.
       */
      before?: string;
      /**
       * Conversations on a page; 50 where left out.
       */
      limit?: string;
    };
    answer: Conversations;
  };
  /**
   * Download a conversation as a file; of a longer one, the newest 10,000 turns
   */
  'GET /api/conversations/{id}/export': {
    path: {
      /**
       * Names a memory. Leave it out to begin a new conversation: the answer carries its id, which nobody can guess. Who knows the id can read and forget the conversation.
       */
      id: string;
    };
    query: {
      /**
       * json where left out.
       */
      format?: 'json' | 'markdown';
      /**
       * Whose votes are in it.
       */
      user_id?: string;
    };
    answer: ExportedConversation;
  };
  /**
   * Read what was set for a conversation, or for one that has not begun
   */
  'GET /api/conversations/{id}/settings': {
    path: {
      /**
       * Names a memory. Leave it out to begin a new conversation: the answer carries its id, which nobody can guess. Who knows the id can read and forget the conversation.
       */
      id: string;
    };
    answer: ConversationSettings;
  };
  /**
   * Change what answers in a conversation, and how, from the next question on
   */
  'PATCH /api/conversations/{id}/settings': {
    path: {
      /**
       * Names a memory. Leave it out to begin a new conversation: the answer carries its id, which nobody can guess. Who knows the id can read and forget the conversation.
       */
      id: string;
    };
    body: ConversationSettingsChange;
    answer: ConversationSettings;
  };
  /**
   * The models that can answer
   */
  'GET /api/models': {
    answer: Models;
  };
  /**
   * What can be set for a conversation, within which bounds, and what holds where nothing is
   */
  'GET /api/options': {
    answer: Options;
  };
  /**
   * The commands, the same as on every platform
   */
  'GET /api/commands': {
    answer: Commands;
  };
  /**
   * Run a command; `ask` answers as POST /api/question does
   */
  'POST /api/commands/{name}': {
    path: {
      name: string;
    };
    body: CommandCall;
    answer: Notice | Answer;
    events: AnswerEvent;
  };
  /**
   * Conversations in numbers, by day, platform and model
   */
  'GET /api/admin/numbers': {
    query: {
      /**
       * First day (UTC); 29 days before `to` where left out.
       */
      from?: string;
      /**
       * Last day (UTC), included; today where left out.
       */
      to?: string;
      /**
       * Of this platform alone.
       */
      platform?: string;
      /**
       * Of this model (alias) alone.
       */
      model?: string;
      /**
       * Whether people are named; no where left out.
       */
      names?: 'yes' | 'no';
    };
    answer: Numbers;
  };
  /**
   * One table of the numbers, for a spreadsheet
   */
  'GET /api/admin/numbers.csv': {
    query: {
      /**
       * First day (UTC); 29 days before `to` where left out.
       */
      from?: string;
      /**
       * Last day (UTC), included; today where left out.
       */
      to?: string;
      /**
       * Of this platform alone.
       */
      platform?: string;
      /**
       * Of this model (alias) alone.
       */
      model?: string;
      /**
       * Whether people are named; no where left out.
       */
      names?: 'yes' | 'no';
      /**
       * Which table.
       */
      table: 'days' | 'platforms' | 'models' | 'outcomes' | 'feedback' | 'people';
    };
  };
  /**
   * Chat platforms, and how every gateway stands with them
   */
  'GET /api/admin/platforms': {
    answer: Platforms;
  };
  /**
   * Channels, threads and direct messages, first used last, with their settings
   */
  'GET /api/admin/places': {
    query: {
      platform?: 'discord' | 'slack' | 'web';
      /**
       * Part of a workspace's, channel's or thread's id, in any case.
       */
      search?: string;
      /**
       * The `earlier` of the page before.
       */
      before?: string;
      /**
       * 1 to 200; 50 where left out.
       */
      limit?: string;
    };
    answer: Places;
  };
  /**
   * Change the settings of a place, and what one person may use there
   */
  'PATCH /api/admin/places/{key}': {
    path: {
      /**
       * As listed, percent-encoded as one segment of the path.
       */
      key: string;
    };
    body: PlaceSettingsChange;
    answer: Place;
  };
  /**
   * Everybody who ever asked, by key, with what they used
   */
  'GET /api/admin/users': {
    query: {
      /**
       * Part of a key or name, in any case.
       */
      search?: string;
      /**
       * The `next` of the page before.
       */
      after?: string;
      /**
       * 1 to 50; 50 where left out.
       */
      limit?: string;
    };
    answer: Users;
  };
  /**
   * Erase all that a user sent, everywhere, with the replies to it
   */
  'POST /api/admin/users/{key}/forget': {
    path: {
      /**
       * As listed, percent-encoded as one segment of the path.
       */
      key: string;
    };
    body: ForgetCall;
    answer: ForgottenUser;
  };
  /**
   * Turns that wait, run, or failed; newest first
   */
  'GET /api/admin/queue': {
    query: {
      /**
       * waiting if left out.
       */
      state?: 'waiting' | 'running' | 'failed';
      /**
       * The `earlier` of the page before.
       */
      before?: string;
      /**
       * 1 to 200; 50 where left out.
       */
      limit?: string;
      /**
       * yes: with what was asked. no where left out.
       */
      show_text?: 'yes' | 'no';
    };
    answer: Queue;
  };
  /**
   * Have a failed turn answered again, where it was asked
   */
  'POST /api/admin/turns/{id}/retry': {
    path: {
      id: string;
    };
    answer: Retried;
  };
  /**
   * Every worker, and how each model is there
   */
  'GET /api/admin/models': {
    answer: AdminModels;
  };
  /**
   * Have workers pull, check, load, unload or delete a model, or cancel a pull or a check
   */
  'POST /api/admin/models/{alias}/{action}': {
    path: {
      alias: string;
      action: 'pull' | 'check' | 'load' | 'unload' | 'delete' | 'cancel';
    };
    body: ModelOrderCall;
    answer: ModelOrdered;
  };
  /**
   * Whether finished turns are posted to LOGGING_URL, and how that fares
   */
  'GET /api/admin/log-export': {
    answer: LogExport;
  };
  /**
   * API keys, those in force first; the newest 2,000
   */
  'GET /api/admin/keys': {
    answer: ApiKeys;
  };
  /**
   * Make an API key; the answer alone has the key itself
   */
  'POST /api/admin/keys': {
    body: ApiKeyCall;
    answer: MadeApiKey;
  };
  /**
   * Change the name or the limits of an API key
   */
  'PATCH /api/admin/keys/{id}': {
    path: {
      id: string;
    };
    body: ApiKeyChange;
    answer: ApiKey;
  };
  /**
   * Revoke an API key: nothing is taken with it any more, in every process within 10 s
   */
  'DELETE /api/admin/keys/{id}': {
    path: {
      id: string;
    };
    answer: ApiKey;
  };
  /**
   * This document
   */
  'GET /api/openapi.json': {
    answer: {};
  };
}
export interface Session {
  signed_in: boolean;
  /**
   * False on a server without PARLEY_API_KEY.
   */
  needs_key: boolean;
}
export interface Login {
  /**
   * PARLEY_API_KEY.
   */
  key: string;
}
export interface Question {
  /**
   * What to ask.
   */
  question: string;
  /**
   * Who asks, as your application knows them. Tells people in one conversation apart.
   */
  user_id: string;
  /**
   * Names a memory. Leave it out to begin a new conversation: the answer carries its id, which nobody can guess. Who knows the id can read and forget the conversation.
   */
  conversation_id?: string;
  /**
   * An alias of GET /api/models.
   */
  model?: string;
  parameters?: Parameters;
  /**
   * The `turn_id` of an earlier question of the conversation: that turn and all after it are forgotten, and this question stands in their place.
   */
  replaces?: number;
  /**
   * True: a client that goes away does not stop the answer, which is then in the conversation. False where left out.
   */
  keep_going?: boolean;
}
/**
 * How the next token is chosen, for this answer alone.
 */
export interface Parameters {
  /**
   * 0 always takes the likeliest token.
   */
  temperature?: number;
  /**
   * Keep the k likeliest tokens; 0 keeps all.
   */
  top_k?: number;
  /**
   * Keep the likeliest tokens that together have this probability.
   */
  top_p?: number;
  /**
   * Drop tokens below this share of the likeliest one.
   */
  min_p?: number;
  /**
   * 1 turns it off.
   */
  repeat_penalty?: number;
  /**
   * Longest answer, in tokens.
   */
  max_tokens?: number;
  /**
   * The same seed, question and memory give the same answer on a local model.
   */
  seed?: number;
  /**
   * Texts that end the answer; not part of it.
   */
  stop?: string | string[];
}
export interface Answer {
  answer: string;
  conversation_id: string;
  turn_id: number;
  /**
   * The alias that answered.
   */
  model: string;
  usage: Usage;
  finish_reason: FinishReason;
  /**
   * Milliseconds until the model began.
   */
  first_token_ms: number | null;
  /**
   * Of the answer, after its first.
   */
  tokens_per_second: number | null;
}
export interface Usage {
  prompt_tokens: number;
  /**
   * Of the prompt tokens, those not evaluated again.
   */
  cached_tokens: number;
  reply_tokens: number;
}
export interface Error {
  error: {
    code:
      | 'bad-request'
      | 'invalid'
      | 'unauthorized'
      | 'forbidden'
      | 'not-found'
      | 'method-not-allowed'
      | 'conflict'
      | 'not-finished'
      | 'not-failed'
      | 'cancelled'
      | 'body-too-large'
      | 'unsupported-media-type'
      | 'idempotency-mismatch'
      | 'empty'
      | 'too-long'
      | 'unknown-model'
      | 'bad-parameter'
      | 'turn-limit'
      | 'token-limit'
      | 'attempt-limit'
      | 'key-limit'
      | 'answer-failed'
      | 'answer-timeout'
      | 'unavailable'
      | 'internal';
    /**
     * One sentence for people.
     */
    message: string;
    issues?: {
      field: string;
      message: string;
    }[];
    /**
     * Why the answer failed.
     */
    kind?: string;
    /**
     * Seconds, as in Retry-After.
     */
    retry_after?: number;
    turn_id?: number;
    conversation_id?: string;
  };
}
export interface TurnCall {
  /**
   * Who asks, as your application knows them. Tells people in one conversation apart.
   */
  user_id: string;
  /**
   * Names a memory. Leave it out to begin a new conversation: the answer carries its id, which nobody can guess. Who knows the id can read and forget the conversation.
   */
  conversation_id: string;
}
export interface Stopped {
  turn_id: number;
  /**
   * False where the turn had ended already.
   */
  stopped: boolean;
}
export interface Voted {
  turn_id: number;
  /**
   * 1 is 👍, -1 is 👎, 0 takes it back.
   */
  vote: -1 | 0 | 1;
}
export interface Conversation {
  conversation_id: string;
  /**
   * Oldest first.
   */
  turns: {
    turn_id: number;
    state: 'pending' | 'running' | 'done' | 'failed' | 'cancelled';
    user_id: string;
    question: string;
    quoted: {
      author: string;
      text: string;
    } | null;
    answer: string;
    model: string | null;
    /**
     * Who answered, where known.
     */
    persona: string | null;
    finish_reason: FinishReason | null;
    usage: Usage;
    /**
     * Milliseconds until the model began.
     */
    first_token_ms: number | null;
    /**
     * Of the answer, after its first.
     */
    tokens_per_second: number | null;
    /**
     * 1 or -1, of `user_id`; null without.
     */
    vote: -1 | 1 | null;
    comment: string | null;
    failure: {
      kind: string;
      message: string;
    } | null;
    asked_at: string;
    finished_at: string | null;
  }[];
  /**
   * Pass it as `before` for the turns before these.
   */
  earlier: number | null;
}
export interface Forgotten {
  conversation_id: string;
  /**
   * Turns forgotten.
   */
  forgotten: number;
}
export interface ConversationChange {
  /**
   * Null takes it back: the first question stands for it.
   */
  title: string | null;
}
export interface ListedConversation {
  conversation_id: string;
  /**
   * As given, or the first question cut short; null where all was forgotten.
   */
  title: string | null;
  /**
   * That are remembered.
   */
  turns: number;
  updated_at: string;
  created_at: string;
}
export interface Conversations {
  /**
   * Newest first.
   */
  conversations: ListedConversation[];
  /**
   * Pass it as `before` for the ones before these.
   */
  earlier: number | null;
}
export interface ExportedConversation {
  conversation_id: string;
  title: string | null;
  exported_at: string;
  /**
   * False where there were more turns, before these.
   */
  whole: boolean;
  /**
   * Oldest first.
   */
  turns: {
    turn_id: number;
    state: 'pending' | 'running' | 'done' | 'failed' | 'cancelled';
    user_id: string;
    question: string;
    quoted: {
      author: string;
      text: string;
    } | null;
    answer: string;
    model: string | null;
    /**
     * Who answered, where known.
     */
    persona: string | null;
    finish_reason: FinishReason | null;
    usage: Usage;
    /**
     * Milliseconds until the model began.
     */
    first_token_ms: number | null;
    /**
     * Of the answer, after its first.
     */
    tokens_per_second: number | null;
    /**
     * 1 or -1, of `user_id`; null without.
     */
    vote: -1 | 1 | null;
    comment: string | null;
    failure: {
      kind: string;
      message: string;
    } | null;
    asked_at: string;
    finished_at: string | null;
  }[];
}
/**
 * What was set here; null where the default holds. Where nobody asks within 7 days, it is forgotten.
 */
export interface ConversationSettings {
  conversation_id: string;
  model: string | null;
  persona: string | null;
  language: 'auto' | 'en' | 'zh' | null;
  system_prompt: string | null;
  parameters: SetParameters;
}
/**
 * Those that are set.
 */
export interface SetParameters {
  temperature?: number;
  top_k?: number;
  top_p?: number;
  min_p?: number;
  repeat_penalty?: number;
  max_tokens?: number;
  seed?: number;
  stop?: string[];
}
/**
 * What is left out stays as it is; null takes it back, so that the default holds again.
 */
export interface ConversationSettingsChange {
  /**
   * An alias of GET /api/models.
   */
  model?: string | null;
  /**
   * A name of GET /api/options.
   */
  persona?: string | null;
  language?: 'auto' | 'en' | 'zh' | null;
  /**
   * Stands for the persona’s own. Blank takes it back, as null does.
   */
  system_prompt?: string | null;
  /**
   * Null takes all back.
   */
  parameters?: {
    /**
     * 0 always takes the likeliest token.
     */
    temperature?: number | null;
    /**
     * Keep the k likeliest tokens; 0 keeps all.
     */
    top_k?: number | null;
    /**
     * Keep the likeliest tokens that together have this probability.
     */
    top_p?: number | null;
    /**
     * Drop tokens below this share of the likeliest one.
     */
    min_p?: number | null;
    /**
     * 1 turns it off.
     */
    repeat_penalty?: number | null;
    /**
     * Longest answer, in tokens.
     */
    max_tokens?: number | null;
    /**
     * The same seed, question and memory give the same answer on a local model.
     */
    seed?: number | null;
    /**
     * Texts that end the answer; not part of it.
     */
    stop?: string | string[] | null;
  } | null;
}
export interface Models {
  models: {
    alias: string;
    description: string;
    runs: 'local' | 'hosted';
    /**
     * Tokens; null until known.
     */
    context_window: number | null;
    state: 'ready' | 'loading' | 'not-downloaded' | 'unavailable';
    is_default: boolean;
    /**
     * Of a local model’s file; null where unknown.
     */
    size_bytes: number | null;
    /**
     * While its file is downloaded or checked, or it is loaded; null where nobody knows.
     */
    progress: number | null;
    /**
     * Whether a local model is in memory, in a fleet that of any worker which serves it; null where that is not known.
     */
    loaded: boolean | null;
    /**
     * SPDX identifier, where known.
     */
    license: string | null;
    /**
     * What its parameters are where nothing is set.
     */
    parameters: SetParameters;
  }[];
}
export interface Options {
  personas: {
    name: string;
    description: string | null;
  }[];
  default_persona: string;
  languages: {
    code: 'auto' | 'en' | 'zh';
    name: string;
  }[];
  default_language: 'auto' | 'en' | 'zh';
  parameters: {
    temperature: {
      min: number;
      max: number;
      /**
       * Of the default model; GET /api/models has those of each.
       */
      default: number;
      whole: boolean;
    };
    top_k: {
      min: number;
      max: number;
      /**
       * Of the default model; GET /api/models has those of each.
       */
      default: number;
      whole: boolean;
    };
    top_p: {
      min: number;
      max: number;
      /**
       * Of the default model; GET /api/models has those of each.
       */
      default: number;
      whole: boolean;
    };
    min_p: {
      min: number;
      max: number;
      /**
       * Of the default model; GET /api/models has those of each.
       */
      default: number;
      whole: boolean;
    };
    repeat_penalty: {
      min: number;
      max: number;
      /**
       * Of the default model; GET /api/models has those of each.
       */
      default: number;
      whole: boolean;
    };
    max_tokens: {
      min: number;
      max: number;
      /**
       * Of the default model; GET /api/models has those of each.
       */
      default: number;
      whole: boolean;
    };
  };
  /**
   * Longest system prompt, in UTF-16 code units.
   */
  system_prompt_max: number;
}
export interface Commands {
  commands: {
    name: string;
    description: string;
    options: {
      name: string;
      description: string;
      type: 'text' | 'whole' | 'number' | 'yes-no';
      required?: boolean;
      choices?: string[];
      suggest?: 'models' | 'personas';
      min?: number;
      max?: number;
    }[];
  }[];
}
export interface CommandCall {
  /**
   * Who asks, as your application knows them. Tells people in one conversation apart.
   */
  user_id: string;
  /**
   * Names a memory. Leave it out to begin a new conversation: the answer carries its id, which nobody can guess. Who knows the id can read and forget the conversation.
   */
  conversation_id?: string;
  /**
   * The command's options by name; GET /api/commands lists them.
   */
  values?: {
    [k: string]: string | number | boolean;
  };
}
export interface Notice {
  /**
   * Markdown.
   */
  notice: string;
  conversation_id: string;
}
export interface Numbers {
  from: string;
  to: string;
  platform: string | null;
  model: string | null;
  /**
   * The last day that was added up. Three days at most after it are counted as they are now.
   */
  rolled_up_to: string | null;
  currency: string;
  /**
   * People who asked in the range, each counted once.
   */
  users: number;
  /**
   * That went on in the range, each counted once.
   */
  conversations: number;
  /**
   * Turns of these conversations from their first to the end of the range.
   */
  conversation_length: {
    p50: number;
    p95: number;
  } | null;
  days: {
    day: string;
    turns: number;
    failed: number;
    users: number;
    conversations: number;
    prompt_tokens: number;
    /**
     * Of the prompt tokens, those the model had read before.
     */
    cached_tokens: number;
    reply_tokens: number;
    /**
     * Of answers that were made again.
     */
    replaced_tokens: number;
    tokens_per_second: number | null;
    /**
     * From the request to the model until its first token. Within 5%; null where nothing was measured.
     */
    first_token_ms: {
      p50: number;
      p95: number;
    } | null;
    /**
     * From the question until text of the answer could be seen. Within 5%; null where nothing was measured.
     */
    first_text_ms: {
      p50: number;
      p95: number;
    } | null;
    /**
     * Turns of one conversation on one day. Within 5%; null where nothing was measured.
     */
    conversation_turns: {
      p50: number;
      p95: number;
    } | null;
  }[];
  platforms: {
    day: string;
    platform: string;
    turns: number;
    users: number;
  }[];
  models: {
    /**
     * Empty where no model came to be chosen.
     */
    model: string;
    turns: number;
    prompt_tokens: number;
    /**
     * Of the prompt tokens, those the model had read before.
     */
    cached_tokens: number;
    reply_tokens: number;
    /**
     * Of answers that were made again.
     */
    replaced_tokens: number;
    tokens_per_second: number | null;
    /**
     * By the prices in parley.config.yaml; null where the model has none.
     */
    estimated_cost: number | null;
  }[];
  outcomes: {
    outcome: 'done' | 'failed' | 'cancelled' | 'open';
    /**
     * Why it failed.
     */
    kind: string | null;
    turns: number;
  }[];
  feedback: {
    model: string;
    persona: string;
    up: number;
    down: number;
  }[];
  /**
   * Who asked most, 50 at most; null unless `names` is yes.
   */
  people:
    | {
        key: string;
        name: string;
        turns: number;
        tokens: number;
      }[]
    | null;
  /**
   * What there is to filter by in the range.
   */
  choices: {
    platforms: string[];
    models: string[];
  };
  /**
   * From the request to the model until its first token. Within 5%; null where nothing was measured.
   */
  first_token_ms: {
    p50: number;
    p95: number;
  } | null;
  /**
   * From the question until text of the answer could be seen. Within 5%; null where nothing was measured.
   */
  first_text_ms: {
    p50: number;
    p95: number;
  } | null;
  /**
   * Turns of one conversation on one day. Within 5%; null where nothing was measured.
   */
  conversation_turns: {
    p50: number;
    p95: number;
  } | null;
}
export interface Platforms {
  platforms: {
    platform: 'discord' | 'slack';
    /**
     * Guilds or workspaces the bot is in; null until known.
     */
    reach: {
      workspaces: number;
    } | null;
    /**
     * Scopes and intents that it lacks, a sentence each, with what to do.
     */
    missing: string[];
    /**
     * What to do where no process is connected.
     */
    lacks: string | null;
    connections: {
      process: string;
      state: 'connecting' | 'connected' | 'resuming' | 'standby' | 'failed' | 'stopped';
      /**
       * One line: why it failed, or what it cannot do.
       */
      detail: string;
    }[];
  }[];
}
export interface Places {
  places: Place[];
  earlier: number | null;
}
export interface Place {
  key: string;
  platform: 'discord' | 'slack' | 'web';
  workspace: string;
  channel: string;
  thread: string | null;
  /**
   * The channel a Discord thread hangs under.
   */
  parent: string | null;
  kind: 'channel' | 'thread' | 'direct';
  first_used_at: string | null;
  /**
   * What was set here.
   */
  settings: {
    model?: string;
    persona?: string;
    language?: 'auto' | 'en' | 'zh';
    memory?: 'channel' | 'user';
    follow_threads?: boolean;
    parameters?: SetParameters;
    limits?: {
      turns_per_minute?: number;
      tokens_per_day?: number;
    };
  };
  /**
   * What holds here, with what it inherits.
   */
  effective: {
    model?: string;
    persona?: string;
    language?: 'auto' | 'en' | 'zh';
    memory?: 'channel' | 'user';
    follow_threads?: boolean;
    parameters?: SetParameters;
    limits?: {
      turns_per_minute?: number;
      tokens_per_day?: number;
    };
  };
}
/**
 * What is left out stays as it is; null unsets.
 */
export interface PlaceSettingsChange {
  /**
   * An alias of GET /api/models.
   */
  model?: string | null;
  persona?: string | null;
  language?: 'auto' | 'en' | 'zh' | null;
  memory?: 'channel' | 'user' | null;
  follow_threads?: boolean | null;
  /**
   * All of them together.
   */
  parameters?: {
    /**
     * 0 always takes the likeliest token.
     */
    temperature?: number;
    /**
     * Keep the k likeliest tokens; 0 keeps all.
     */
    top_k?: number;
    /**
     * Keep the likeliest tokens that together have this probability.
     */
    top_p?: number;
    /**
     * Drop tokens below this share of the likeliest one.
     */
    min_p?: number;
    /**
     * 1 turns it off.
     */
    repeat_penalty?: number;
    /**
     * Longest answer, in tokens.
     */
    max_tokens?: number;
    /**
     * The same seed, question and memory give the same answer on a local model.
     */
    seed?: number;
    /**
     * Texts that end the answer; not part of it.
     */
    stop?: string | string[];
  } | null;
  /**
   * What one person may use here instead of what the configuration allows; 0 is no limit. Counted over all that the person used, here and elsewhere.
   */
  limits?: {
    turns_per_minute?: number | null;
    tokens_per_day?: number | null;
  } | null;
}
export interface Users {
  /**
   * What the configuration allows each of them; a place may have its own.
   */
  limits: {
    turns_per_minute: number | null;
    tokens_per_day: number | null;
  };
  users: {
    key: string;
    /**
     * Empty where it was forgotten.
     */
    name: string;
    last_asked_at: string;
    /**
     * The last 24 hours; tokens of prompts and replies.
     */
    day: {
      turns: number;
      tokens: number;
    };
    /**
     * The last 30 days.
     */
    month: {
      turns: number;
      tokens: number;
    };
  }[];
  next: string | null;
}
export interface ForgetCall {
  /**
   * The key once more.
   */
  confirm: string;
}
export interface ForgottenUser {
  key: string;
  /**
   * Turns erased.
   */
  forgotten: number;
}
export interface Queue {
  counts: {
    waiting: number;
    running: number;
    failed: number;
  };
  turns: {
    turn_id: number;
    state: 'waiting' | 'running' | 'failed';
    /**
     * The `key` of GET /api/admin/places.
     */
    place: string;
    user: {
      key: string;
      name: string;
    };
    /**
     * Where the message itself asked for one.
     */
    model: string | null;
    attempt: number;
    failure: {
      kind: string;
      /**
       * What its asker was told.
       */
      message: string;
    } | null;
    /**
     * Null unless `show_text` is yes.
     */
    text: string | null;
    asked_at: string;
    started_at: string | null;
    finished_at: string | null;
  }[];
  earlier: number | null;
}
export interface Retried {
  turn_id: number;
}
export interface AdminModels {
  workers: {
    worker: string;
    started_at: string;
    models: AdminModel[];
  }[];
  /**
   * Orders of the last 10 minutes that no worker took or carried out, with what to do.
   */
  not_taken: {
    worker: string;
    alias: string;
    action: 'pull' | 'check' | 'load' | 'unload' | 'delete' | 'cancel';
    problem: string;
  }[];
}
export interface AdminModel {
  alias: string;
  description: string;
  runs: 'local' | 'hosted';
  /**
   * `failed`: it cannot be used; `problem` says why, and what to do.
   */
  state: 'missing' | 'pulling' | 'on-disk' | 'loading' | 'loaded' | 'failed' | 'hosted';
  /**
   * Of its file, here or as the catalog states it.
   */
  size_bytes: number | null;
  /**
   * Tokens; null until known.
   */
  context_window: number | null;
  /**
   * Of what goes on; null where nothing does, or it cannot be told how far it is.
   */
  progress: number | null;
  /**
   * One sentence: what went wrong last, and what to do.
   */
  problem: string | null;
  /**
   * When its whole file was read last, since the worker started.
   */
  checked: {
    at: string;
    ok: boolean;
    problem: string | null;
  } | null;
  /**
   * The order being carried out.
   */
  doing: 'pull' | 'check' | 'load' | 'unload' | 'delete' | 'cancel' | null;
  /**
   * An order that waits for the worker to take it.
   */
  ordered: 'pull' | 'check' | 'load' | 'unload' | 'delete' | 'cancel' | null;
  /**
   * Replies that it is writing, and other uses.
   */
  uses: number;
  /**
   * Whether its file is here, and Parley’s own download.
   */
  deletable: boolean;
  /**
   * Whether this worker answers turns that ask for it. Follows what is on its machine; where `worker.models` lists what it serves, a model that is not listed stays unserved even once it is pulled.
   */
  served: boolean;
}
export interface ModelOrderCall {
  /**
   * All workers where left out.
   */
  worker?: string;
}
export interface ModelOrdered {
  alias: string;
  action: 'pull' | 'check' | 'load' | 'unload' | 'delete' | 'cancel';
  /**
   * Workers that were given the order.
   */
  workers: number;
}
export interface LogExport {
  /**
   * `off`: no running worker has LOGGING_URL. `waiting`: nothing was posted since it started. `failing`: the last post failed.
   */
  state: 'off' | 'ok' | 'failing' | 'waiting';
  /**
   * Where logs go: never more of the address.
   */
  origin: string | null;
  last_success_at: string | null;
  last_failure: {
    at: string;
    reason: string;
  } | null;
  /**
   * Every worker that posts logs. Above it stands the one that fares worst.
   */
  processes: {
    /**
     * `off`: no running worker has LOGGING_URL. `waiting`: nothing was posted since it started. `failing`: the last post failed.
     */
    state: 'off' | 'ok' | 'failing' | 'waiting';
    /**
     * Where logs go: never more of the address.
     */
    origin: string | null;
    last_success_at: string | null;
    last_failure: {
      at: string;
      reason: string;
    } | null;
    process: string;
  }[];
}
export interface ApiKeys {
  keys: ApiKey[];
}
export interface ApiKey {
  id: number;
  name: string;
  /**
   * How the key begins.
   */
  shown: string;
  created_at: string;
  /**
   * Up to a minute too early.
   */
  last_used_at: string | null;
  revoked_at: string | null;
  limits: {
    /**
     * Questions within 60 s; null: no limit.
     */
    turns_per_minute: number | null;
    /**
     * Tokens of prompts and replies within 24 h; null: no limit.
     */
    tokens_per_day: number | null;
  };
}
export interface ApiKeyCall {
  /**
   * Which program it is for.
   */
  name: string;
  /**
   * What all who ask with the key may use together, beside what each of them may.
   */
  limits?: {
    /**
     * Questions within 60 s; null: no limit.
     */
    turns_per_minute?: number | null;
    /**
     * Tokens of prompts and replies within 24 h; null: no limit.
     */
    tokens_per_day?: number | null;
  };
}
/**
 * What is left out stays as it is; null takes a limit away.
 */
export interface ApiKeyChange {
  /**
   * Which program it is for.
   */
  name?: string;
  /**
   * What all who ask with the key may use together, beside what each of them may.
   */
  limits?: {
    /**
     * Questions within 60 s; null: no limit.
     */
    turns_per_minute?: number | null;
    /**
     * Tokens of prompts and replies within 24 h; null: no limit.
     */
    tokens_per_day?: number | null;
  };
}
