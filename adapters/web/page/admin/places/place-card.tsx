import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Models, Options, Place } from '../../api/api-types.js';
import { Moment } from '../../parts/moment.js';
import { showNumber } from '../../parts/show-number.js';
import type { PlaceSettings } from '../admin-api.js';
import { SAID } from '../sentences.js';
import { PlaceForm } from './place-form.js';
import { placeName } from './place-name.js';

interface PlaceCardProps {
  readonly place: Place;
  /** null while they are not known. */
  readonly options: Options | null;
  readonly models: Models | null;
  /** After the server took a change. */
  readonly onChanged: () => Promise<void>;
}

/** A place with what holds in it, and on demand the form that changes this. */
export function PlaceCard({ place, options, models, onChanged }: PlaceCardProps) {
  const isOpen = useSignal(false);
  const toggle = useRef<HTMLButtonElement>(null);
  const { settings, effective } = place;
  const name = placeName(place);
  const close = () => {
    isOpen.value = false;
    toggle.current?.focus();
  };

  return (
    <li class="card">
      <div class="card-head">
        <div>
          <h2>{name}</h2>
          <span class="key">
            {SAID.platform[place.platform]}
            {place.workspace !== '-' && ` · ${SAID.workspace(place.workspace)}`} · {SAID.since}{' '}
            <Moment at={place.first_used_at} />
          </span>
        </div>
        <button
          ref={toggle}
          type="button"
          class="button small"
          aria-expanded={isOpen.value}
          aria-label={SAID.changeLabel(name)}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          {SAID.change}
        </button>
      </div>
      {isOpen.value ? (
        <PlaceForm
          place={place}
          options={options}
          models={models}
          onSaved={async () => {
            await onChanged();
            close();
          }}
          onCancel={close}
        />
      ) : (
        <dl class="facts">
          {FACTS.map(({ title, isSet, show }) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>
                {show(effective)}
                {isSet(settings) && <span class="mark">{SAID.setHere}</span>}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

interface Fact {
  readonly title: string;
  readonly isSet: (own: PlaceSettings) => boolean;
  readonly show: (holds: PlaceSettings) => string;
}

const FACTS: readonly Fact[] = [
  { title: SAID.model, isSet: ({ model }) => model !== undefined, show: ({ model }) => model ?? '' },
  {
    title: SAID.persona,
    isSet: ({ persona }) => persona !== undefined,
    show: ({ persona }) => persona ?? '',
  },
  {
    title: SAID.language,
    isSet: ({ language }) => language !== undefined,
    show: ({ language }) => (language ? SAID.languages[language] : ''),
  },
  {
    title: SAID.memory,
    isSet: ({ memory }) => memory !== undefined,
    show: ({ memory }) => (memory ? SAID.memories[memory] : ''),
  },
  {
    title: SAID.questionsAMinuteShort,
    isSet: ({ limits }) => limits?.turns_per_minute !== undefined,
    show: ({ limits }) => limitText(limits?.turns_per_minute),
  },
  {
    title: SAID.tokensADayShort,
    isSet: ({ limits }) => limits?.tokens_per_day !== undefined,
    show: ({ limits }) => limitText(limits?.tokens_per_day),
  },
];

function limitText(limit: number | undefined): string {
  if (limit === undefined) return SAID.asConfigured;
  return limit === 0 ? SAID.noLimit : showNumber(limit);
}
