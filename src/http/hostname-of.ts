/** The host of an address as sockets take it: an IPv6 address without the brackets that a URL needs. */
export function hostnameOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}
