import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { ENVIRONMENT } from '../../../src/config/environment.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { PACKAGE_ROOT } from '../../../src/process/compiled-entry.js';

const VARIABLES = new Set([...Object.keys(ENVIRONMENT.shape), 'NODE_ENV']);
const ROLES = ['gateway', 'worker', 'web'];
const text = (...file: string[]) => readFile(path.join(PACKAGE_ROOT, ...file), 'utf8');

/** What a process with these variables, and a bot token, does about the Discord proxy. */
async function discordProxy(env: Readonly<Record<string, string>>) {
  // Compose fills in what the files name by ${…}.
  const DATABASE_URL = 'postgresql://parley:secret@postgres:5432/parley';
  const others = { DISCORD_TOKEN: 'a.bot.token', PARLEY_API_KEY: 'a-key-of-the-api', DATABASE_URL };
  const { discord } = await loadConfig({ env: { ...env, ...others }, cwd: os.tmpdir() });
  return discord?.proxy ?? { listen: null, url: null };
}

describe('compose.yaml', () => {
  const SERVICE = z.looseObject({
    image: z.string(),
    command: z.array(z.string()).optional(),
    environment: z.record(z.string(), z.string()).optional(),
    depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).optional(),
    healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
    ports: z.array(z.string()).default([]),
    volumes: z.array(z.string()).default([]),
    stop_grace_period: z.string().optional(),
    deploy: z.unknown().optional(),
  });
  const FILE = z.looseObject({
    services: z.record(z.string(), SERVICE),
    volumes: z.record(z.string(), z.null()),
  });
  const read = async () => FILE.parse(parse(await text('compose.yaml'), { merge: true }));

  test('runs every role, with variables that there are', async () => {
    const { services } = await read();
    const parley = Object.values(services).filter(({ image }) => image.startsWith('parley'));
    expect(parley.map(({ command }) => command?.join(' ')).sort()).toEqual([...ROLES, 'worker'].sort());
    for (const { environment = {} } of parley) {
      expect(Object.keys(environment).filter((name) => !VARIABLES.has(name))).toEqual([]);
      expect(environment).toMatchObject({ DATABASE_URL: expect.any(String), REDIS_URL: expect.any(String) });
    }
  });

  test('waits for servers that tell when they are healthy, and names only volumes that there are', async () => {
    const { services, volumes } = await read();
    for (const service of Object.values(services)) {
      for (const name of Object.keys(service.depends_on ?? {}))
        expect(services[name]?.healthcheck).toBeDefined();
      const named = service.volumes
        .map((mount) => mount.split(':')[0])
        .filter((name) => /^\w+$/.test(name ?? ''));
      expect(Object.keys(volumes)).toEqual(expect.arrayContaining(named));
    }
  });

  test('keeps the queue, pins what is fetched, and opens a port on this machine alone', async () => {
    const { services } = await read();
    expect(services['redis']?.command?.join(' ')).toMatch(/--appendonly yes.*--maxmemory-policy noeviction/);
    for (const { image } of Object.values(services)) expect(image).toMatch(/^parley:local|:\d+\.\d+/);
    const ports = Object.values(services).flatMap((service) => service.ports);
    expect(ports).toEqual(['127.0.0.1:3000:3000']);
    expect(services['worker-gpu']?.deploy).toMatchObject({
      resources: { reservations: { devices: [{ driver: 'nvidia', capabilities: ['gpu'] }] } },
    });
  });

  test('one gateway takes the Discord requests of all, where they find it by its name', async () => {
    const { services } = await read();
    const { listen, url } = await discordProxy(services['gateway']?.environment ?? {});
    expect(listen).toMatchObject({ host: '0.0.0.0' });
    expect(url).toBe(`http://gateway:${listen?.port}`);
    for (const name of ['worker', 'worker-gpu', 'web'])
      expect(await discordProxy(services[name]?.environment ?? {})).toEqual({ listen: null, url: null });
  });
});

