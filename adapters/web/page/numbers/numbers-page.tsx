import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Numbers } from '../api/api-types.js';
import { sentenceOf } from '../api/call-api.js';
import { address } from '../state/navigation.js';
import { dayFigures } from './day-figures.js';
import { DayFigureView } from './figures.js';
import { FilterForm } from './filter-form.js';
import { type Filters, readFilters } from './filters.js';
import { asCount, asDay } from './formats.js';
import { fetchNumbers } from './numbers.js';
import { FeedbackFigure, ModelsFigure, OutcomesFigure, PeopleFigure } from './range-figures.js';
import { SAID } from './sentences.js';
import { Tiles } from './tiles.js';
import './numbers.css';

interface Shown {
  readonly body: Numbers;
  /** What `body` is of. */
  readonly filters: Filters;
}

/** How many asked what, how fast they were answered, and what they thought of it. */
export function NumbersPage() {
  const shown = useSignal<Shown | null>(null);
  const problem = useSignal('');
  const busy = useSignal(true);
  const tries = useSignal(0);
  const { query } = address.value;
  const filters = useMemo(() => readFilters(query, Date.now()), [query]);

  const attempt = tries.value;
  useEffect(() => {
    void attempt;
    const left = new AbortController();
    busy.value = true;
    problem.value = '';
    fetchNumbers(filters, left.signal).then(
      (body) => {
        if (left.signal.aborted) return;
        shown.value = { body, filters };
        busy.value = false;
      },
      (error: unknown) => {
        if (left.signal.aborted) return;
        problem.value = sentenceOf(error);
        busy.value = false;
      },
    );
    return () => left.abort();
  }, [filters, attempt, shown, problem, busy]);

  const { value } = shown;
  return (
    <section class="numbers" aria-label={SAID.title} aria-busy={busy.value}>
      <h1>{SAID.title}</h1>
      <p class="quiet">{SAID.days}</p>
      <FilterForm
        filters={filters}
        platforms={value?.body.choices.platforms ?? []}
        models={value?.body.choices.models ?? []}
      />
      <p class="quiet" role="status">
        {busy.value ? SAID.loading : problem.value === '' && value && summary(value)}
      </p>
      {problem.value !== '' && (
        <p class="problem" role="alert">
          {problem.value}{' '}
          <button
            type="button"
            class="button"
            onClick={() => {
              tries.value += 1;
            }}
          >
            {SAID.again}
          </button>
        </p>
      )}
      {problem.value === '' && value && <Figures {...value} />}
    </section>
  );
}

function summary({ body, filters }: Shown): string {
  const turns = body.days.reduce((sum, row) => sum + row.turns, 0);
  return SAID.loaded(asCount(turns), asDay(filters.from), asDay(filters.to));
}

function Figures({ body, filters }: Shown) {
  const figures = useMemo(() => dayFigures(body, filters.from, filters.to), [body, filters]);
  if (body.days.length === 0) return <p class="nothing">{SAID.empty}</p>;
  return (
    <>
      <Tiles body={body} />
      <div class="figures">
        {figures.map((figure) => (
          <DayFigureView key={figure.key} figure={figure} filters={filters} />
        ))}
        <OutcomesFigure body={body} filters={filters} />
        <FeedbackFigure body={body} filters={filters} />
        <ModelsFigure body={body} filters={filters} />
        <PeopleFigure body={body} filters={filters} />
      </div>
    </>
  );
}
