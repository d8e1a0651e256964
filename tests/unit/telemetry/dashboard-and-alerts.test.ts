import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createInstruments } from '../../../src/telemetry/instruments.js';

const DASHBOARD = z.object({
  panels: z.array(z.object({ targets: z.array(z.object({ expr: z.string() })).default([]) })),
});
const ALERTS = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          labels: z.object({ severity: z.enum(['critical', 'warning', 'info']) }),
          annotations: z.object({ summary: z.string() }),
        }),
      ),
    }),
  ),
});

/** What `promtool test rules` runs. */
const RULE_TESTS = z.object({
  tests: z.array(
    z.object({
      alert_rule_test: z.array(
        z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()).default([]) }),
      ),
    }),
  ),
});

/** Name of a metric, and what it is labelled by, as an expression uses it. */
const USED = /\b((?:parley|process|nodejs)_\w+)(?:\{([^}]*)\})?/g;

let known: Map<string, readonly string[]>;
let rules: z.infer<typeof ALERTS>['groups'][number]['rules'];
let expressions: { alerts: string[]; dashboard: string[] };

beforeAll(async () => {
  const metrics = createInstruments().registry.getMetricsAsArray();
  known = new Map(
    metrics.flatMap((metric) => {
      const { name, type } = metric as typeof metric & { readonly type?: string };
      const labels = 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames : [];
      const names =
        'buckets' in metric || type === 'histogram'
          ? [`${name}_bucket`, `${name}_sum`, `${name}_count`]
          : [name];
      return names.map((each) => [each, labels] as const);
    }),
  );
  rules = ALERTS.parse(parse(await readFile('deploy/prometheus/alerts.yaml', 'utf8'))).groups.flatMap(
    (group) => group.rules,
  );
  const { panels } = DASHBOARD.parse(JSON.parse(await readFile('deploy/grafana/parley.json', 'utf8')));
  expressions = {
    alerts: rules.map(({ expr }) => expr),
    dashboard: panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  };
});

describe.each(['alerts', 'dashboard'] as const)('the %s', (file) => {
  test('name metrics that there are, by labels that they have', () => {
    const unknown = expressions[file].flatMap((expression) =>
      [...expression.matchAll(USED)].flatMap(([, name = '', labels = '']) => {
        const has = known.get(name);
        if (!has) return [name];
        const asked = [...labels.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label);
        return asked
          .filter((label) => label !== 'job' && !has.includes(label))
          .map((label) => `${name}{${label}}`);
      }),
    );
    expect(expressions[file].length).toBeGreaterThan(10);
    expect(unknown).toEqual([]);
  });

  test('group by labels that the metrics have', () => {
    const unknown = expressions[file].flatMap((expression) =>
      [...expression.matchAll(/by \(([^)]*)\) \((?:\w+\()?(\w+)/g)].flatMap(([, by = '', name = '']) =>
        by.split(/,\s*/).filter((label) => label !== 'le' && !known.get(name)?.includes(label)),
      ),
    );
    expect(unknown).toEqual([]);
  });
});

test('the dashboard shows every metric of Parley’s', () => {
  const shown = expressions.dashboard.join(' ');
  const missing = [...known.keys()]
    .filter((name) => name.startsWith('parley_'))
    .map((name) => name.replace(/_(bucket|sum|count)$/, ''))
    .filter((name) => !shown.includes(name));
  expect(missing).toEqual([]);
});

test('for every alert there is a case in which it fires, and one in which it does not', async () => {
  const { tests } = RULE_TESTS.parse(parse(await readFile('deploy/prometheus/alerts.test.yaml', 'utf8')));
  const cases = tests.flatMap((each) => each.alert_rule_test);
  const named = (fires: boolean) =>
    cases.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map(({ alertname }) => alertname);
  const alerts = rules.map(({ alert }) => alert).sort();
  expect(named(true).sort()).toEqual(alerts);
  expect(named(false).sort()).toEqual(alerts);
});

test('every alert is explained in docs/operations.md, and nothing else', async () => {
  const text = await readFile('docs/operations.md', 'utf8');
  const explained = [...text.matchAll(/^\| `(Parley\w+)` \|/gm)].map(([, name]) => name);
  expect(explained.sort()).toEqual(rules.map(({ alert }) => alert).sort());
});