describe('the Kubernetes example', () => {
  const PROBE = z.looseObject({ httpGet: z.object({ path: z.string(), port: z.literal('http') }) });
  const FIELD = z.object({ fieldRef: z.object({ fieldPath: z.literal('status.podIP') }) });
  const ENV = z.union([
    z.strictObject({ name: z.string(), value: z.string() }),
    z.strictObject({ name: z.string(), valueFrom: FIELD }),
  ]);
  const DEPLOYMENT = z.looseObject({
    kind: z.literal('Deployment'),
    spec: z.looseObject({
      selector: z.object({ matchLabels: z.record(z.string(), z.string()) }),
      template: z.looseObject({
        metadata: z.object({ labels: z.record(z.string(), z.string()) }),
        spec: z.looseObject({
          enableServiceLinks: z.literal(false),
          terminationGracePeriodSeconds: z.number(),
          securityContext: z.looseObject({ runAsNonRoot: z.literal(true) }),
          containers: z.tuple([
            z.looseObject({
              args: z.array(z.string()),
              env: z.array(ENV),
              ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
              startupProbe: PROBE,
              livenessProbe: PROBE,
              readinessProbe: PROBE,
              volumeMounts: z.array(z.looseObject({ name: z.string() })),
            }),
          ]),
          volumes: z.array(z.looseObject({ name: z.string() })),
        }),
      }),
    }),
  });
  const NAMED = z.looseObject({ kind: z.string(), metadata: z.object({ name: z.string() }).loose() });
  const folder = path.join(PACKAGE_ROOT, 'deploy', 'kubernetes');

  async function documents(): Promise<readonly unknown[]> {
    const files = (await readdir(folder)).filter((file) => file !== 'kustomization.yaml');
    const all = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
    return all.flatMap((source) => parseAllDocuments(source).map((document) => document.toJS() as unknown));
  }
  const deployments = async () =>
    (await documents())
      .filter((document) => NAMED.parse(document).kind === 'Deployment')
      .map((document) => DEPLOYMENT.parse(document).spec);

  test('runs every role as nobody in particular, with variables that there are', async () => {
    const all = await deployments();
    expect(all.map(({ template }) => template.spec.containers[0].args[0]).sort()).toEqual(
      [...ROLES, 'worker'].sort(),
    );
    for (const { selector, template } of all) {
      const [{ env, volumeMounts, ...probes }] = template.spec.containers;
      expect(template.metadata.labels).toEqual(selector.matchLabels);
      expect(env.map(({ name }) => name).filter((name) => !VARIABLES.has(name))).toEqual([]);
      expect(template.spec.volumes.map(({ name }) => name).sort()).toEqual(
        volumeMounts.map(({ name }) => name).sort(),
      );
      expect([probes.startupProbe, probes.livenessProbe].map(({ httpGet }) => httpGet.path)).toEqual([
        '/healthz',
        '/healthz',
      ]);
      expect(probes.readinessProbe.httpGet.path).toBe('/readyz');
    }
  });

  test('the gateway that is connected takes the Discord requests of all at its own address, which pods of Parley’s alone reach', async () => {
    const POD_IP = '10.1.2.3';
    const POLICY = z.looseObject({ spec: z.looseObject({ ingress: z.array(z.unknown()) }) });
    for (const { template } of await deployments()) {
      const [{ args, env, ports }] = template.spec.containers;
      const set = Object.fromEntries(env.map((each) => [each.name, 'value' in each ? each.value : POD_IP]));
      const { listen, url } = await discordProxy(set);
      const port = ports.find(({ name }) => name === 'discord-proxy')?.containerPort;
      expect(listen).toEqual(args[0] === 'gateway' ? { host: POD_IP, port } : null);
      expect(url).toBeNull();
    }
    const policy = (await documents()).find((document) => NAMED.parse(document).kind === 'NetworkPolicy');
    const open = POLICY.parse(policy).spec.ingress.filter((rule) => JSON.stringify(rule).includes('proxy'));
    expect(open).toEqual([
      {
        ports: [{ port: 'discord-proxy' }],
        from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'parley' } } }],
      },
    ]);
  });

  test('its configuration can be used, and leaves a stop time to finish replies', async () => {
    const config = (await documents()).find((document) => NAMED.parse(document).kind === 'ConfigMap');
    const { data } = z.looseObject({ data: z.record(z.string(), z.string()) }).parse(config);
    const cwd = await mkdtemp(path.join(os.tmpdir(), 'deploy-'));
    try {
      await writeFile(path.join(cwd, 'parley.config.yaml'), data['parley.config.yaml'] ?? '');
      const { worker } = await loadConfig({ env: {}, cwd });
      for (const { template } of await deployments())
        expect(template.spec.terminationGracePeriodSeconds * 1000).toBeGreaterThanOrEqual(
          worker.finishMs + 20_000,
        );
    } finally {
      await rm(cwd, { recursive: true });
    }
  });

  test('the kustomization names files that there are, every one but the GPU’s', async () => {
    const { resources } = z
      .looseObject({ resources: z.array(z.string()) })
      .parse(parse(await text('deploy', 'kubernetes', 'kustomization.yaml')));
    const files = (await readdir(folder)).filter((file) => file !== 'kustomization.yaml');
    expect(resources.concat('worker-gpu.yaml').sort()).toEqual(files.sort());
  });
});

