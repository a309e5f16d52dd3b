/** What the documents say is compared with what there is: settings, commands, links. */
import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { access, readFile, readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import api from '../api/openapi.json' with { type: 'json' };
import { table } from '../cli/src/table.ts';
import { isGroup, type Group, type Verb } from '../cli/src/verb.ts';
import extension from '../extension/package.json' with { type: 'json' };
import { flagTypes } from '../gateway/src/config.ts';
import { problems } from '../shared/src/problems.ts';

const root = resolve(import.meta.dirname, '..');
const notOurs = (name: string) => /^(node_modules|dist|\.git|\.cache)$/.test(name);

const filesLike = (pattern: string) => globSync(pattern, { cwd: root, exclude: notOurs }).map((name) => join(root, name));

const read = (name: string) => readFile(join(root, name), 'utf8');
const documents = filesLike('**/*.md');

describe('docs/configuration.md', async () => {
  const page = await read('docs/configuration.md');
  const names = (name: string) => new RegExp(`${name}(?![\\w-])`).test(page);

  it('has every flag of the gateway', () => {
    assert.deepEqual(
      Object.keys(flagTypes)
        .map((name) => `--${name}`)
        .filter((flag) => !names(flag)),
      [],
    );
  });

  it('has every setting of the extension with its default', () => {
    const settings = Object.entries(extension.contributes.configuration.properties);
    assert.ok(settings.length > 0);
    const rows = settings.map(([name, { default: value }]) => `| \`${name}\` | \`${JSON.stringify(value)}\` |`);
    assert.deepEqual(
      rows.filter((row) => !page.includes(row)),
      [],
    );
  });

  it('has every variable that the sources name', async () => {
    const sources = filesLike('{shared,client,gateway,cli,extension,images,test,tools}/**/*.{ts,py,sh}');
    const texts = await Promise.all([...sources, join(root, 'bine')].map((file) => readFile(file, 'utf8')));
    const variables = new Set(texts.flatMap((text) => text.match(/\bBINE_[A-Z]+(?:_[A-Z]+)*\b/g) ?? []));
    assert.ok(variables.size > 30);
    assert.deepEqual(
      [...variables].filter((name) => !names(name)),
      [],
    );
  });
});

describe('docs/api.md', async () => {
  const page = await read('docs/api.md');
  const paths: Record<string, object> = api.paths;
  const isKnown = (method: string, path: string) => {
    const pattern = (known: string) => new RegExp(`^${known.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    return Object.entries(paths).some(([known, item]) => method.toLowerCase() in item && pattern(known).test(path));
  };

  it('names calls that there are', () => {
    const inText = [...page.matchAll(/`(GET|POST|PUT|PATCH|DELETE) (\/[^`]*)`/g)].map(([, method, path]) => [method!, path!]);
    const examples = [...page.matchAll(/^curl (.*?)"\$BINE(\/[^?"]*)/gm)].map(([, words, path]) => {
      const upload = words!.includes('-T ') ? 'PUT' : 'GET';
      return [/-X (\w+)/.exec(words!)?.[1] ?? upload, path!];
    });
    assert.ok(inText.length > 10 && examples.length > 5);
    const wrong = [...inText, ...examples].filter(([method, path]) => path !== '/metrics' && !isKnown(method!, path!));
    assert.deepEqual(wrong, []);
  });

  it('has every problem with its status', () => {
    const rows = page.split('\n').filter((line) => /^\| \d{3}/.test(line));
    const missing = Object.entries(problems).filter(
      ([code, { status }]) => !rows.some((row) => row.includes(`\`${code}\``) && row.split('|')[1]!.includes(`${status}`)),
    );
    assert.deepEqual(missing, []);
  });
});

it('docs/guide/command-line.md has every verb', async () => {
  const lines = (await read('docs/guide/command-line.md')).split('\n');
  const missing: string[] = [];
  const look = (name: string, entry: Verb | Group): void => {
    if (!isGroup(entry)) return;
    const row = lines.find((line) => line.startsWith(`| \`bine ${name}\` |`)) ?? '';
    for (const [word, below] of Object.entries(entry.verbs)) {
      if (isGroup(below)) look(`${name} ${word}`, below);
      else if (!row.includes(`\`${word}\``)) missing.push(`${name} ${word}`);
    }
  };
  for (const { name, load: loadEntry } of table) look(name, await loadEntry());
  assert.deepEqual(missing, []);
});

