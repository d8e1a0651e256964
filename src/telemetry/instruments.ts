import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Platform } from '../domain/address.js';
import type { FailureKind } from '../domain/failure.js';

/** Seconds that a person waits. */
const WAITS = [0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300];
const PLATFORMS = Object.keys({ discord: 0, slack: 0, web: 0 } satisfies Record<Platform, 0>);
const REASONS = Object.keys({
  'provider-unavailable': 0,
  'provider-overloaded': 0,
  'provider-rejected': 0,
  'model-missing': 0,
  'model-unserved': 0,
  'context-overflow': 0,
  'empty-answer': 0,
  'delivery-failed': 0,
  'bad-input': 0,
  setup: 0,
  bug: 0,
} satisfies Record<FailureKind | 'bug', 0>);
const TOKEN_RATES = [1, 2, 5, 10, 20, 40, 80, 160, 320];

export type Instruments = ReturnType<typeof createInstruments>;

/** Every metric of Parley's, and of its process, in a registry of their own. */
export function createInstruments() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `parley_${name}`, help, labelNames, registers });
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Gauge({ name: `parley_${name}`, help, labelNames, registers });
  const histogram = <Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    buckets: number[],
  ) => new Histogram({ name: `parley_${name}`, help, labelNames, buckets, registers });
  const instruments = {
    registry,
    turns: counter('turns_total', 'Turns ended; reason: why one failed', ['platform', 'outcome', 'reason']),
    turnSeconds: histogram(
      'turn_seconds',
      'From a message’s acceptance to the end of its turn',
      ['platform'],
      WAITS,
    ),
    firstToken: histogram(
      'first_token_seconds',
      'From the request to the model until its first token',
      ['model'],
      WAITS,
    ),
    firstVisibleText: histogram(
      'first_visible_text_seconds',
      'From a message’s acceptance to the first text of its reply on the platform',
      ['platform'],
      WAITS,
    ),
    tokensPerSecond: histogram(
      'tokens_per_second',
      'Reply tokens per second after the first',
      ['model'],
      TOKEN_RATES,
    ),
    promptTokens: counter('prompt_tokens_total', 'Tokens of prompts', ['model']),
    cachedTokens: counter('prompt_tokens_cached_total', 'Of these, not evaluated again', ['model']),
    replyTokens: counter('reply_tokens_total', 'Tokens of replies', ['model']),
    sends: counter('sends_total', 'Parts of replies that a platform took; how: post or edit', [
      'platform',
      'how',
    ]),
    editsSaved: counter(
      'edits_saved_total',
      'Versions of replies replaced by newer ones before they were sent',
      ['platform'],
    ),
    rateLimited: counter('rate_limited_total', 'Answers of 429', ['platform', 'method']),
    undecidedSends: counter(
      'undecided_sends_total',
      'Sends of which nobody can tell whether they were applied',
      ['platform'],
    ),
    providerErrors: counter('provider_errors_total', 'Models that could not answer, or not to the end', [
      'model',
      'kind',
    ]),
    breaker: gauge('breaker_state', 'Hosted endpoints: 0 in use, 1 tried again, 2 left alone', ['endpoint']),
    engineStarts: counter('engine_starts_total', 'Starts of a local model’s process', ['model']),
    engineCrashes: counter('engine_crashes_total', 'Ends of a local model’s process that nobody asked for', [
      'model',
    ]),
    slots: gauge('engine_slots', 'Conversations that a local model can answer at once', ['model']),
    slotsUsed: gauge('engine_slots_used', 'Of these, in use now', ['model']),
    slotsWaiting: gauge('engine_waiting', 'Requests that wait for a slot', ['model']),
    queueDepth: gauge('queue_depth', 'Jobs waiting, delayed and running, of all processes', ['queue']),
    unfinished: gauge('turns_unfinished', 'Turns not ended, of all processes; state: pending or running', [
      'state',
    ]),
    oldestPending: gauge(
      'oldest_pending_seconds',
      'Age of the oldest turn that waits; 0 where none does',
      [],
    ),
    sourceFailures: counter('scrape_failures_total', 'Gauges that could not be read for a scrape', [
      'source',
    ]),
  };
  // Prometheus sees no rise from nothing to one: what is alerted on by its first event begins at zero.
  for (const platform of PLATFORMS) {
    instruments.undecidedSends.inc({ platform }, 0);
    for (const outcome of ['done', 'cancelled']) instruments.turns.inc({ platform, outcome, reason: '' }, 0);
    for (const reason of REASONS) instruments.turns.inc({ platform, outcome: 'failed', reason }, 0);
  }
  return instruments;
}
