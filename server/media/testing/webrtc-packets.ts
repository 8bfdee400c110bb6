import { createHmac, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/** What a browser sends before there is sound, made by hand so that a test can spoil it. */

const MAGIC_COOKIE = 0x2112_a442;

function stunAttribute(type: number, value: Uint8Array): Buffer {
  const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  padded.writeUInt16BE(type, 0);
  padded.writeUInt16BE(value.length, 2);
  padded.set(value, 4);
  return padded;
}

/** A connectivity check (RFC 8445) that nominates its path. Who answers it takes what follows. */
export function bindingRequest(user: string, password: string, extra?: Uint8Array): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(1, 0);
  header.writeUInt32BE(MAGIC_COOKIE, 4);
  header.set(randomBytes(12), 8);
  const attributes = [
    stunAttribute(0x0006, Buffer.from(user)),
    stunAttribute(0x802a, randomBytes(8)),
    stunAttribute(0x0024, Uint8Array.of(0x6e, 0, 1, 255)),
    stunAttribute(0x0025, new Uint8Array(0)),
    ...(extra ? [stunAttribute(0x8fff, extra)] : []),
  ];
  const signed = withLength(header, attributes, 24);
  attributes.push(stunAttribute(0x0008, createHmac("sha1", password).update(signed).digest()));
  const fingerprint = Buffer.alloc(4);
  fingerprint.writeUInt32BE((crc32(withLength(header, attributes, 8)) ^ 0x5354_554e) >>> 0);
  return withLength(header, [...attributes, stunAttribute(0x8028, fingerprint)], 0);
}

/** `later`: bytes of attributes that the length counts and that are not there yet. */
function withLength(header: Buffer, attributes: Buffer[], later: number): Buffer {
  const body = Buffer.concat(attributes);
  const written = Buffer.from(header);
  written.writeUInt16BE(body.length + later, 2);
  return Buffer.concat([written, body]);
}

/** The first message of a DTLS 1.2 handshake that offers SRTP. */
export function clientHello(): Buffer {
  const extension = (type: number, ...value: number[]) =>
    Buffer.from([type >> 8, type & 255, 0, value.length, ...value]);
  const extensions = Buffer.concat([
    // SRTP, groups, formats of points, signatures, extended master secret, renegotiation.
    extension(14, 0, 4, 0, 1, 0, 7, 0),
    extension(10, 0, 4, 0, 0x1d, 0, 0x17),
    extension(11, 1, 0),
    extension(13, 0, 8, 4, 3, 4, 1, 5, 1, 8, 4),
    extension(23),
    extension(0xff01, 0),
  ]);
  const body = Buffer.concat([
    Buffer.from([0xfe, 0xfd]),
    randomBytes(32),
    // No session, no cookie, four suites, no compression.
    Buffer.from([0, 0, 0, 8, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x09, 0xc0, 0x13, 1, 0]),
    Buffer.from([extensions.length >> 8, extensions.length & 255]),
    extensions,
  ]);
  const handshake = Buffer.alloc(12);
  handshake.writeUInt8(1, 0);
  handshake.writeUIntBE(body.length, 1, 3);
  handshake.writeUIntBE(body.length, 9, 3);
  const record = Buffer.from([22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, handshake.length]);
  record.writeUInt16BE(handshake.length + body.length, 11);
  return Buffer.concat([record, handshake, body]);
}
