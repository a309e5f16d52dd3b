/** Keys and accounts: VS Code's accounts menu shows who is signed in, and its secret storage keeps the keys. */
import * as vscode from 'vscode';
import { addressLabel } from './address.ts';

export const providerId = 'bine';

/** Who the gateway says that the key belongs to. */
export type Account = { address: string; user: string };

export type Accounts = vscode.Disposable & {
  storedKey(this: void, address: string): Promise<string | undefined>;
  /** Whether the gateway on this machine may be used without asking; not after a sign-out. */
  silent(this: void): boolean;
  /** Keeps a key; null: the gateway on this machine is used with the key that lies beside it. */
  keep(address: string, key: string | null): Promise<void>;
  forget(address: string): Promise<void>;
  /** The connection works: this is whose it is. null: nobody is signed in. */
  show(account: Account | null): void;
  readonly current: Account | null;
  readonly onDidChange: vscode.Event<void>;
  /** A key was kept or forgotten, maybe by another window. */
  readonly onDidChangeKeys: vscode.Event<void>;
};

type Prompts = { signIn: () => Promise<void>; signOut: () => Promise<void> };

const signedOutKey = 'bine.signedOut';
const secretOf = (address: string) => `bine.key:${address}`;

export function createAccounts(context: vscode.ExtensionContext, prompts: Prompts): Accounts {
  const sessions = new vscode.EventEmitter<vscode.AuthenticationProviderAuthenticationSessionsChangeEvent>();
  const changed = new vscode.EventEmitter<void>();
  const keys = new vscode.EventEmitter<void>();
  let current: Account | null = null;

  const provider: vscode.AuthenticationProvider = {
    onDidChangeSessions: sessions.event,
    getSessions: async () => (current ? [await session(current)] : []),
    async createSession() {
      await prompts.signIn();
      if (!current) throw new vscode.CancellationError();
      return session(current);
    },
    removeSession: () => prompts.signOut(),
  };
  const session = async (account: Account) => ({ ...shown(account), accessToken: (await storedKey(account.address)) ?? '' });
  const storedKey = async (address: string) => context.secrets.get(secretOf(address));

  const disposables = vscode.Disposable.from(
    sessions,
    changed,
    keys,
    vscode.authentication.registerAuthenticationProvider(providerId, 'Bine', provider),
    context.secrets.onDidChange(({ key }) => key.startsWith(secretOf('')) && keys.fire()),
  );

  return {
    get current() {
      return current;
    },
    onDidChange: changed.event,
    onDidChangeKeys: keys.event,
    storedKey,
    silent: () => !context.globalState.get<boolean>(signedOutKey, false),
    async keep(address, key) {
      await context.globalState.update(signedOutKey, undefined);
      await (key === null ? context.secrets.delete(secretOf(address)) : context.secrets.store(secretOf(address), key));
    },
    async forget(address) {
      await context.globalState.update(signedOutKey, true);
      await context.secrets.delete(secretOf(address));
    },
    show(account) {
      const before = current;
      current = account;
      if (before?.address === account?.address && before?.user === account?.user) return;
      const list = (one: Account | null) => (one ? [{ ...shown(one), accessToken: '' }] : []);
      sessions.fire({ added: list(account), removed: list(before), changed: [] });
      changed.fire();
    },
    dispose: () => disposables.dispose(),
  };
}

function shown({ address, user }: Account): Omit<vscode.AuthenticationSession, 'accessToken'> {
  const label = `${user} (${addressLabel(address)})`;
  return { id: label, account: { id: label, label }, scopes: [] };
}