describe('the systemd units', () => {
  const folder = path.join(PACKAGE_ROOT, 'deploy', 'systemd');

  test('run every role, with variables that there are, and let it end its own children', async () => {
    const roles: string[] = [];
    for (const file of await readdir(folder)) {
      const unit = await readFile(path.join(folder, file), 'utf8');
      roles.push(/^ExecStart=\S+ \S+\/dist\/src\/main\.js (\S+)$/m.exec(unit)?.[1] ?? '');
      const set = [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(
        ([, assigned]) => assigned?.split(' ') ?? [],
      );
      expect(
        set.map((assigned) => assigned.split('=')[0]).filter((name) => !VARIABLES.has(name ?? '')),
      ).toEqual([]);
      expect(unit.includes('DISCORD_PROXY_PORT=')).toBe(file.startsWith('parley-gateway'));
      expect(unit).toMatch(/^KillMode=mixed$/m);
      expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThanOrEqual(30);
    }
    expect(roles.sort()).toEqual([...ROLES].sort());
  });
});

describe('the Dockerfile', () => {
  test('copies nothing that .dockerignore keeps out, and runs as nobody in particular', async () => {
    const dockerfile = await text('Dockerfile');
    const stages = dockerfile.split(/^(?=FROM )/m).filter((stage) => stage.includes('ENTRYPOINT'));
    expect(stages).toHaveLength(2);
    for (const stage of stages) {
      expect(stage).toMatch(/^USER 1000:1000$/m);
      expect(stage).toMatch(/^HEALTHCHECK .*check-health\.mjs"\]$/m);
    }
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-\S+@sha256:[0-9a-f]{64}$/m);
    const kept = new Set([...(await text('.dockerignore')).matchAll(/^!(.+)$/gm)].map(([, name]) => name));
    for (const name of ['package.json', 'package-lock.json', 'LICENSE', 'prisma', 'deploy/check-health.mjs'])
      expect(kept).toContain(name);
    expect(kept).not.toContain('.env');
  });

  test('removes no package that Parley names itself', async () => {
    const manifest = z
      .looseObject({ dependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(await text('package.json')));
    const removed = /^RUN cd node_modules && rm -rf ([^\\]+)/m
      .exec(await text('Dockerfile'))?.[1]
      ?.trim()
      .split(' ');
    expect(removed).toContain('prisma');
    const named = Object.keys(manifest.dependencies);
    expect(
      named.filter((name) => removed?.some((gone) => name === gone || name.startsWith(`${gone}/`))),
    ).toEqual([]);
  });
});
