import type { Numbers } from '../api/api-types.js';
import { BarTable } from './bar-table.js';
import { Figure } from './figures.js';
import type { Filters } from './filters.js';
import { asCost, asCount, asDecimal, asShare, asShort } from './formats.js';
import { COLUMNS, FIGURES, OUTCOMES, SAID } from './sentences.js';

interface RangeFigureProps {
  readonly body: Numbers;
  readonly filters: Filters;
}

const word = (heading: string) => ({ heading, number: false });
const number = (heading: string) => ({ heading, number: true });

export function ModelsFigure({ body: { models, currency }, filters }: RangeFigureProps) {
  const most = Math.max(1, ...models.map((row) => row.prompt_tokens + row.reply_tokens));
  const cost = asCost(currency);
  return (
    <Figure figure="models" filters={filters} table="models" wide>
      <BarTable
        label={SAID.tableOf(FIGURES.models[0])}
        columns={[
          word(COLUMNS.model),
          ...[COLUMNS.turns, COLUMNS.prompt, COLUMNS.cached, COLUMNS.reply].map(number),
          ...[COLUMNS.replaced, COLUMNS.speed, COLUMNS.cost].map(number),
        ]}
        rows={models.map((row) => ({
          key: row.model,
          cells: [
            row.model || SAID.noModel,
            asCount(row.turns),
            asShort(row.prompt_tokens),
            asShort(row.cached_tokens),
            asShort(row.reply_tokens),
            asShort(row.replaced_tokens),
            asDecimal(row.tokens_per_second),
            cost(row.estimated_cost),
          ],
          bar: [row.prompt_tokens / most, row.reply_tokens / most],
        }))}
      />
    </Figure>
  );
}

export function OutcomesFigure({ body: { outcomes }, filters }: RangeFigureProps) {
  const all = outcomes.reduce((sum, { turns }) => sum + turns, 0);
  return (
    <Figure figure="outcomes" filters={filters} table="outcomes">
      <BarTable
        label={SAID.tableOf(FIGURES.outcomes[0])}
        columns={[word(COLUMNS.outcome), number(COLUMNS.turns), number(COLUMNS.share)]}
        rows={outcomes.map(({ outcome, kind, turns }) => ({
          key: `${outcome} ${kind}`,
          cells: [
            kind === null ? OUTCOMES[outcome] : `${OUTCOMES[outcome]}: ${kind}`,
            asCount(turns),
            asShare(turns / all),
          ],
          bar: [turns / all],
        }))}
      />
    </Figure>
  );
}

/** Only where somebody asked for names. */
export function PeopleFigure({ body: { people }, filters }: RangeFigureProps) {
  if (people === null) return null;
  const most = Math.max(1, ...people.map(({ turns }) => turns));
  return (
    <Figure figure="people" filters={filters} table="people" wide>
      <BarTable
        label={SAID.tableOf(FIGURES.people[0])}
        columns={[word(COLUMNS.name), number(COLUMNS.turns), number(COLUMNS.tokens)]}
        rows={people.map(({ key, name, turns, tokens }) => ({
          key,
          cells: [`${name || SAID.noName} (${key})`, asCount(turns), asCount(tokens)],
          bar: [turns / most],
        }))}
      />
    </Figure>
  );
}

export function FeedbackFigure({ body: { feedback }, filters }: RangeFigureProps) {
  return (
    <Figure figure="feedback" filters={filters} table="feedback" wide>
      <BarTable
        label={SAID.tableOf(FIGURES.feedback[0])}
        columns={[
          ...[COLUMNS.model, COLUMNS.persona].map(word),
          ...[COLUMNS.up, COLUMNS.down, COLUMNS.share].map(number),
        ]}
        rows={feedback.map(({ model, persona, up, down }) => ({
          key: `${model} ${persona}`,
          cells: [
            model || SAID.noModel,
            persona || SAID.noPersona,
            asCount(up),
            asCount(down),
            asShare(up / (up + down)),
          ],
          bar: [up / (up + down), down / (up + down)],
        }))}
      />
    </Figure>
  );
}
