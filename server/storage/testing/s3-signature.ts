import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

export type S3Credentials = { accessKeyId: string; secretAccessKey: string; region: string };

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, text: string) =>
  createHmac("sha256", key).update(text).digest();

/** As AWS escapes: everything but letters, digits and `-_.~`. */
const escape = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/gu,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/u;
const SKEW_MS = 15 * 60 * 1000;

/** The error code that S3 would answer with, or undefined when the signature (version 4) is right. */
export function refusalOf(
  request: IncomingMessage,
  body: Buffer,
  credentials: S3Credentials,
): string | undefined {
  const match = AUTHORIZATION.exec(request.headers.authorization ?? "");
  if (!match) return "AccessDenied";
  const [, accessKeyId, date = "", region = "", signedHeaders = "", signature = ""] = match;
  if (accessKeyId !== credentials.accessKeyId) return "InvalidAccessKeyId";
  if (region !== credentials.region) return "AuthorizationHeaderMalformed";

  const names = signedHeaders.split(";");
  const mustBeSigned = Object.keys(request.headers).filter((name) => name.startsWith("x-amz-"));
  if (!["host", ...mustBeSigned].every((name) => names.includes(name))) return "AccessDenied";
  if (names.join(";") !== names.toSorted().join(";")) return "SignatureDoesNotMatch";

  const time = headerOf(request, "x-amz-date");
  const at = Date.parse(
    time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u, "$1-$2-$3T$4:$5:$6Z"),
  );
  if (!time.startsWith(date) || !(Math.abs(Date.now() - at) < SKEW_MS))
    return "RequestTimeTooSkewed";

  const payload = headerOf(request, "x-amz-content-sha256");
  if (payload !== "UNSIGNED-PAYLOAD" && payload !== sha256(body)) {
    return "XAmzContentSHA256Mismatch";
  }

  const url = new URL(request.url ?? "", "http://host");
  const query = Array.from(url.searchParams, ([name, value]) => [escape(name), escape(value)])
    .map((pair) => pair.join("="))
    .toSorted()
    .join("&");
  const path = decodeURIComponent(url.pathname).split("/").map(escape).join("/");
  const headers = names.map((name) => `${name}:${headerOf(request, name)}\n`).join("");
  const canonical = [request.method, path, query, headers, signedHeaders, payload].join("\n");
  const scope = `${date}/${region}/s3/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");

  const dateKey = hmac(`AWS4${credentials.secretAccessKey}`, date);
  const key = hmac(hmac(hmac(dateKey, region), "s3"), "aws4_request");
  const right = hmac(key, text);
  const given = Buffer.from(signature, "hex");
  return timingSafeEqual(right, given) ? undefined : "SignatureDoesNotMatch";
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  const text = Array.isArray(value) ? value.join(",") : (value ?? "");
  return text.trim().replace(/ +/gu, " ");
}
