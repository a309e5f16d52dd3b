/** Pages of a package index whose files are named at another address. */
import { z } from 'zod';

const Page = z.looseObject({ files: z.array(z.looseObject({ url: z.string() })) });

/** @param readdress is given each file's absolute URL */
export function readdressPage(page: { text: string; type: string; url: string }, readdress: (url: string) => string): string {
  if (page.type.includes('json')) return readdressJson(page, readdress);
  const base = /<base\s[^>]*href\s*=\s*["']([^"']*)["'][^>]*>/i.exec(page.text);
  const from = new URL(base?.[1] ?? '', page.url).href;
  return page.text
    .replace(base?.[0] ?? '', '')
    .replaceAll(/(<a\s[^>]*?href\s*=\s*)(?:"([^"]*)"|'([^']*)')/gi, (_all, before: string, double?: string, single?: string) => {
      const address = absolute((double ?? single ?? '').replaceAll('&amp;', '&'), from);
      return `${before}"${readdress(address).replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`;
    });
}

function readdressJson({ text, url }: { text: string; url: string }, readdress: (url: string) => string): string {
  const page = Page.parse(JSON.parse(text));
  for (const file of page.files) file.url = readdress(absolute(file.url, url));
  return JSON.stringify(page);
}

function absolute(address: string, from: string): string {
  return URL.parse(address, from)?.href ?? address;
}
