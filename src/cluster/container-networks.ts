import { isIPv4 } from 'node:net';

/** A network of containers on this machine, as `docker network inspect` or `podman network inspect` prints it. */
export interface ContainerNetwork {
  readonly name: string;
  /** The machine's own IPv4 address on it. */
  readonly gateway: string;
}

/** A container, as `docker inspect` or `podman inspect` prints it. */
export interface InspectedContainer {
  readonly name: string;
  /** IPv4 addresses by the name of the network. */
  readonly addresses: ReadonlyMap<string, string>;
  /** TCP ports inside by the port of this machine at which they are published. */
  readonly published: ReadonlyMap<number, number>;
}

/** The networks of a `network inspect`, in docker's form or podman's; those without an IPv4 gateway are left out. */
export function parseNetworks(json: string): readonly ContainerNetwork[] {
  return recordsOf(json).flatMap((network) => {
    const name = textOf(network.Name ?? network.name);
    const configured = listOf(recordOf(network.IPAM).Config);
    const subnets = [...configured, ...listOf(network.subnets)].map(recordOf);
    const gateway = subnets.map((subnet) => textOf(subnet.Gateway ?? subnet.gateway)).find(isAddress);
    return name !== undefined && gateway !== undefined ? [{ name, gateway }] : [];
  });
}

/** Parses the containers of an `inspect`, which both programs print in the same form. */
export function parseContainers(json: string): readonly InspectedContainer[] {
  return recordsOf(json).flatMap((container) => {
    const name = textOf(container.Name)?.replace(/^\//, '');
    if (name === undefined) return [];
    const { Networks, Ports } = recordOf(container.NetworkSettings);
    const addresses = Object.entries(recordOf(Networks)).flatMap(([network, value]): [string, string][] => {
      const address = textOf(recordOf(value).IPAddress);
      return isAddress(address) ? [[network, address]] : [];
    });
    const published = Object.entries(recordOf(Ports)).flatMap(([inside, places]) =>
      listOf(places).flatMap((place): [number, number][] => {
        const ports: [number, number] = [
          portOf(textOf(recordOf(place).HostPort)),
          portOf(/^(\d+)\/tcp$/.exec(inside)?.[1]),
        ];
        return ports.every((port) => port > 0) ? [ports] : [];
      }),
    );
    return [{ name, addresses: new Map(addresses), published: new Map(published) }];
  });
}

function recordsOf(json: string): Record<string, unknown>[] {
  try {
    return listOf(JSON.parse(json)).map(recordOf);
  } catch {
    return [];
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isAddress(text: string | undefined): text is string {
  return text !== undefined && isIPv4(text);
}

function portOf(text: string | undefined): number {
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
}
