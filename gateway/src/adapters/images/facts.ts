/** What `packages.py` says: words for people and, behind a record separator, facts for us. */
import { Problem } from '@bine/shared/problems';
import { z } from 'zod';
import { noMasker } from '../secrets/masking.ts';
import type { Masker } from '../secrets/masking.ts';
import type { ImagePackage } from '../../ports/packages.ts';
import { imagePackage } from '../store/environments.ts';
import { complaint } from './complaint.ts';
import { linesKept } from './run-and-keep.ts';

export type Told = {
  packages: ImagePackage[];
  modules: string[];
  /** By pins, such as `six==1.17.0`. */
  hashes: Record<string, string[]>;
  /** Of an archive. */
  parts: Uint8Array[];
};

const Fact = z.union([
  z.strictObject({ package: imagePackage }),
  z.strictObject({ module: z.string() }),
  z.strictObject({ hashes: z.record(z.string(), z.array(z.string())) }),
  z.strictObject({ part: z.base64() }),
  z.strictObject({ error: z.string() }),
  z.strictObject({ done: z.int() }),
]);

function readFact(text: string): z.infer<typeof Fact> {
  try {
    return Fact.parse(JSON.parse(text));
  } catch (error) {
    throw untrusted('what nobody asked for', error);
  }
}

/** Code of foreign packages runs beside the program, and as the same user. */
function untrusted(what: string, cause?: unknown): Problem {
  return new Problem('build-failed', `In the container in which packages are changed, something says ${what}. Nothing was changed.`, {
    cause,
  });
}

const separator = '\u001e';
/** More than any environment has, and than its gateway should hold. */
const mostFacts = 50_000;
const mostBytes = 32 * 2 ** 20;
/** Characters of a line that a complaint is made of. */
const mostOfLine = 1000;

export type Listening = {
  told: Told;
  /** @returns the exit code of the command that this line ends; null: there is more */
  take(line: string): number | null;
  /** What it complained of. */
  problem(otherwise: string): Problem;
};

/** @param onLine is given the words, `masker` what must not be in them, nor in what is kept of packages */
export function listen(onLine: (line: string) => void, masker: Masker = noMasker): Listening {
  const told: Told = { packages: [], modules: [], hashes: {}, parts: [] };
  const said: string[] = [];
  let error: string | null = null;
  let facts = 0;
  let bytes = 0;
  return {
    told,
    take(line) {
      if (!line.startsWith(separator)) {
        const masked = masker.text(line);
        said.push(masked.slice(0, mostOfLine));
        if (said.length > linesKept) said.shift();
        onLine(masked);
        return null;
      }
      facts++;
      bytes += line.length;
      if (facts > mostFacts || bytes > mostBytes) throw untrusted('more than any environment has');
      const fact = readFact(line.slice(1));
      if ('done' in fact) return fact.done;
      if ('package' in fact) told.packages.push(withoutSecrets(fact.package, masker));
      else if ('module' in fact) told.modules.push(fact.module);
      else if ('hashes' in fact) told.hashes = fact.hashes;
      else if ('part' in fact) told.parts.push(Buffer.from(fact.part, 'base64'));
      else error = masker.text(fact.error);
      return null;
    },
    problem: (otherwise) => new Problem('build-failed', error ?? complaint(said) ?? otherwise),
  };
}

/** Where it came from may have one, as a URL has a token. What it is called is in locks and logs, and cannot be told in another way. */
function withoutSecrets(found: ImagePackage, { text, has }: Masker): ImagePackage {
  if (has(found.name) || has(found.version))
    throw new Problem(
      'build-failed',
      "A package's name or version contains the value of a secret, which would show it. Nothing was changed.",
    );
  return { ...found, from: found.from === null ? null : text(found.from) };
}
