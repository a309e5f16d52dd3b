/** Addresses of repositories: what people copy from a page or a terminal, as the HTTPS address that a token works with. */
import { problemOfGitUrl } from '@bine/shared/names';

/** `url` is what the gateway takes; `note` says what was made of what was typed. */
export type Address = { url: string; note: string | null } | { url: null; problem: string };

export function readAddress(typed: string): Address {
  const text = typed.trim().replace(/^git clone\s+/, '');
  if (!text) return { url: null, problem: 'Type the address of a repository.' };
  const { url, why } = rewritten(text);
  const problem = problemOfGitUrl(url);
  if (problem !== null) return { url: null, problem: problemOf(text, problem) };
  return { url, note: why && `${why}: ${url}` };
}

function rewritten(text: string): { url: string; why: string | null } {
  // git@github.com:owner/repository.git
  const scp = /^(?:[^\s/@:]+@)([^\s/:]+):(?!\/\/)\/?(.+)$/.exec(text);
  if (scp) return { url: `https://${scp[1]}/${tidy(scp[2]!)}`, why: overHttps };
  // Its port is that of SSH, not of HTTPS.
  const ssh = /^(?:ssh|git\+ssh|git):\/\/(?:[^\s/@]+@)?([^\s/:]+)(?::\d+)?\/(.+)$/i.exec(text);
  if (ssh) return { url: `https://${ssh[1]}/${tidy(ssh[2]!)}`, why: overHttps };
  const https = /^https:\/\/(?:([^\s/]*)@)?([^\s/@]+)\/(.+)$/i.exec(text);
  if (https) return { url: `https://${https[2]}/${tidy(https[3]!)}`, why: https[1] === undefined ? null : withoutUser };
  // github.com/owner/repository
  const bare = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?\/[^\s/]+\/[^\s]+$/i.test(text);
  return bare ? { url: `https://${tidy(text)}`, why: overHttps } : { url: text, why: null };
}

const overHttps = 'Bine speaks to Git servers over HTTPS';
const withoutUser = 'Who you are is asked for when the server wants to know';

function tidy(path: string): string {
  return path.replace(/[/?#]+$/, '');
}

function problemOf(text: string, why: string): string {
  if (/^http:/i.test(text)) return 'A token must not travel in the open: use an address that begins with https://.';
  if (/^(\/|\.|~|file:|[a-z]:\\)/i.test(text))
    return 'A folder of this machine cannot be checked out: use an address that begins with https://.';
  return `In the address of a repository, ${why}.`;
}

/** As tokens are kept by: `git.example.org:8443`. */
export function hostOf(url: string): string {
  return new URL(url).host.toLowerCase();
}

/** As `git clone` names the folder. */
export function folderOf(url: string): string {
  const last = url.replace(/\/+$/, '').split('/').at(-1)!;
  return decoded(last.replace(/\.git$/, '')) || 'repository';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone % is a name, too.
    return text;
  }
}

export type TokenPage = { page: string | null; hint: string };

/** Where a token is made, and what it has to allow. */
export function tokenPage(host: string): TokenPage {
  if (host === 'github.com') {
    return { page: 'https://github.com/settings/personal-access-tokens/new', hint: 'On GitHub it needs Contents: read and write' };
  }
  if (host === 'bitbucket.org') {
    return {
      page: 'https://id.atlassian.com/manage-profile/security/api-tokens',
      hint: 'On Bitbucket it needs the scopes read and write of repositories',
    };
  }
  if (host.startsWith('gitlab.')) {
    return {
      page: `https://${host}/-/user_settings/personal_access_tokens`,
      hint: 'On GitLab it needs the scopes read_repository and write_repository',
    };
  }
  return { page: null, hint: "It is made in your account's settings on that server" };
}

/** What was wrong, without what to do about it: that is offered right there. */
export function cause(detail: string): string {
  return detail.split(/(?<=\.)\s/)[0]!;
}
