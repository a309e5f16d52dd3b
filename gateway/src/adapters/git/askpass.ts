/**
 * How Git gets a token: it runs a script that asks over descriptor 3, and is answered only for the very server that the token is for. The
 * token is in no argument, variable or file, and in memory for the length of one command.
 */
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import type { Secret } from '../../ports/git/transfers.ts';

export type Asked = {
  /** Hosts that a password was asked for and that are not the secret's. */
  foreign: string[];
  /** How often a token was handed out. */
  answered: number;
};

/** An answer begins with a +, so that an empty line is no answer. */
export const script = `#!/bin/sh
printf '%s\\n' "$1" >&3 && IFS= read -r answer <&3 || exit 1
case $answer in +*) printf '%s\\n' "\${answer#+}" ;; *) exit 1 ;; esac
`;

const question = /^(Username|Password) for 'https:\/\/(?:[^@/']*@)?([^/']+)\/?.*':\s*$/;

/** @param host of the address that Git was given */
export function answer(line: Duplex, { secret, host }: { secret: Secret | null; host: string }): Asked {
  const asked: Asked = { foreign: [], answered: 0 };
  createInterface({ input: line }).on('line', (prompt) => {
    const [, what, where] = question.exec(prompt) ?? [];
    const isOurs = where?.toLowerCase() === host;
    if (where && !isOurs) asked.foreign.push(where);
    if (!isOurs || secret?.host !== host) {
      line.write('-\n');
      return;
    }
    if (what === 'Password') asked.answered += 1;
    line.write(`+${what === 'Username' ? secret.username : secret.token}\n`);
  });
  return asked;
}