describe('decision', async () => {
  const index = await read('docs/decisions/README.md');
  for (const file of documents.filter((name) => /decisions\/\d{4}-/.test(name))) {
    it(`${basename(file)} is listed and has a status, a date and its context`, async () => {
      const text = await readFile(file, 'utf8');
      assert.ok(index.includes(`](${basename(file)})`));
      assert.match(text, /^# \d+\. .+\n\nStatus: (?:proposed|accepted|replaced).* · Date: \d{4}-\d\d-\d\d\n/);
      assert.match(text, /^(?:\*\*Context\.\*\*|## Context$)/m);
    });
  }
});

describe('the map of', () => {
  const rooms = globSync('{gateway/src/domains,extension/src}/*/', { cwd: root });
  assert.ok(rooms.length > 20);
  for (const room of rooms) {
    it(`${room} names its files and where to start`, async () => {
      const files = (await readdir(join(root, room))).filter((name) => name.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(name));
      const text = await read(join(room, 'README.md'));
      const named = [...text.matchAll(/`([\w./-]+\.(?:ts|json))`/g)].map(([, name]) => name!);
      assert.deepEqual(
        files.filter((name) => !named.includes(name)),
        [],
      );
      const places = [room, dirname(room), '.', 'gateway/src', 'extension', 'extension/src', 'test/contract'];
      const isThere = (name: string) => places.some((place) => existsSync(join(root, place, name)));
      assert.deepEqual(
        named.filter((name) => !isThere(name)),
        [],
      );
      assert.ok(text.split('\n').length <= 41);
    });
  }
});

describe('the documents', () => {
  for (const file of documents) {
    const name = relative(root, file);

    it(`${name} links to what is there`, async () => {
      assert.deepEqual(await deadLinks(file), []);
    });

    it(`${name} names commands that there are`, async () => {
      const wrong: string[] = [];
      for (const command of commandsIn(await readFile(file, 'utf8'))) {
        const problem = await problemOf(command);
        if (problem) wrong.push(`${command}: ${problem}`);
      }
      assert.deepEqual(wrong, []);
    });
  }
});

it('the documents name commands of the editor as its palette does', async () => {
  const titles = new Set(extension.contributes.commands.map(({ category, title }) => `${category}: ${title}`));
  const texts = await Promise.all(documents.map((file) => readFile(file, 'utf8')));
  const named = texts.flatMap((text) => [...text.matchAll(/\*\*(Bine: [^*]+)\*\*/g)].map(([, title]) => title!));
  assert.ok(named.length > 20);
  assert.deepEqual(
    named.filter((title) => !titles.has(title)),
    [],
  );
});

async function deadLinks(file: string): Promise<string[]> {
  const text = withoutCode(await readFile(file, 'utf8'));
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!).filter((link) => !/^[a-z]+:/.test(link));
  const dead = await Promise.all(links.map(async (link) => ((await leadsSomewhere(file, link)) ? [] : [link])));
  return dead.flat();
}

async function leadsSomewhere(file: string, link: string): Promise<boolean> {
  const [path = '', heading] = link.split('#');
  const target = path === '' ? file : resolve(dirname(file), path);
  const isThere = await access(target).then(
    () => true,
    () => false,
  );
  if (!isThere || heading === undefined) return isThere;
  const headings = withoutCode(await readFile(target, 'utf8')).matchAll(/^#+ (.*)$/gm);
  return [...headings].some(([, title]) => anchorOf(title!) === heading);
}

/** As GitHub makes it. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

const fence = /^```[^\n]*\n(.*?)^```/gms;

const withoutCode = (text: string) => text.replaceAll(fence, '').replaceAll(/`[^`\n]+`/g, '');

/** Commands of `bine` in code: lines of blocks, and code within a line that begins with it. */
function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(fence)].flatMap(([, block]) => block!.split('\n'));
  const inline = [...text.replaceAll(fence, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
  const pieces = [...blocks, ...inline].map((line) => line.replace(/\s#.*$/, '')).flatMap((line) => line.split(/&&|\||;/));
  return pieces.flatMap((piece) => /^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:sudo )?(?:\.\/)?bine ([^<>]*)/.exec(piece)?.[1] ?? []);
}

/** What the command line does not have of it; null: it has all. */
async function problemOf(command: string): Promise<string | null> {
  const words = command.split(' -- ')[0]!.split(/\s+/).filter(Boolean);
  let entry: Verb | Group | undefined;
  while (/^[a-z]/.test(words[0] ?? '') && (entry === undefined || isGroup(entry))) {
    const word = words.shift()!;
    const below: Verb | Group | undefined = entry === undefined ? await load(word) : entry.verbs[word];
    if (!below) return `there is no "${word}"`;
    entry = below;
  }
  const known = new Set([...flagsOf(entry), '--help', '-h']);
  const unknown = words.map((word) => word.split('=')[0]!).find((word) => /^--?[a-z]/.test(word) && !known.has(word));
  return unknown ? `it has no ${unknown}` : null;
}

const load = async (word: string) => table.find(({ name }) => name === word)?.load();

function flagsOf(entry: Verb | Group | undefined): string[] {
  if (entry === undefined) return ['--version', '-V'];
  if (isGroup(entry)) return [];
  const own = (entry.options ?? []).flatMap((option) => option.flags.match(/--?[a-z][a-z-]*/g) ?? []);
  return [...own, ...(entry.json ? ['--json'] : []), ...(entry.confirm ? ['--yes', '-y'] : [])];
}
