/** `Bine: Sign Out`: the key is forgotten on this machine. Kernels go on. */
import type { SignInDeps } from './sign-in.ts';

export async function signOut({ connection, accounts }: SignInDeps): Promise<void> {
  if (connection.address) await accounts.forget(connection.address);
  accounts.show(null);
  connection.restart();
}
