import { useSignal } from '@preact/signals';
import { go, goWithin } from '../state/navigation.js';
import { addressOf, daysBetween, type Filters, RANGES } from './filters.js';
import { SAID } from './sentences.js';

/** Most days of one answer of the API. */
const MOST_DAYS = 400;

interface FilterFormProps {
  readonly filters: Filters;
  readonly platforms: readonly string[];
  readonly models: readonly string[];
}

/** What the numbers are of. All of it stands in the address, so that it can be kept and sent. */
export function FilterForm({ filters, platforms, models }: FilterFormProps) {
  const problem = useSignal('');

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const given = new FormData(event.currentTarget);
    const [from, to] = [String(given.get('from')), String(given.get('to'))];
    problem.value = rangeProblem(from, to);
    if (problem.value === '') go(addressOf({ ...filters, days: null, from, to }));
  }

  return (
    <form class="filters" onSubmit={submit} noValidate>
      <ul class="ranges" aria-label={SAID.range}>
        {RANGES.map((days) => {
          const href = addressOf({ ...filters, days });
          return (
            <li key={days}>
              <a
                class="button"
                href={href}
                aria-current={days === filters.days ? 'true' : undefined}
                onClick={(event) => {
                  problem.value = '';
                  goWithin(event, href);
                }}
              >
                {SAID.lastDays(days)}
              </a>
            </li>
          );
        })}
      </ul>
      <div class="dates" key={`${filters.from} ${filters.to}`}>
        <DayField name="from" label={SAID.from} day={filters.from} wrong={problem.value !== ''} />
        <DayField name="to" label={SAID.to} day={filters.to} wrong={problem.value !== ''} />
        <button type="submit" class="button">
          {SAID.show}
        </button>
      </div>
      <div class="choices">
        <Choice
          label={SAID.platform}
          all={SAID.allPlatforms}
          chosen={filters.platform}
          names={platforms}
          onChoose={(platform) => go(addressOf({ ...filters, platform }))}
        />
        <Choice
          label={SAID.model}
          all={SAID.allModels}
          chosen={filters.model}
          names={models}
          onChoose={(model) => go(addressOf({ ...filters, model }))}
        />
        <label class="names">
          <input
            type="checkbox"
            checked={filters.names}
            onChange={(event) => go(addressOf({ ...filters, names: event.currentTarget.checked }))}
          />
          {SAID.names}
        </label>
      </div>
      <p id="range-problem" class="problem" role="alert">
        {problem.value}
      </p>
    </form>
  );
}

function rangeProblem(from: string, to: string): string {
  if (Number.isNaN(Date.parse(from)) || Number.isNaN(Date.parse(to))) return SAID.wrongDay;
  if (from > to) return SAID.wrongOrder;
  return daysBetween(from, to, MOST_DAYS + 1).length > MOST_DAYS ? SAID.tooMany(MOST_DAYS) : '';
}

interface DayFieldProps {
  readonly name: string;
  readonly label: string;
  readonly day: string;
  readonly wrong: boolean;
}

function DayField({ name, label, day, wrong }: DayFieldProps) {
  return (
    <label>
      <span>{label}</span>
      <input
        type="date"
        name={name}
        defaultValue={day}
        aria-describedby="range-problem"
        aria-invalid={wrong}
      />
    </label>
  );
}

interface ChoiceProps {
  readonly label: string;
  /** What stands for no choice. */
  readonly all: string;
  readonly chosen: string;
  readonly names: readonly string[];
  readonly onChoose: (name: string) => void;
}

function Choice({ label, all, chosen, names, onChoose }: ChoiceProps) {
  const shown = chosen === '' || names.includes(chosen) ? names : [...names, chosen];
  return (
    <label>
      <span class="unseen">{label}</span>
      <select value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
        <option value="">{all}</option>
        {shown.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
