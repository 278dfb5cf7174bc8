import { StewardError } from "../errors.ts";
import { AddressGuard, PrivateAddressError } from "../outbound/address-guard.ts";

const URL_CHARS_MAX = 2048;
const ALL_ADDRESSES = ["0.0.0.0/0", "::/0"];

/** Where a webhook leads, and whether it may lead to the operator's own network. */
export interface Target {
  readonly url: string;
  readonly allowPrivate: boolean;
}

/** Decides where webhooks may lead: when they are made, and at each connection. */
export class TargetGuard {
  private readonly strict = new AddressGuard([]);
  private readonly permitted: AddressGuard;
  private readonly permitsNone: boolean;

  /** @param allowPrivate what the configuration permits */
  constructor(allowPrivate: boolean | readonly string[]) {
    const rules = allowPrivate === true ? ALL_ADDRESSES : allowPrivate || [];
    this.permitted = new AddressGuard(rules);
    this.permitsNone = rules.length === 0;
  }

  /** What checks the addresses of a connection. */
  guardOf({ allowPrivate }: Pick<Target, "allowPrivate">): AddressGuard {
    return allowPrivate ? this.permitted : this.strict;
  }

  /**
   * Refuses what could never be sent to. A name without an address yet passes: it is looked up again
   * at each connection.
   * @throws StewardError `invalid_request`
   */
  async assertTarget(target: Target): Promise<void> {
    const { hostname } = parseTarget(target.url);
    if (target.allowPrivate && this.permitsNone) {
      throw toInvalid(
        "allow_private: the configuration permits none; name addresses in webhooks.allow_private",
      );
    }
    const guard = this.guardOf(target);
    if (!guard.allowsHost(hostname)) throw toPrivate(target);
    const { promise, resolve } = Promise.withResolvers<Error | null>();
    guard.lookup(hostname.replace(/^\[(.*)\]$/, "$1"), { all: true }, resolve);
    if ((await promise) instanceof PrivateAddressError) throw toPrivate(target);
  }
}

/**
 * Parses a webhook's URL: http or https, without credentials.
 * @throws StewardError `invalid_request`
 */
export function parseTarget(text: string): URL {
  const url = text.length <= URL_CHARS_MAX && URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && url.username === "" && url.password === "";
  if (isPlain && /^https?:$/.test(url.protocol)) return url;
  throw toInvalid("url: expected an http or https URL without credentials");
}

function toPrivate({ allowPrivate }: Target): StewardError {
  return toInvalid(
    allowPrivate
      ? "url: its host has a private or reserved address that webhooks.allow_private does not name"
      : "url: its host has a private or reserved address, which takes allow_private here and webhooks.allow_private in the configuration",
  );
}

function toInvalid(message: string): StewardError {
  return new StewardError("invalid_request", { message });
}
