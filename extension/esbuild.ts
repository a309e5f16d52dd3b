/** Bundles the extension, its renderers of outputs, each for itself since they are large, and the suites that run inside the editor's extension host, into dist/. `--watch` stays and rebuilds. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, type Plugin, build, context } from 'esbuild';

const here = import.meta.dirname;
const production = process.argv.includes('--production');
const tests = join(here, 'test/index.ts');

/** Zod's messages in fifty languages, a third of the bundle, which its namespace would keep; English is imported by itself. */
const withoutLocales: Plugin = {
  name: 'without-locales',
  setup: ({ onLoad }) => onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: 'export {};' })),
};

const common: BuildOptions = {
  bundle: true,
  platform: 'node',
  // What VS Code 1.100, the oldest one supported, runs its extensions on.
  target: 'node20',
  // VS Code's own loader and every fork of it take CommonJS; `.cjs` because the package itself is made of modules.
  format: 'cjs',
  external: ['vscode'],
  sourcemap: !production,
  logLevel: 'warning',
  // The ESM builds tree-shake; `ws` looks for two native add-ons that it does not need.
  mainFields: ['module', 'main'],
  plugins: [withoutLocales],
  define: { 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' },
};

const bundles: BuildOptions[] = [
  { ...common, entryPoints: [join(here, 'src/extension.ts')], outfile: join(here, 'dist/extension.cjs'), minify: production },
  {
    bundle: true,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    entryPoints: ['json', 'plotly', 'vega'].map((name) => join(here, `src/renderers/${name}.ts`)),
    outdir: join(here, 'dist/renderers'),
    minify: true,
    logLevel: 'warning',
  },
  ...(production || !existsSync(tests)
    ? []
    : [{ ...common, entryPoints: [tests], outfile: join(here, 'dist/test/index.cjs'), external: ['vscode', 'mocha'] }]),
];

if (process.argv.includes('--watch')) {
  for (const options of bundles) await (await context({ ...options, logLevel: 'info' })).watch();
} else {
  await Promise.all(bundles.map((options) => build(options)));
}
