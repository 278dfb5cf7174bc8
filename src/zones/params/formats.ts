import { isIPv6 } from "node:net";
import { domainToUnicode } from "node:url";
import { format } from "@cfworker/json-schema";

const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const TIME = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:[zZ]|([+-])([0-9]{2}):([0-9]{2}))$/;
const DAY_MINUTES = 24 * 60;

const DURATION_DATE = "(?:[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)";
const DURATION_TIME = "T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S)";
const DURATION = new RegExp(
  `^P(?:[0-9]+W|${DURATION_DATE}(?:${DURATION_TIME})?|${DURATION_TIME})$`,
);

const OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

const HOSTNAME_CHARS_MAX = 253;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

const LOCAL_PART_CHARS_MAX = 64;
const ATOM = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+$/i;
const QUOTED = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"$/;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const JSON_POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;

/** Splits any text; RFC 3986, appendix B, but that parts which are not there stay undefined. */
const URI_PARTS = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;
const SCHEME = /^[a-z][a-z0-9+.-]*$/i;
/** An address literal or a name, and the port. */
const PLACE = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/s;
const PORT = /^[0-9]*$/;
const IP_FUTURE = /^v[0-9a-f]+\.[a-z0-9\-._~!$&'()*+,;=:]+$/i;
const USER_INFO = uriChars(":");
const REG_NAME = uriChars("");
const PATH = uriChars(":@/");
const QUERY = uriChars(":@/?");

/** The formats that are judged, each in time proportional to the text; `docs/protocol.md` §6. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  time: isTime,
  "date-time": isDateTime,
  duration: (text) => DURATION.test(text),
  email: isEmail,
  hostname: isHostname,
  ipv4: (text) => IPV4.test(text),
  ipv6: isIpv6,
  uuid: (text) => UUID.test(text),
  uri: (text) => isUriReference(text) && URI_PARTS.exec(text)?.[1] !== undefined,
  "uri-reference": isUriReference,
  "json-pointer": (text) => JSON_POINTER.test(text),
};

// The validator looks formats up in this table of its own, and its own take what the RFCs refuse.
Object.assign(format, FORMATS);

/** Tells whether a format decides on validity here; any other is an annotation. */
export function isJudgedFormat(name: string): boolean {
  return Object.hasOwn(FORMATS, name);
}

/** RFC 3339, `full-date`. */
function isDate(text: string): boolean {
  const [, year = 0, month = 0, day = 0] = (DATE.exec(text) ?? []).map(Number);
  if (month < 1 || month > 12 || day < 1) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day <= days;
}

/** RFC 3339, `full-time`; a leap second is the last one of a day in UTC. */
function isTime(text: string): boolean {
  const match = TIME.exec(text);
  if (match === null) return false;
  const [hour, minute, second] = match.slice(1, 4).map(Number) as [number, number, number];
  const [offsetHour, offsetMinute] = match.slice(5, 7).map((part = "0") => Number(part));
  if (hour > 23 || minute > 59 || second > 60) return false;
  if ((offsetHour ?? 0) > 23 || (offsetMinute ?? 0) > 59) return false;
  if (second < 60) return true;
  const offset = (match[4] === "-" ? -1 : 1) * ((offsetHour ?? 0) * 60 + (offsetMinute ?? 0));
  const utc = (hour * 60 + minute - offset + DAY_MINUTES) % DAY_MINUTES;
  return utc === DAY_MINUTES - 1;
}

/** RFC 3339, `date-time`: one T between the two, no blank. */
function isDateTime(text: string): boolean {
  const [date = "", time = "", ...rest] = text.split(/[tT]/);
  return rest.length === 0 && isDate(date) && isTime(time);
}

/** RFC 1123 §2.1; a label that begins with `xn--` has to be the form of some Unicode (RFC 5890). */
function isHostname(text: string): boolean {
  if (text.length > HOSTNAME_CHARS_MAX) return false;
  return text.split(".").every((label) => LABEL.test(label) && isHostLabel(label.toLowerCase()));
}

function isHostLabel(label: string): boolean {
  if (label.startsWith("xn--")) return !["", label].includes(domainToUnicode(label));
  return label.slice(2, 4) !== "--";
}

/** RFC 5321 §4.1.2, `Mailbox`, but for address literals other than IPv4 and IPv6. */
function isEmail(text: string): boolean {
  const at = text.lastIndexOf("@");
  const [local, host] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
  if (local === "" || local.length > LOCAL_PART_CHARS_MAX) return false;
  if (!QUOTED.test(local) && !local.split(".").every((atom) => ATOM.test(atom))) return false;
  const literal = /^\[(IPv6:)?(.*)\]$/i.exec(host);
  if (literal === null) return isHostname(host);
  const [, tag, address = ""] = literal;
  return tag === undefined ? IPV4.test(address) : isIpv6(address);
}

/** RFC 4291 §2.2; a zone (`%eth0`) is no part of an address. */
function isIpv6(text: string): boolean {
  return !text.includes("%") && isIPv6(text);
}

/** RFC 3986, `URI-reference`. */
function isUriReference(text: string): boolean {
  const [, scheme, authority, path = "", query = "", fragment = ""] = URI_PARTS.exec(text) ?? [];
  if (scheme !== undefined && !SCHEME.test(scheme)) return false;
  if (authority !== undefined && !isAuthority(authority)) return false;
  // Up to the first slash a colon would end a scheme.
  if (scheme === undefined && authority === undefined && /^[^/]*:/.test(path)) return false;
  return PATH.test(path) && QUERY.test(query) && QUERY.test(fragment);
}

function isAuthority(text: string): boolean {
  const at = text.lastIndexOf("@");
  if (at !== -1 && !USER_INFO.test(text.slice(0, at))) return false;
  const place = PLACE.exec(text.slice(at + 1));
  if (place === null || !PORT.test(place[3] ?? "")) return false;
  const [, literal, name = ""] = place;
  if (literal === undefined) return REG_NAME.test(name);
  return isIpv6(literal) || IP_FUTURE.test(literal);
}

/** Whole texts of unreserved characters, sub-delimiters, escapes, and the given ones. */
function uriChars(others: string): RegExp {
  return new RegExp(`^(?:[a-z0-9\\-._~!$&'()*+,;=${others}]|%[0-9a-f]{2})*$`, "i");
}
