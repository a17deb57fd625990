import ipaddr from 'ipaddr.js';

/** A public address that only means something inside one cloud: Azure's WireServer. */
const cloudInternal = new Set(['168.63.129.16']);

/**
 * Whether an IP address (v4 or v6, as text) belongs to the public internet. Loopback, private, link-local (with the
 * clouds' metadata services), shared, multicast, reserved and every transition range that could wrap one of them do not.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  // What IANA has not given out (2000::/3 is all there is) is not "unicast", whatever the name of the range says.
  if (parsed instanceof ipaddr.IPv6) return (parsed.parts[0]! & 0xe000) === 0x2000;
  return !cloudInternal.has(parsed.toString());
}
