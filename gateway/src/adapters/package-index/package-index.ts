/** A package index, asked over the simple API (PEP 503, 691, 700, 714), which knows packages by their exact names only. */
import { Problem } from '@bine/shared/problems';
import { z } from 'zod';
import { headersFor, readCredentials } from './credentials.ts';
import { newestFirst } from './versions.ts';
import type { PackageIndex } from '../../ports/packages.ts';

const File = z.object({
  filename: z.string(),
  url: z.string(),
  yanked: z.union([z.boolean(), z.string()]).default(false),
  'core-metadata': z.union([z.boolean(), z.record(z.string(), z.string())]).default(false),
});
type File = z.infer<typeof File>;
const Page = z.object({ files: z.array(File) });

const deadline = 10_000;
const summaryDeadline = 3000;
const largestPage = 32 * 2 ** 20;
const json = 'application/vnd.pypi.simple.v1+json';

/** @param url of the simple API */
export function createPackageIndex(url: string): PackageIndex {
  const credentials = readCredentials(url);
  const base = credentials.url.href.replace(/\/+$/, '');

  async function read(address: string, accept: string, signal: AbortSignal): Promise<{ text: string; type: string; url: string } | null> {
    const response = await fetch(address, { signal, headers: { ...headersFor(address, credentials), accept } });
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    let text = '';
    const decoder = new TextDecoder();
    for await (const part of response.body ?? []) {
      text += decoder.decode(part, { stream: true });
      if (text.length > largestPage) throw new Error('its answer is too large');
    }
    return { text, type: response.headers.get('content-type') ?? '', url: response.url };
  }

  async function files(name: string, signal: AbortSignal): Promise<File[] | null> {
    const page = await read(`${base}/${name}/`, `${json}, text/html;q=0.1`, AbortSignal.any([signal, AbortSignal.timeout(deadline)]));
    if (!page) return null;
    const found = page.type.startsWith(json) ? Page.parse(JSON.parse(page.text)).files : filesOfHtml(page.text);
    return found.map((file) => ({ ...file, url: new URL(file.url, page.url).href }));
  }

  async function summary(file: File | undefined, signal: AbortSignal): Promise<string | null> {
    if (!file) return null;
    const within = AbortSignal.any([signal, AbortSignal.timeout(summaryDeadline)]);
    // Without it the answer is as good: it is only for the eye.
    const metadata = await read(`${file.url}.metadata`, '*/*', within).catch(() => null);
    return /^Summary: *(.+?)\r?$/m.exec(metadata?.text.split(/\r?\n\r?\n/)[0] ?? '')?.[1] ?? null;
  }

  return {
    async find(name, signal) {
      try {
        const all = await files(name, signal);
        if (!all) return null;
        const kept = all.filter(({ yanked }) => yanked === false);
        const versions = newestFirst(new Set(kept.flatMap(({ filename }) => versionOf(filename, name) ?? [])));
        const told = kept.find((file) => file['core-metadata'] !== false && versionOf(file.filename, name) === versions[0]);
        return { name, versions, summary: await summary(told, signal) };
      } catch (error) {
        signal.throwIfAborted();
        const { host } = new URL(base);
        const why = error instanceof Error && error.name === 'TimeoutError' ? `not within ${deadline / 1000} s` : reason(error);
        throw new Problem('index-unavailable', `The package index at ${host} could not be asked: ${why}.`, { cause: error });
      }
    },
  };
}

function reason(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string };
  return cause?.code ?? cause?.message ?? message ?? String(error);
}

/** Of indexes that speak HTML only. */
function filesOfHtml(html: string): File[] {
  return [...html.matchAll(/<a\s([^>]*)>([^<]*)<\/a>/gi)].map(([, attributes = '', filename = '']) => ({
    filename: filename.trim(),
    url: (/href\s*=\s*["']([^"']*)["']/i.exec(attributes)?.[1] ?? '').replaceAll('&amp;', '&').replace(/#.*$/, ''),
    yanked: /data-yanked/i.test(attributes),
    'core-metadata': /data-(core|dist-info)-metadata/i.test(attributes),
  }));
}

function versionOf(filename: string, name: string): string | undefined {
  if (filename.endsWith('.whl')) return filename.split('-')[1];
  const archive = /^(.+)\.(?:tar\.gz|zip|tar\.bz2)$/.exec(filename)?.[1];
  const dashed = archive?.toLowerCase().replaceAll(/[-_.]+/g, '-');
  // As much of it as the name has, in whatever way it was written.
  return dashed?.startsWith(`${name}-`) ? archive!.slice(name.length + 1) : undefined;
}
