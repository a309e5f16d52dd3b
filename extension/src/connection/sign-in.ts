/** `Bine: Sign In…`: which gateway, then the key, tried before it is kept. */
import type { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import { askText, askTextOrBack, pick } from '../vs/ask.ts';
import { briefly } from '../vs/progress.ts';
import { nodeFetch } from './node-fetch.ts';
import type { Accounts } from './accounts.ts';
import { addressLabel, addressProblem, normaliseAddress } from './address.ts';
import type { Connection } from './client.ts';
import type { Finder } from './find-gateway.ts';
import { problemOfGateway } from './probe.ts';
import { toProblem } from './problem.ts';
import { type Target, openSession, sessionTiming } from './session.ts';

export type SignInDeps = { connection: Connection; accounts: Accounts; finder: Finder };

const title = 'Sign In to Bine';

export async function signIn({ connection, accounts, finder }: SignInDeps): Promise<void> {
  const local = await finder.local();
  if (local && (await useLocal(local.address))) {
    await accounts.keep(local.address, null);
    await rememberGateway('');
  } else {
    const { address, key } = await askTarget(connection.address ?? '');
    await accounts.keep(address, key);
    await rememberGateway(address === local?.address ? '' : address);
  }
  connection.restart();
  await connection.connected(AbortSignal.timeout(10_000));
}

function useLocal(address: string): Promise<boolean> {
  return pick(
    [
      { label: '$(vm) This machine', description: addressLabel(address), detail: 'As its administrator; no key needed', value: true },
      { label: '$(globe) Another gateway or another key…', detail: 'Ask its owner for the address and an API key', value: false },
    ],
    { title, placeHolder: 'Which gateway?' },
  );
}

async function askTarget(typed: string): Promise<Target> {
  for (let value = typed; ;) {
    const address = await askAddress(value);
    const key = await askKey(address);
    if (key !== null) return { address, key };
    value = address;
  }
}

/** Asks until a gateway answers there. */
async function askAddress(typed: string): Promise<string> {
  for (let [value, refused] = [typed, '']; ;) {
    value = await askText({
      title: `${title} (1/2)`,
      prompt: 'Address of the gateway',
      refused,
      placeholder: 'http://127.0.0.1:7878',
      value,
      problem: addressProblem,
    });
    const address = normaliseAddress(value);
    const problem = await briefly(`Looking for ${addressLabel(address)}…`, () => problemOfGateway(address, nodeFetch));
    if (problem === null) return address;
    refused = problem;
  }
}

/** Asks until the gateway takes the key, with its own words for why it did not; null: back to the address. */
async function askKey(address: string): Promise<string | null> {
  for (let refused = ''; ;) {
    const typed = await askTextOrBack({
      title: `${title} (2/2)`,
      prompt: `API key for ${addressLabel(address)}`,
      refused,
      placeholder: 'Paste the key',
      password: true,
      problem: (text) => (text.trim() ? undefined : 'Paste the API key that you were given; "Bine: Create API Key…" makes one.'),
    });
    if (typed === null) return null;
    const problem = await briefly('Signing in…', () => tryKey({ address, key: typed.trim() }));
    if (!problem) return typed.trim();
    if (problem.code !== 'bad-key' && problem.code !== 'no-key') throw problem;
    refused = problem.message;
  }
}

async function tryKey(target: Target): Promise<Problem | null> {
  const done = new AbortController();
  try {
    await openSession(target, { signal: done.signal, timing: sessionTiming });
    return null;
  } catch (error) {
    return toProblem(error);
  } finally {
    done.abort();
  }
}

async function rememberGateway(address: string): Promise<void> {
  const settings = vscode.workspace.getConfiguration('bine');
  if (settings.get<string>('gateway', '') !== address) {
    await settings.update('gateway', address || undefined, vscode.ConfigurationTarget.Global);
  }
}
