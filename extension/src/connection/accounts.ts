/** Keys and accounts: VS Code's accounts menu shows who is signed in, and its secret storage keeps the keys. */
import * as vscode from 'vscode';
import { addressLabel } from './address.ts';
import type { Target } from './session.ts';

export const providerId = 'bine';

/** Who the gateway says that the key belongs to. */
type Account = { target: Target; user: string };

export type Accounts = vscode.Disposable & {
  storedKey(address: string): Promise<string | undefined>;
  /** Whether the gateway on this machine may be used without asking; not after a sign-out. */
  silent(): boolean;
  /** Keeps a key, or forgets it. */
  keep(address: string, key: string): Promise<void>;
  forget(address: string): Promise<void>;
  /** The connection works: this is whose it is. null: nobody is signed in. */
  show(account: Account | null): void;
  readonly current: Account | null;
  /** Another window signed in or out. */
  readonly onDidChangeKeys: vscode.Event<void>;
};

type Prompts = { signIn: () => Promise<void>; signOut: () => Promise<void> };

const signedOutKey = 'bine.signedOut';
const secretOf = (address: string) => `bine.key:${address}`;

export function createAccounts(context: vscode.ExtensionContext, prompts: Prompts): Accounts {
  const changed = new vscode.EventEmitter<vscode.AuthenticationProviderAuthenticationSessionsChangeEvent>();
  const keys = new vscode.EventEmitter<void>();
  let current: Account | null = null;

  const provider: vscode.AuthenticationProvider = {
    onDidChangeSessions: changed.event,
    getSessions: async () => (current ? [sessionOf(current)] : []),
    async createSession() {
      await prompts.signIn();
      if (!current) throw new Error('Signing in to Bine was cancelled.');
      return sessionOf(current);
    },
    removeSession: () => prompts.signOut(),
  };

  const disposables = vscode.Disposable.from(
    changed,
    keys,
    vscode.authentication.registerAuthenticationProvider(providerId, 'Bine', provider),
    context.secrets.onDidChange(({ key }) => key.startsWith(secretOf('')) && keys.fire()),
  );

  return {
    get current() {
      return current;
    },
    onDidChangeKeys: keys.event,
    storedKey: async (address) => context.secrets.get(secretOf(address)),
    silent: () => !context.globalState.get<boolean>(signedOutKey, false),
    async keep(address, key) {
      await context.globalState.update(signedOutKey, undefined);
      await context.secrets.store(secretOf(address), key);
    },
    async forget(address) {
      await context.globalState.update(signedOutKey, true);
      await context.secrets.delete(secretOf(address));
    },
    show(account) {
      const [before, after] = [current && sessionOf(current), account && sessionOf(account)];
      current = account;
      if (before?.id === after?.id) return;
      changed.fire({ added: after ? [after] : [], removed: before ? [before] : [], changed: [] });
    },
    dispose: () => disposables.dispose(),
  };
}

function sessionOf({ target, user }: Account): vscode.AuthenticationSession {
  const label = `${user} (${addressLabel(target.address)})`;
  return { id: label, accessToken: target.key, account: { id: label, label }, scopes: [] };
}
