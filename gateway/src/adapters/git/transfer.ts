/**
 * Commands that reach a server, and hold the token. They never see a repository's configuration, hooks or files: each runs in a folder made for it
 * alone, and takes from the repository no more than its objects and the names of its references.
 */
import { copyFile, lchown, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../../lib/id.ts';
import { answer, script } from './askpass.ts';
import type { Asked } from './askpass.ts';
import { endedEarly } from './local.ts';
import type { Where } from '../../ports/git/repository.ts';
import { listRefs } from './operations/branches.ts';
import type { Ref } from '../../ports/git/commands.ts';
import { progressReader } from './progress.ts';
import { run } from './run.ts';
import type { Output } from './run.ts';
import { projectFolder } from './sandbox.ts';
import { always, environmentOf } from './settings.ts';
import type { TransferSettings } from './transfer-settings.ts';
import { refusalOf } from './refusals.ts';
import { Problem } from '@bine/shared/problems';
import type { Target } from '../../lib/addresses.ts';
import { checkServer, openWay, serverOf } from './way.ts';
import type { Way } from './way.ts';
import type { Advertised, Transfers, Trip } from '../../ports/git/transfers.ts';

export type TransfersParts = {
  folder: string;
  settings: TransferSettings;
  /** Internal addresses at which there may be servers. */
  allowed(): Promise<Target[]>;
};

/** Where a transfer's own folder is in its sandbox. */
const inside = '/transfer';
const deadline = 4 * 3_600_000;

export function createTransfers(parts: TransfersParts): Transfers {
  return {
    list: (trip) =>
      withFolder(parts, trip, async (folder) => {
        const args = ['ls-remote', '--symref', '--end-of-options', trip.url, 'HEAD', 'refs/heads/*'];
        const output = await send(parts, { trip, folder, what: 'look at the server', arguments: args, writes: false });
        return parseAdvertised(output.stdout.toString());
      }),

    fetch: (trip, { specs, prune, depth }) =>
      withFolder(parts, trip, async (folder) => {
        const how = [
          '--progress',
          '--no-write-fetch-head',
          '--no-auto-maintenance',
          '--no-recurse-submodules',
          ...(prune ? ['--prune'] : []),
        ];
        const shallow = depth === undefined ? [] : [`--depth=${depth}`];
        const args = ['fetch', ...how, ...shallow, '--end-of-options', trip.url, ...specs];
        await send(parts, { trip, folder, what: 'fetch', arguments: args, writes: true });
        const refs = await send(parts, {
          trip: { ...trip, secret: null },
          folder,
          what: 'fetch',
          arguments: listRefs([]).arguments,
          writes: false,
          offline: true,
        });
        return listRefs([]).parse({ ...refs, text: refs.stdout.toString() });
      }),

    push: (trip, { hash, branch, expected }) =>
      withFolder(parts, trip, async (folder) => {
        const lease = expected === undefined ? [] : [`--force-with-lease=refs/heads/${branch}:${expected ?? ''}`];
        const how = ['--progress', '--porcelain', '--no-verify', '--no-signed', '--no-follow-tags', '--no-recurse-submodules', ...lease];
        const args = ['push', ...how, '--end-of-options', trip.url, `${hash}:refs/heads/${branch}`];
        await send(parts, { trip, folder, what: 'push', arguments: args, writes: false });
      }),

    clear: () => rm(parts.folder, { recursive: true, force: true }),
  };
}

/** A repository of Git's own, bare, with nothing in it but the names of the references. */
async function withFolder<T>(
  { folder, settings }: TransfersParts,
  { where, refs }: Trip,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const own = join(folder, newId());
  const git = join(own, 'git');
  await mkdir(join(git, 'refs'), { recursive: true, mode: 0o700 });
  try {
    await writeFile(join(own, 'askpass'), script, { mode: 0o755 });
    // A copy, which Git can read whoever the bundle belongs to.
    if (settings.authorities) await copyFile(settings.authorities, join(own, 'authorities.pem'));
    await writeFile(join(git, 'HEAD'), 'ref: refs/heads/nothing\n');
    await writeFile(join(git, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
    await writeFile(join(git, 'packed-refs'), packedRefs(refs));
    // A shallow repository stays one; the link leads to where it says so, in the sandbox.
    await symlink(join(repositoryFolder(where), 'shallow'), join(git, 'shallow'));
    if (process.geteuid?.() === 0) {
      for (const name of ['', ...(await readdir(own, { recursive: true }))])
        await lchown(join(own, name), where.owner.uid, where.owner.gid);
    }
    return await work(own);
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

const repositoryFolder = ({ path }: Where): string => (path === '' ? `${projectFolder}/.git` : `${projectFolder}/${path}/.git`);

function packedRefs(refs: readonly Ref[]): string {
  const sorted = [...refs].sort((one, other) => (one.name < other.name ? -1 : 1));
  return ['# pack-refs with: sorted ', ...sorted.map(({ name, hash }) => `${hash} ${name}`), ''].join('\n');
}

type Sending = { trip: Trip; folder: string; what: string; arguments: string[]; writes: boolean; offline?: boolean };

async function send({ settings, allowed }: TransfersParts, sending: Sending): Promise<Output> {
  const { trip, folder, what, offline = false } = sending;
  const proxied = Object.keys(settings.proxies).some((name) => !/^no_/i.test(name));
  if (proxied && !offline) await refuseInternal(trip.url, await allowed());
  await using way = offline || proxied ? null : await openWay(serverOf(trip.url), await allowed());
  const { host } = new URL(trip.url);
  const late = AbortSignal.timeout(deadline);
  let asked: Asked | null = null;
  const output = await run({
    sandbox: {
      binds: [
        { source: trip.where.files, target: projectFolder, writable: sending.writes },
        { source: folder, target: inside, writable: true },
      ],
      network: !offline,
      folder: inside,
    },
    user: trip.where.owner,
    program: ['git', ...sending.arguments],
    environment: {
      ...environmentOf([...always.filter(({ name }) => name !== 'core.askPass'), ...transferSettings, followRedirects(way)], null),
      ...(way ? { https_proxy: way.proxy } : settings.proxies),
      ...(settings.authorities && { GIT_SSL_CAINFO: `${inside}/authorities.pem` }),
      GIT_DIR: `${inside}/git`,
      GIT_OBJECT_DIRECTORY: `${repositoryFolder(trip.where)}/objects`,
      GIT_ALLOW_PROTOCOL: offline ? 'none' : 'https',
      GIT_ASKPASS: `${inside}/askpass`,
    },
    most: 64 * 2 ** 20,
    ...(trip.onProgress && { onError: progressReader(trip.onProgress) }),
    talk: (line) => void (asked = answer(line, { secret: trip.secret, host })),
    signal: AbortSignal.any([trip.signal, late]),
  }).catch((error: unknown) => {
    throw endedEarly(error, { what, signal: trip.signal, deadline: late });
  });
  if (output.code === 0) return output;
  if (way?.elsewhere[0] !== undefined) throw sentOn(host, way.elsewhere[0]);
  throw refusalOf({ ...output, what, host, asked: asked ?? { foreign: [], answered: 0 }, hasSecret: trip.secret !== null });
}

/** To another place of the same server, as when a repository was renamed; a proxy that is not ours would lead to any server. */
const followRedirects = (way: Way | null) => ({ name: 'http.followRedirects', value: way ? 'initial' : 'false' });

/** What the name of a server is to a proxy of the machine is for that proxy to say; what it is here must be no internal address all the same. */
async function refuseInternal(url: string, allowed: readonly Target[]): Promise<void> {
  await checkServer(serverOf(url), allowed).catch((error: unknown) => {
    if (!(error instanceof Problem) || !(error.cause instanceof Error)) throw error;
  });
}

const sentOn = (host: string, elsewhere: string): Problem =>
  new Problem(
    'git-failed',
    `${host} sent Git on to ${elsewhere}, another server, so Git did not follow, and your token was not sent there. Use the address at ${elsewhere} if you trust it.`,
  );

const transferSettings = [
  { name: 'http.lowSpeedLimit', value: '1' },
  { name: 'http.lowSpeedTime', value: '120' },
  { name: 'fetch.unpackLimit', value: '100' },
  { name: 'transfer.credentialsInUrl', value: 'die' },
  { name: 'core.alternateRefsCommand', value: ':' },
];

/** As `ls-remote --symref` says it. */
export function parseAdvertised(text: string): Advertised {
  const branches: Ref[] = [];
  let head: string | null = null;
  for (const line of text.split('\n')) {
    const symref = /^ref: refs\/heads\/(.+)\tHEAD$/.exec(line)?.[1];
    if (symref !== undefined) head = symref;
    const [, hash, name] = /^([0-9a-f]{40,64})\trefs\/heads\/(.+)$/.exec(line) ?? [];
    if (hash && name) branches.push({ hash, name });
  }
  return { branches, head };
}
