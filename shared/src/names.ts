/** What names may look like, without a library, so that a client can say so while they are typed. */

export const projectName = {
  pattern: /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/,
  hint: 'use 1 to 63 lower-case letters, digits, - and _, and begin and end with a letter or digit',
};

export const userName = {
  pattern: /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/,
  hint: 'use 1 to 63 lower-case letters, digits, ., - and _',
};

export const environmentName = {
  pattern: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  hint: 'use 1 to 63 lower-case letters, digits and -, and begin and end with a letter or digit',
};

export const jobName = {
  pattern: /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/,
  hint: 'use 1 to 63 lower-case letters, digits, ., - and _, and begin and end with a letter or digit',
};

export const gitHost = {
  pattern: /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9]\d*)?$/,
  hint: "write the server's name alone, in lower case, such as github.com or git.example.org:8443",
};

export const gitUrl = {
  pattern: /^https:\/\/[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?(:[1-9]\d*)?\/[^\s@?#\\]+$/,
  hint: 'write an address that begins with https://, without a user name, token or @ in it',
};

/** What is wrong with the address of a repository; null: nothing. */
export function problemOfGitUrl(text: string): string | null {
  if (!gitUrl.pattern.test(text)) return gitUrl.hint;
  const server = text.slice('https://'.length, text.indexOf('/', 'https://'.length));
  return problemOfGitHost(server.toLowerCase()) ?? (isEncodedWell(text) ? null : 'write two hexadecimal digits after each % in it');
}

/** What is wrong with a server's name, and the port after it. */
export function problemOfGitHost(text: string): string | null {
  if (!gitHost.pattern.test(text)) return gitHost.hint;
  const [host = '', port = '443'] = text.split(':');
  if (Number(port) > 65_535) return `use a port up to 65535, not ${port}`;
  return URL.canParse(`https://${host}/`) ? null : `"${host}" is neither a server's name nor an address`;
}

function isEncodedWell(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

export const gitRemoteName = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9_-]*$/,
  hint: 'use letters, digits, - and _, such as origin',
};

/** As programs have their settings; what begins with BINE_ says what Bine tells a program. */
export const secretName = {
  pattern: /^(?!BINE_)[A-Za-z_][A-Za-z0-9_]{0,127}$/,
  hint: 'use 1 to 128 letters, digits and _, no digit first, and nothing that begins with BINE_',
};

/** Of an environment variable: its value may be a secret, which does not belong where everybody reads it. */
export const looksSecret = /(^|_)(TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?|KEY)(_|$)/i;
