/** Networks and volumes. */
import { fields, labelFilter, labels, list, text } from '../operation.ts';
import type { Operation } from '../operation.ts';

export type Volume = { name: string; labels: Record<string, string> };
/** `bridge`: its interface on the machine. */
export type Network = { name: string; bridge: string; labels: Record<string, string> };

export type NewNetwork = { name: string; bridge: string; labels: Record<string, string> };

const bridgeName = 'com.docker.network.bridge.name';

/** A bridge to the outside on which containers cannot reach each other. One of that name may be there already. */
export function createNetwork({ name, bridge, labels: carried }: NewNetwork): Operation<void> {
  return {
    what: `create the network ${name}`,
    method: 'POST',
    path: '/networks/create',
    body: {
      Name: name,
      Driver: 'bridge',
      CheckDuplicate: true,
      Labels: carried,
      EnableIPv6: false,
      Options: { 'com.docker.network.bridge.enable_icc': 'false', [bridgeName]: bridge },
    },
    otherwise: { 409: () => undefined },
    parse: () => undefined,
  };
}

export function listNetworks(wanted: Record<string, string>): Operation<Network[]> {
  return {
    what: 'list the networks',
    method: 'GET',
    path: '/networks',
    query: { filters: labelFilter(wanted) },
    parse: (answer) =>
      list(answer)
        .map(fields)
        .map((network) => ({
          name: text(network.Name),
          bridge: text(fields(network.Options)[bridgeName]) || `br-${text(network.Id).slice(0, 12)}`,
          labels: labels(network.Labels),
        })),
  };
}

/** false: containers are still on it (some engines say 403, some 409), or it is gone. */
export function removeNetwork(name: string): Operation<boolean> {
  return {
    what: `remove the network ${name}`,
    method: 'DELETE',
    path: `/networks/${name}`,
    otherwise: { 403: () => false, 404: () => false, 409: () => false },
    parse: () => true,
  };
}

export function listVolumes(wanted: Record<string, string>): Operation<Volume[]> {
  return {
    what: 'list the volumes',
    method: 'GET',
    path: '/volumes',
    query: { filters: labelFilter(wanted) },
    parse: (answer) =>
      list(fields(answer).Volumes)
        .map(fields)
        .map((volume) => ({ name: text(volume.Name), labels: labels(volume.Labels) })),
  };
}

/** false: a container still uses it, or it is gone. */
export function removeVolume(name: string): Operation<boolean> {
  return {
    what: `remove the volume ${name}`,
    method: 'DELETE',
    path: `/volumes/${name}`,
    deadline: 120_000,
    otherwise: { 404: () => false, 409: () => false },
    parse: () => true,
  };
}

/** One of that name may be there already. */
export function createVolume(name: string, carried: Record<string, string>): Operation<void> {
  return {
    what: `create the volume ${name}`,
    method: 'POST',
    path: '/volumes/create',
    body: { Name: name, Labels: carried },
    otherwise: { 409: () => undefined },
    parse: () => undefined,
  };
}
