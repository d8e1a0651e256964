import type { SlackDouble } from '../doubles/slack/slack-double.js';
import { type Channel, type Person, shownButtons, shownText } from '../doubles/slack/workspace.js';
import type { Activity } from './activity.js';
import { questionText, tagOfAnswer } from './marked-words.js';
import type { AskedQuestion, Talk, Telling, Venue } from './talk.js';

/** Direct messages, and threads in which somebody mentions the bot again and again. */
export class SlackVenue implements Venue {
  readonly talks: readonly Talk[];
  readonly #slack: SlackDouble;
  readonly #channels: Channel[] = [];
  readonly #seen = new Map<string, string>();
  readonly #takenAt = new Map<string, number>();
  /** Events to be told again. */
  #later = 0;

  constructor(slack: SlackDouble, count: number) {
    this.#slack = slack;
    this.talks = Array.from({ length: count }, (_, i) => {
      const person = slack.person(`Person ${i}`);
      return i % 2 === 0 ? this.#directTalk(person) : this.#threadTalk(person, i);
    });
  }

  observe(activity: Activity): void {
    for (const { payload, state } of this.#slack.deliveries) {
      if (state !== 'delivered') continue;
      const key = keyOfEvent(payload['event']);
      if (key !== null && !this.#takenAt.has(key)) this.#takenAt.set(key, Date.now());
    }
    for (const channel of this.#channels) {
      for (const message of this.#slack.botMessages(channel)) {
        const shown = shownText(message);
        const finished = shownButtons(message).length > 1;
        const now = `${finished} ${shown}`;
        const tag = tagOfAnswer(shown);
        if (tag === null || this.#seen.get(message.ts) === now) continue;
        this.#seen.set(message.ts, now);
        activity.changed(tag, finished);
      }
    }
  }

  pending(): boolean {
    return this.#later > 0 || this.#slack.deliveries.some(({ state }) => state === 'waiting');
  }

  limited(): number {
    return this.#slack.calls.filter(({ result }) => result === 'ratelimited').length;
  }

  #directTalk(person: Person): Talk {
    const channel = this.#slack.directChannel(person);
    this.#channels.push(channel);
    return this.#talk(channel, (text) => this.#slack.dm(person, text).ts);
  }

  #threadTalk(person: Person, i: number): Talk {
    const channel = this.#slack.channel(`chaos-${i}`, [person]);
    this.#channels.push(channel);
    let thread: string | undefined;
    return this.#talk(channel, (text) => {
      const { ts } = this.#slack.mention(person, channel, text, thread === undefined ? {} : { thread });
      thread ??= ts;
      return ts;
    });
  }

  #talk(channel: Channel, say: (text: string) => string): Talk {
    const slack = this.#slack;
    return {
      name: `slack/${channel.id}`,
      reachable: () => slack.socket.connections.length > 0,
      ask: (tag, telling) => this.#ask(channel, say, tag, telling),
      shown: () => slack.shown(channel),
    };
  }

  #ask(channel: Channel, say: (text: string) => string, tag: string, telling: Telling): AskedQuestion {
    const slack = this.#slack;
    const before = slack.deliveries.length;
    const ts = say(questionText(tag));
    if (telling.twiceAfterMs !== null) {
      const [told] = slack.deliveries.slice(before);
      if (told) {
        this.#later++;
        setTimeout(() => {
          this.#later--;
          slack.redeliver(told);
        }, telling.twiceAfterMs);
      }
    }
    const key = `slack/${channel.id}/${ts}`;
    const takenAt = () => this.#takenAt.get(key) ?? null;
    return {
      tag,
      conversation: `slack/${channel.id}`,
      key,
      askedAt: Date.now(),
      takenAt,
      mayBeMissed: () => takenAt() === null,
    };
  }
}

function keyOfEvent(event: unknown): string | null {
  if (typeof event !== 'object' || event === null || !('channel' in event) || !('ts' in event)) return null;
  return `slack/${String(event.channel)}/${String(event.ts)}`;
}
