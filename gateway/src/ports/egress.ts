/** Keeps containers from the machine itself and from the private networks around it. */

/** `reason`: why nothing is kept from containers; null: all is. */
export type FirewallState = { enforced: boolean; reason: string | null };

/** Still of Docker: its rules are about bridges. Other backends of containers have network policies of their own. */
export type Firewall = {
  /** Name of the bridge for one of this gateway's networks. */
  bridgeOf(network: string): string;
  /** Sets what is missing, and says from then on whether it could. Nothing runs on a network before that. */
  ensure(): Promise<FirewallState>;
  /** As of the last time that rules were looked at. */
  state(): FirewallState;
  /** Removes the rules, unless containers are still kept from something by them. */
  [Symbol.asyncDispose](): Promise<void>;
};
