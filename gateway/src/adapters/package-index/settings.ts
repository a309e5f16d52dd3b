/** Which package index is asked, as uv and pip are told: by their variables in the gateway's environment. */
import { readRelaySettings } from './relay-settings.ts';

export type IndexSettings = {
  /** Of the simple API, without a slash at its end. */
  url: string;
  /** For uv in a container. */
  environment: Record<string, string>;
};

type Variables = Record<string, string | undefined>;

/** What uv and pip ask when they are told nothing. */
const usual = 'https://pypi.org/simple';
const forUv = ['UV_INDEX', 'UV_EXTRA_INDEX_URL', 'UV_INDEX_STRATEGY', 'UV_EXCLUDE_NEWER'];
const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);

/** @throws TypeError that says which setting is wrong */
export function readIndexSettings(variables: Variables): IndexSettings {
  const told = variables.UV_DEFAULT_INDEX || variables.UV_INDEX_URL || variables.PIP_INDEX_URL;
  const passed = [...forUv, ...proxies].flatMap((name) => (variables[name] ? [[name, variables[name]] as const] : []));
  const settings = {
    url: (told ?? usual).replace(/\/+$/, ''),
    environment: { ...Object.fromEntries(passed), ...(told && { UV_DEFAULT_INDEX: told }) },
  };
  // What cannot be given to builds is refused while somebody looks.
  readRelaySettings(settings);
  return settings;
}
